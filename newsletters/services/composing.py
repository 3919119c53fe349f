"""What a newsletter looks like: subject, HTML and text in one language, with the places of each reader still open.

The same function serves the message that is sent, the test, the preview while writing and the web version, so what is
seen is what is sent. English falls back to Italian where nothing is written. A link in a mail tells nobody who opened
it: only the two that the reader herself needs, preferences and unsubscribing, carry her token.
"""

from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import Value
from django.db.models.functions import Coalesce, JSONObject
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from core.markdown import to_html
from mail.composing import fill
from mail.emails import inline_styles
from newsletters.models import Newsletter, Subscription
from newsletters.services import figures, plain_text
from newsletters.services.personal import Places
from programmes.models import Organisation

TEMPLATE = "emails/newsletters/newsletter"
NOBODY = "trial"
"""A token that is nobody's: a page says that its link comes from a trial copy."""
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@dataclass(frozen=True)
class Composed:
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    places: dict[str, list[str]]


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


def compose(newsletter: Newsletter, language: str, *, is_trial: bool = False) -> Composed:
    """`newsletter` as it stands, saved or not. A trial has no web version yet: its link says so."""
    places = Places()
    programme = newsletter.programme
    with translation.override(language):
        subject = places.prepare(newsletter.subject.localize(language).strip())
        body = places.prepare(newsletter.body.localize(language))
        context = {
            "LANGUAGE_CODE": language,
            "newsletter": newsletter,
            "programme": programme,
            "funders": programme.organisations.filter(role=Organisation.Role.FUNDER),
            "subject": subject,
            "body_html": with_whole_addresses(to_html(body)),
            "body_text": plain_text.from_markdown(body),
            "web_url": personal_link("preferences") if is_trial else _web_address(newsletter),
            "preferences_url": personal_link("preferences"),
            "unsubscribe_url": personal_link("unsubscribe"),
        }
        return Composed(
            subject=subject,
            text=render_to_string(f"{TEMPLATE}.txt", context).strip() + "\n",
            html=inline_styles(figures.with_tagged_links(render_to_string(f"{TEMPLATE}.html", context), newsletter)),
            headers=_headers(newsletter),
            places=places.as_json(),
        )


def as_read_by(newsletter: Newsletter, language: str, first_name: str) -> Composed:
    """The copy of somebody of that name, for the preview and the trial; its links open nobody's page."""
    composed = compose(newsletter, language, is_trial=True)
    reader = known_of(Subscription(first_name=first_name, token=NOBODY))
    return replace(
        composed,
        subject=fill(composed.subject, reader, composed.places),
        text=fill(composed.text, reader, composed.places),
        html=fill(composed.html, reader, composed.places, is_html=True),
    )


@dataclass(frozen=True)
class WebVersion:
    subject: str
    body: SafeString


def web_version(newsletter: Newsletter, language: str) -> WebVersion:
    """The text for everybody, each place with what it says to an unknown reader."""
    places = Places()
    subject = places.prepare(newsletter.subject.localize(language))
    body = to_html(places.prepare(newsletter.body.localize(language)))
    said = places.as_json()
    return WebVersion(fill(subject, {}, said), mark_safe(fill(body, {}, said, is_html=True)))  # noqa: S308 (sanitised)


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


def with_whole_addresses(html: SafeString) -> SafeString:
    """Links and images written as `/eventi/` work in a mail only with the site's address in front."""
    for attribute in ("href", "src"):
        html = html.replace(f'{attribute}="/', f'{attribute}="{settings.SITE_URL}/')
    return mark_safe(html)  # noqa: S308 (sanitised before)
