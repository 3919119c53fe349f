"""The links and images of a finished mail, and whether a link of ours leads somewhere.

Our own pages are looked up, not called: the map of addresses says which page it is, the database whether an event or a
newsletter of that name is public. Pages of others are only read as addresses here; asking them is `outside`.
"""

import posixpath
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import timezone, translation

from core import markdown
from events.models import Event
from newsletters.models import Newsletter

EVENT_PAGES = {"events:detail", "events:event-calendar", "registrations:create"}
SECRETS = {"token", "ticket", "nonce"}


@dataclass(frozen=True)
class Image:
    address: str
    is_described: bool


@dataclass
class Seen:
    """What a reader of the HTML part meets."""

    links: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.seen.links.append(values["href"])
        if tag == "img":
            self.seen.images.append(Image(values.get("src") or "", "alt" in values))
            self.seen.text += f" {values.get('alt') or ''} "

    def handle_data(self, data: str) -> None:
        self.seen.text += data


def read(html: str) -> Seen:
    reader = _Reader()
    reader.feed(html)
    reader.seen.links = list(dict.fromkeys(reader.seen.links))
    return reader.seen


def is_ours(address: str) -> bool:
    """Not `//host`: for a browser that is another site."""
    return markdown.is_ours(address) or address == settings.SITE_URL


def path_of(address: str) -> str:
    return unquote(urlsplit(address).path) or "/"


def is_upload(address: str) -> bool:
    return is_ours(address) and path_of(address).startswith(settings.MEDIA_URL)


def is_uploaded(path: str) -> bool:
    """Whether the file behind `/media/…` is there."""
    try:
        return default_storage.exists(posixpath.normpath(path.removeprefix(settings.MEDIA_URL)))
    except SuspiciousFileOperation:
        return False


def outside(html: str) -> list[str]:
    """Links of a mail that lead to other sites."""
    return [one for one in read(html).links if one.startswith(("http://", "https://")) and not is_ours(one)]


def problem(address: str, newsletter: Newsletter) -> tuple[str, str] | None:
    """The code of what is wrong with a link, and the words to show for it. None when nothing is, or nobody can say."""
    if "%%" in address or address.startswith(("#", "tel:", "cid:")):
        return None
    if address.startswith("mailto:"):
        return None if "@" in address else ("broken_address", address)
    if is_ours(address):
        return _ours(path_of(address), newsletter)
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not parts.username
    except ValueError:
        is_whole = False
    if not is_whole:
        return "broken_address", address
    return ("insecure_link", address) if parts.scheme == "http" else None


def _ours(path: str, newsletter: Newsletter) -> tuple[str, str] | None:
    if path.startswith(settings.STATIC_URL):
        return None
    match = _page(path)
    if match is None:
        return "dead_link", path
    if match.view_name == "uploads":
        return None if is_uploaded(path) else ("dead_link", path)
    if SECRETS & match.kwargs.keys():
        return "personal_link", path
    if match.view_name in EVENT_PAGES:
        return _event(path, match.kwargs["slug"], newsletter)
    if match.view_name == "newsletters:detail":
        return _newsletter(path, match.kwargs["slug"], newsletter)
    return ("staff_link", path) if _is_for_staff(path) else None


def _page(path: str) -> ResolverMatch | None:
    head = path.lstrip("/").partition("/")[0]
    others = {code for code, _name in settings.LANGUAGES} - {settings.LANGUAGE_CODE}
    with translation.override(head if head in others else settings.LANGUAGE_CODE):
        try:
            return resolve(path)
        except Resolver404:
            return None


def _is_for_staff(path: str) -> bool:
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            if path.startswith(reverse("accounts:desk")):
                return True
    return False


def _event(path: str, slug: str, newsletter: Newsletter) -> tuple[str, str] | None:
    event = Event.objects.filter(slug=slug, programme=newsletter.programme_id).first()
    if event is None:
        return "dead_link", path
    if event.cancelled_at:
        return "cancelled_event", str(event.title)
    if not event.published_at:
        return "unpublished_link", str(event.title)
    return ("over_event", str(event.title)) if event.ends_at <= timezone.now() else None


def _newsletter(path: str, slug: str, newsletter: Newsletter) -> tuple[str, str] | None:
    other = Newsletter.objects.filter(slug=slug, programme=newsletter.programme_id).first()
    if other is None:
        return "dead_link", path
    return None if other.sent_at or other.pk == newsletter.pk else ("unpublished_link", other.title)
