"""Writing a newsletter: begin one, change its words and its audience, send oneself a test.

Two people may have the same page open: whoever saves second is told, and loses nothing of what she typed. Once it
leaves nothing changes any more, because what was sent must stay readable as it was.
"""

from datetime import date
from itertools import count

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from i18nfield.strings import LazyI18nString

from accounts.models import User
from core import markdown
from core.tokens import link_token
from mail.services import outbox
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, checking, composing, personal
from newsletters.services.audiences import Audience
from programmes.models import Programme

RESERVED_SLUGS = {"iscriviti", "subscribe", "new", "nuova", "audiences", "destinatari", "readers", "persone"}
"""Words that are pages of their own under the newsletters' address."""
LONGEST_BODY = 100_000
"""Characters; a newsletter of 100 kB is cut by the large mail providers."""


@transaction.atomic
def begin(*, programme: Programme, subject: LazyI18nString, due_on: date) -> Newsletter:
    """A new draft, under an address made of its subject."""
    base = slugify(str(subject))[:60] or "newsletter"
    taken = set(Newsletter.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED_SLUGS
    slugs = (base if number == 1 else f"{base}-{number}" for number in count(1))
    slug = next(slug for slug in slugs if slug not in taken)
    return Newsletter.objects.create(programme=programme, slug=slug, subject=subject, due_on=due_on)


@transaction.atomic
def save(
    *, newsletter: Newsletter, subject: LazyI18nString, body: LazyI18nString, audience: Audience, version: int
) -> Newsletter:
    """Keep the words and the audience. Errors `not_editable`, `changed`, `empty`, `too_long`, `unknown_place`,
    `foreign_image`, `image_without_words`."""
    kept = Newsletter.objects.select_for_update().get(pk=newsletter.pk)
    if not kept.is_editable:
        raise NewsletterError("not_editable", _("It has already left: nothing can be changed any more."))
    if kept.version != version:
        raise NewsletterError(
            "changed", _("Somebody saved this newsletter after you opened it. Copy your text, reload, and put it in.")
        )
    before = checking.what_is_said(kept)
    _check(subject, body, is_scheduled=kept.state == Newsletter.State.SCHEDULED)
    kept.subject, kept.body, kept.audience, kept.version = subject, body, audience.as_json(), version + 1
    kept.topic = audience.topic
    kept.save(update_fields=["subject", "body", "audience", "topic", "version", "changed_at"])
    if checking.what_is_said(kept) != before:
        checking.reopen(kept)
    return kept


def _check(subject: LazyI18nString, body: LazyI18nString, *, is_scheduled: bool) -> None:
    for name, text in (("subject", subject), ("body", body)):
        for language in composing.LANGUAGES:
            written = _in(text, language)
            field = f"{name}_{language}"
            if len(written) > LONGEST_BODY:
                message = _("This text is too long: mail programs would cut it.")
                raise NewsletterError("too_long", message, {field: message})
            try:
                personal.check(written)
                _check_images(written)
            except NewsletterError as error:
                raise NewsletterError(error.code, error.message, {field: error.message}) from error
        if is_scheduled and not str(text).strip():
            message = _("It is scheduled: it needs a subject and a text.")
            raise NewsletterError("empty", message, {f"{name}_{composing.LANGUAGES[0]}": message})


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


def _in(text: LazyI18nString, language: str) -> str:
    data = text.data
    return (data.get(language) or "") if isinstance(data, dict) else str(data or "")


@transaction.atomic
def send_test(*, newsletter: Newsletter, to: User, language: str) -> None:
    """One copy to who asks, as it stands, marked as a trial."""
    copy = composing.as_read_by(newsletter, language, to.first_name)
    message = outbox.add_message(
        kind="newsletters.test",
        language=language,
        subject=_("[Trial] %(subject)s") % {"subject": copy.subject},
        text=copy.text,
        html=copy.html,
        reply_to=newsletter.programme.contact_email,
    )
    key = f"newsletters.test:{newsletter.pk}:{link_token()}"
    outbox.add_delivery(key=key, message=message, to=to.email, name=to.get_full_name())
