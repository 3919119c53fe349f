"""Writing a newsletter: begin one, change its words and audience, go back to an earlier version, send oneself a test.

Two people may have the same page open: whoever saves second is told, and loses nothing of what she typed. Once it
leaves nothing changes any more, because what was sent must stay readable as it was.
"""

import re
from datetime import date
from itertools import count
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext as _
from i18nfield.strings import LazyI18nString

from accounts.models import User
from core import markdown
from core.names import is_one_line
from core.tokens import link_token
from mail.services import outbox
from newsletters.models import Newsletter, Subscription
from newsletters.places import for_a_stranger
from newsletters.services import NewsletterError, blocks, checking, composing, personal, pictures, versions
from newsletters.services.audiences import Audience
from programmes.models import Programme

RESERVED_SLUGS = {
    "iscriviti",
    "subscribe",
    "new",
    "nuova",
    "pictures",
    "immagini",
    "audiences",
    "destinatari",
    "readers",
    "persone",
}
"""Words that are pages of their own under the newsletters' address."""
LONGEST_BODY = 100_000
"""Characters; a newsletter of 100 kB is cut by the large mail providers."""


@transaction.atomic
def begin(
    *, programme: Programme, subject: LazyI18nString, due_on: date, start_from: Newsletter | None = None
) -> Newsletter:
    """A new draft, under an address made of its subject; with the text, the audience and the topic of another one, and
    its subject in the languages in which none is given. Errors `not_one_line`, those of `personal.check`."""
    try:
        for language in composing.LANGUAGES:
            check_subject(_in(subject, language))
    except NewsletterError as error:
        raise NewsletterError(error.code, error.message, {"subject": error.message}) from error
    if start_from:
        given = {language: _in(subject, language) for language in composing.LANGUAGES}
        earlier = {language: _in(start_from.subject, language) for language in composing.LANGUAGES}
        subject = LazyI18nString({language: given[language] or earlier[language] for language in given})
    base = slugify(for_a_stranger(str(subject)))[:60] or "newsletter"
    taken = set(Newsletter.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED_SLUGS
    slugs = (base if number == 1 else f"{base}-{number}" for number in count(1))
    slug = next(slug for slug in slugs if slug not in taken)
    copied = ("body", "audience", "topic", "embeds_images") if start_from else ()
    values = {name: getattr(start_from, name) for name in copied}
    return Newsletter.objects.create(programme=programme, slug=slug, subject=subject, due_on=due_on, **values)


def last(programme: Programme) -> Newsletter | None:
    """The one to start from: what was sent last, else what was written last."""
    written = programme.newsletters.exclude(body="").exclude(body=LazyI18nString({}))
    return written.order_by(F("sent_at").desc(nulls_last=True), "-changed_at").first()


@transaction.atomic
def save(
    *,
    newsletter: Newsletter,
    subject: LazyI18nString,
    body: LazyI18nString,
    audience: Audience,
    version: int,
    embeds_images: bool = False,
    by: User | None = None,
) -> Newsletter:
    """Keep the words and the audience, as a version of their own; saving the same again changes nothing.

    Errors `not_editable`, `changed`, `empty`, `too_long`, `too_nested`, `not_one_line`, `control_signs`,
    `foreign_image`, `foreign_link`, `image_without_words`, `unknown_picture`, `pictures_too_heavy`, and those of
    `personal.check` and `blocks.check`.
    """
    kept = Newsletter.objects.locked(newsletter.pk)
    if not kept.is_editable:
        raise NewsletterError("not_editable", _("It has already left: nothing can be changed any more."))
    if kept.version != version:
        raise NewsletterError(
            "changed", _("Somebody saved this newsletter after you opened it. Copy your text, reload, and put it in.")
        )
    written = {
        "subject": subject,
        "body": body,
        "audience": audience.as_json(),
        "topic": audience.topic,
        "embeds_images": embeds_images,
    }
    check_words(kept, subject, body, is_scheduled=kept.state == Newsletter.State.SCHEDULED)
    if all(_plain(getattr(kept, name)) == _plain(value) for name, value in written.items()):
        return kept
    before = checking.what_is_said(kept)
    versions.keep_first(kept)
    for name, value in written.items():
        setattr(kept, name, value)
    if embeds_images:
        for language in composing.LANGUAGES:
            pictures.check_weight(composing.compose(kept, language).attachments)
    kept.version = version + 1
    kept.save(update_fields=[*written, "version", "changed_at"])
    versions.keep(kept, by)
    if checking.what_is_said(kept) != before:
        checking.reopen(kept)
    return kept


@transaction.atomic
def restore(*, newsletter: Newsletter, number: int, by: User) -> Newsletter:
    """All that an earlier version said, and to whom, again, as a new version. Errors as `save`, `no_version`."""
    earlier = newsletter.versions.filter(number=number).first()
    if earlier is None:
        raise NewsletterError("no_version", _("There is no such version any more."))
    return save(
        newsletter=newsletter,
        subject=earlier.subject,
        body=earlier.body,
        audience=Audience.read(earlier.audience, earlier.topic),
        version=newsletter.version,
        embeds_images=earlier.embeds_images,
        by=by,
    )


def _plain(value: Any) -> Any:
    """A text as what is written in it: an empty language is the same as none; line ends of a browser are line ends."""
    if not isinstance(value, LazyI18nString):
        return value
    return {language: _in(value, language).replace("\r\n", "\n") for language in composing.LANGUAGES}


def check_words(newsletter: Newsletter, subject: LazyI18nString, body: LazyI18nString, *, is_scheduled: bool) -> None:
    facts = blocks.Facts(newsletter.programme)
    for name, text in (("subject", subject), ("body", body)):
        for language in composing.LANGUAGES:
            written = _in(text, language)
            field = f"{name}_{language}"
            if len(written) > LONGEST_BODY:
                message = _("This text is too long: mail programs would cut it.")
                raise NewsletterError("too_long", message, {field: message})
            if markdown.is_too_tangled(written):
                message = _("There are thousands of brackets, stars or other signs of formatting here: take some out.")
                raise NewsletterError("too_nested", message, {field: message})
            try:
                if name == "subject":
                    check_subject(written)
                else:
                    _check_signs(written)
                    personal.check(written)
                    blocks.check(written, facts)
                    _check_images(written)
                    _check_links(written)
                    pictures.check(newsletter, written)
            except NewsletterError as error:
                raise NewsletterError(error.code, error.message, {field: error.message}) from error
        if is_scheduled and not str(text).strip():
            message = _("It is scheduled: it needs a subject and a text.")
            raise NewsletterError("empty", message, {f"{name}_{composing.LANGUAGES[0]}": message})


def check_subject(written: str) -> None:
    """One line of a mail's head: no control signs, whole fields, no blocks."""
    if not is_one_line(written):
        message = _("The subject is one line: take out what breaks it and signs that cannot be seen.")
        raise NewsletterError("not_one_line", message)
    personal.check(written)
    blocks.check_brackets(written)


def _check_signs(written: str) -> None:
    """A feed takes no control signs."""
    if not is_one_line(re.sub(r"[\t\r\n\u2028\u2029]", " ", written)):
        message = _("There are signs in this text that cannot be seen: copy it again as plain text.")
        raise NewsletterError("control_signs", message)


def _check_images(source: str) -> None:
    """Ours, so that no other site learns who reads; described, for who does not see them."""
    for address, words in markdown.images(source):
        shown = {"address": address[:100]}
        if not markdown.is_ours(address):
            message = _(
                "The image “%(address)s” lies on another site, which would learn who reads. Use one of ours (/media/…)."
            )
            raise NewsletterError("foreign_image", message % shown)
        if not words:
            message = _("Say in the square brackets what the image “%(address)s” shows: ![…](…).")
            raise NewsletterError("image_without_words", message % shown)


def _check_links(source: str) -> None:
    """A browser reads `//host`, and a backslash like a slash, as another site's address; a reader sees neither."""
    for address in markdown.links(source):
        if re.match(r"(/|\\|%5C){2}", address.removeprefix(settings.SITE_URL), re.IGNORECASE):
            message = _("“%(address)s” looks like a page of ours and leads to another site: begin it with https://.")
            raise NewsletterError("foreign_link", message % {"address": address[:100]})


def _in(text: LazyI18nString, language: str) -> str:
    data = text.data
    return (data.get(language) or "") if isinstance(data, dict) else str(data or "")


@transaction.atomic
def send_test(*, newsletter: Newsletter, to: User, language: str) -> None:
    """One copy to who asks, as it stands, marked as a trial."""
    reader = Subscription(email=to.email, first_name=to.first_name, last_name=to.last_name, language=language)
    copy = composing.as_read_by(newsletter, reader)
    message = outbox.add_message(
        kind="newsletters.test",
        language=language,
        subject=_("[Trial] %(subject)s") % {"subject": copy.subject},
        text=copy.text,
        html=copy.html,
        attachments=copy.attachments,
        reply_to=newsletter.programme.contact_email,
    )
    key = f"newsletters.test:{newsletter.pk}:{link_token()}"
    outbox.add_delivery(key=key, message=message, to=to.email, name=to.get_full_name())
