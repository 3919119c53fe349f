"""What a newsletter looks like: subject, HTML and text in one language, with the places of each reader still open.

The same function serves the message that is sent, the test, the preview while writing and the web version, so what is
seen is what is sent. English falls back to Italian where nothing is written. A link in a mail tells nobody who opened
it: only the two that the reader herself needs, preferences and unsubscribing, carry her token.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import nh3
from django.conf import settings
from django.db.models import Value
from django.db.models.functions import Coalesce, JSONObject
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from core import markdown
from mail.composing import fill
from mail.emails import inline_styles
from mail.models import Message
from mail.services.outbox import Attachment
from newsletters.models import Newsletter, Subscription
from newsletters.services import blocks, figures, next_steps, pictures
from newsletters.services.personal import Places
from programmes.models import Organisation

TEMPLATE = "emails/newsletters/newsletter"
NOBODY = "trial"
"""A token that is nobody's: a page says that its link comes from a trial copy."""
WORDS = re.compile(r"<!--words-->(.*?)<!--/words-->", re.DOTALL)
"""What the writer wrote, in the HTML of a mail."""
TAGS = {
    "a", "blockquote", "br", "code", "div", "em", "h2", "h3", "h4", "hr", "img", "li", "ol", "p", "pre", "s", "span",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"class", "role", "aria-hidden"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"width"},
}
"""A page's own style sheet dresses the words, not the mail's."""
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@dataclass(frozen=True)
class Composed:
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    places: dict[str, list[str]]
    attachments: list[Attachment] = field(default_factory=list)


def known_of(subscription: Subscription) -> dict[str, str]:
    """What a copy may say of its reader, whichever newsletter it is: the fields of `personal`, and her links' token."""
    return {
        "first_name": subscription.first_name,
        "last_name": subscription.last_name,
        "province": subscription.territory.name if subscription.territory else "",
        "token": subscription.token,
    }


def known_of_each() -> JSONObject:
    """The same as an expression over subscriptions, for all of them at once."""
    return JSONObject(
        first_name="first_name",
        last_name="last_name",
        province=Coalesce("territory__name", Value("")),
        token="token",  # noqa: S106 (the name of a column)
    )


def compose(newsletter: Newsletter, language: str, *, is_trial: bool = False, is_on_page: bool = False) -> Composed:
    """`newsletter` as it stands, saved or not. A trial has no web version yet: its link says so. On a page of ours
    pictures stay where they are, and blocks that do not exist say so."""
    places = Places()
    with translation.override(language):
        subject = places.prepare(newsletter.subject.localize(language).strip())
        source = places.prepare(newsletter.body.localize(language))
        facts = blocks.Facts(newsletter.programme)
        body = blocks.render(source, facts, shows_errors=is_on_page, site=settings.SITE_URL)
        context = {
            "LANGUAGE_CODE": language,
            "newsletter": newsletter,
            "programme": newsletter.programme,
            "funders": [one for one in facts.organisations if one.role == Organisation.Role.FUNDER],
            "subject": subject,
            "body_html": body.html,
            "body_text": body.text,
            "web_url": personal_link("preferences") if is_trial else _web_address(newsletter),
            "preferences_url": personal_link("preferences"),
            "unsubscribe_url": personal_link("unsubscribe"),
        }
        html = pictures.with_sizes(render_to_string(f"{TEMPLATE}.html", context))
        html, attachments = pictures.embed(html) if newsletter.embeds_images and not is_on_page else (html, [])
        html = figures.with_tagged_links(
            markdown.with_whole_addresses(html, "href" if is_on_page else "href|src"), newsletter
        )
        return Composed(
            subject=subject,
            text=render_to_string(f"{TEMPLATE}.txt", context).strip() + "\n",
            html=inline_styles(html),
            headers=_headers(newsletter),
            places=places.as_json() | _next_step_places(language),
            attachments=attachments,
        )


def _next_step_places(language: str) -> dict[str, list[str]]:
    """Whoever has no step of her own gets the one that suits everybody."""
    return {place: [place, "", otherwise] for place, otherwise in next_steps.for_anybody(language).items()}


def as_read_by(newsletter: Newsletter, reader: Subscription, *, is_on_page: bool = False) -> Composed:
    """The copy of one reader in her language, for the preview and the trial; its links open nobody's page."""
    composed = compose(newsletter, reader.language, is_trial=True, is_on_page=is_on_page)
    known = known_of(reader) | next_steps.known_of(newsletter, reader) | {"token": NOBODY}
    return replace(
        composed,
        subject=fill(composed.subject, known, composed.places),
        text=fill(composed.text, known, composed.places),
        html=fill(composed.html, known, composed.places, is_html=True),
    )


def in_the_dark(html: str) -> str:
    """The HTML of a mail as a program in dark mode shows it, whatever the mode of who looks."""
    return html.replace("@media (prefers-color-scheme: dark)", "@media all").replace(
        'content="light dark"', 'content="dark"'
    )


@dataclass(frozen=True)
class WebVersion:
    subject: str
    body: SafeString


def web_versions(newsletters: Iterable[Newsletter], language: str) -> dict[int, WebVersion]:
    """What everybody may read, by the newsletter's pk: the words that left, with the meetings and figures of that day,
    each place with what it says to an unknown reader. A correction that waits for a second person's yes is not among
    them yet. One query for all of them; what has not left is shown as it stands."""
    newsletters = list(newsletters)
    left = Message.objects.filter(mailing__in=[one.mailing_id for one in newsletters if one.mailing_id])
    waiting = {one.mailing_id: one.waits_since for one in newsletters if one.waits_since}
    messages = {
        one.mailing_id: one
        for one in left.filter(language=language).exclude(html="").defer("text", "attachments").order_by("pk")
        if one.mailing_id not in waiting or one.created_at < waiting[one.mailing_id]
    }
    return {one.pk: _for_everybody(one, messages.get(one.mailing_id), language) for one in newsletters}


def web_version(newsletter: Newsletter, language: str) -> WebVersion:
    """The same for one."""
    return web_versions([newsletter], language)[newsletter.pk]


def _for_everybody(newsletter: Newsletter, message: Message | None, language: str) -> WebVersion:
    words = WORDS.search(message.html) if message else None
    if words:
        subject, html, said = message.subject, pictures.as_addresses(words.group(1)), message.places
    else:
        places = Places()
        subject = places.prepare(newsletter.subject.localize(language).strip())
        with translation.override(language):
            source = places.prepare(newsletter.body.localize(language))
            html = pictures.with_sizes(blocks.render(source, blocks.Facts(newsletter.programme)).html)
        said = places.as_json() | _next_step_places(language)
    html = re.sub(rf'"{re.escape(settings.SITE_URL)}/(?!/)', '"/', html)
    html = re.sub(rf'[?&](?:amp;)?{figures.PARAMETER}={newsletter.slug}(?=")', "", html)
    body = nh3.clean(fill(html, {}, said, is_html=True), tags=TAGS, attributes=ATTRIBUTES, link_rel=None)
    return WebVersion(fill(subject, {}, said), mark_safe(body))  # noqa: S308 (sanitised)


def _web_address(newsletter: Newsletter) -> str:
    return settings.SITE_URL + newsletter.get_absolute_url()


def personal_link(page: str) -> str:
    """The address of a reader's own page in the current language, with her token left open."""
    return settings.SITE_URL + reverse(f"newsletters:{page}", args=["TOKEN"]).replace("TOKEN", "%%token%%")


def _headers(newsletter: Newsletter) -> dict[str, str]:
    """RFC 2369 and 2919 say which list this is; RFC 8058 lets a mail program unsubscribe with one POST."""
    programme = newsletter.programme
    return {
        "List-Id": f"<newsletter.{programme.slug}.{settings.SITE_HOST}>",
        "List-Unsubscribe": f"<{personal_link('unsubscribe')}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": f"<{settings.SITE_URL}{reverse('newsletters:archive')}>",
        "Precedence": "bulk",
    }
