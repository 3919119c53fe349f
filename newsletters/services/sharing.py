"""A newsletter as texts ready to post: one for each channel, in the voice of the organisation that posts it.

Made from what the newsletter says itself: its subject, how it begins, the events it names, a link. A channel is one row
of CHANNELS with its limit and its custom (on Instagram no link can be opened; a press office wants the whole text).
Each organisation has a link of its own (`?via=cna`), the same for everybody it brings. Nothing is kept, nothing posted.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import unescape

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from newsletters.models import Newsletter
from newsletters.services import archive, composing
from programmes.models import Organisation

SHOWN_EVENTS = 6
HASHTAGS = 5
ROLES = {
    Organisation.Role.LEAD: gettext_lazy("%(name)s leads %(programme)s."),
    Organisation.Role.PARTNER: gettext_lazy("%(name)s is a partner of %(programme)s."),
    Organisation.Role.SUPPORTER: gettext_lazy("%(name)s supports %(programme)s."),
}
_paragraph = re.compile(r"<(p|li|h2|h3|h4)>(.*?)</\1>", re.DOTALL)
"""What somebody wrote; the parts of blocks have a class, and events are listed by themselves."""
_link = re.compile(r'href="([^"]+)"')


@dataclass
class Material:
    """What the texts are made of, in one language."""

    newsletter: Newsletter
    link: str
    subject: str = ""
    opening: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    hashtags: list[str] = field(default_factory=list)
    speaker: str = ""


@dataclass(frozen=True)
class Channel:
    key: str
    label: str | Promise
    custom: str | Promise
    limit: int
    write: Callable[[Material], list[str]]


@dataclass(frozen=True)
class Post:
    channel: Channel
    text: str

    @property
    def length(self) -> int:
        return len(self.text)

    @property
    def lines(self) -> int:
        """How tall its field is drawn: every line whole, as far as a screen allows."""
        return min(26, sum(1 + len(line) // 54 for line in self.text.split("\n")) + 1)


def link_for(newsletter: Newsletter, organisation: Organisation | None = None) -> str:
    """The address that `organisation` posts, in the current language."""
    address = archive.public_address(newsletter)
    return f"{address}?via={organisation.slug}" if organisation else address


def posts(newsletter: Newsletter, language: str, organisation: Organisation | None = None) -> list[Post]:
    """A text for each channel, never longer than the channel takes."""
    with translation.override(language):
        material = _material(newsletter, language, organisation)
        return [Post(channel, _within(channel.write(material), channel.limit)) for channel in CHANNELS]


def _material(newsletter: Newsletter, language: str, organisation: Organisation | None) -> Material:
    page = composing.web_version(newsletter, language)
    blocks = [(tag, _plain(words)) for tag, words in _paragraph.findall(page.body)]
    whole = [words for _tag, words in blocks if words]
    events = _events_in(newsletter, page.body)
    opening = [words for tag, words in blocks if tag == "p" and words][:2] or [str(newsletter.theme)]
    return Material(
        newsletter=newsletter,
        link=link_for(newsletter, organisation),
        subject=page.subject,
        opening=opening,
        whole=whole,
        events=[_line_of(event) for event in events],
        hashtags=_hashtags(newsletter, events),
        speaker=_who(newsletter, organisation),
    )


def _plain(html: str) -> str:
    return " ".join(unescape(strip_tags(html)).split())


def _events_in(newsletter: Newsletter, html: str) -> list[Event]:
    """The events whose pages it links to, in the order of their days."""
    slugs = set()
    for address in _link.findall(html):
        path = unescape(address).removeprefix(settings.SITE_URL).partition("?")[0].partition("#")[0]
        slugs.add(_event_at(path))
    found = Event.objects.public().filter(programme=newsletter.programme_id, slug__in=slugs - {""})
    return list(found.select_related("venue", "territory").order_by("starts_at", "pk")[:SHOWN_EVENTS])


def _event_at(path: str) -> str:
    """The slug of the event whose page is at `path`, in any language; empty where there is none."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            try:
                match = resolve(path)
            except Resolver404:
                continue
        if match.view_name == "events:detail":
            return match.kwargs["slug"]
    return ""


def _line_of(event: Event) -> str:
    start = localtime(event.starts_at)
    day = capfirst(date_format(start, "l j F"))
    where = event.venue.town if event.venue else event.territory.name if event.territory else ""
    return _("%(day)s, %(place)s: %(event)s") % {"day": day, "place": where, "event": event.title} if where else (
        _("%(day)s: %(event)s") % {"day": day, "event": event.title}
    )  # fmt: skip


def _hashtags(newsletter: Newsletter, events: Iterable[Event]) -> list[str]:
    """Few, and only of names that are there: the programme, then the provinces of its events."""
    programme = newsletter.programme
    names = [str(programme.name).removeprefix(programme.short_name), programme.short_name]
    names += [event.territory.name for event in events if event.territory]
    tags = ["#" + "".join(capfirst(word) for word in re.findall(r"\w+", name)) for name in names if name.strip()]
    return list(dict.fromkeys(tags))[:HASHTAGS]


def _who(newsletter: Newsletter, organisation: Organisation | None) -> str:
    """In whose name it is said: a sentence for texts that people meet without knowing the programme."""
    programme = str(newsletter.programme.name)
    if organisation is None or organisation.role not in ROLES:
        return ""
    return str(ROLES[organisation.role]) % {"name": organisation.name, "programme": programme}


def _within(paragraphs: list[str], limit: int) -> str:
    """The paragraphs that hold something; the longest is shortened by words until all fit."""
    kept = [one for one in paragraphs if one]
    while len(text := "\n\n".join(kept)) > limit:
        place = max(range(len(kept)), key=lambda number: len(kept[number]))
        room = len(kept[place]) - (len(text) - limit)
        kept[place] = _shortened(kept[place], room)
        kept = [one for one in kept if one]
    return text


def _shortened(words: str, room: int) -> str:
    """`words` up to a whole word and a “…”, in no more than `room` characters."""
    if len(words) <= room:
        return words
    cut = words[: max(room - 1, 0)]
    if " " in cut:
        cut = cut.rpartition(" ")[0]
    return f"{cut.rstrip(' ,;:–-')}…" if cut else ""


def _list(lines: list[str], bullet: str) -> str:
    return "\n".join(f"{bullet} {line}" for line in lines)


def _facebook(it: Material) -> list[str]:
    read = _("Read everything: %(link)s") % {"link": it.link}
    return [it.subject, _shortened(it.opening[0], 400), _list(it.events, "📅"), read]


def _instagram(it: Material) -> list[str]:
    read = _("Find everything in our newsletter: the link is in our bio.")
    return [it.subject, _shortened(it.opening[0], 400), _list(it.events, "📅"), read, " ".join(it.hashtags)]


def _linkedin(it: Material) -> list[str]:
    read = _("Read the newsletter: %(link)s") % {"link": it.link}
    opening = [_shortened(one, 500) for one in it.opening]
    return [it.subject, it.speaker, *opening, _list(it.events, "▪"), read, " ".join(it.hashtags[:3])]


def _chat(it: Material) -> list[str]:
    return [it.subject, _shortened(it.opening[0], 220), _list(it.events[:3], "•"), it.link]


def _site(it: Material) -> list[str]:
    about = str(it.newsletter.programme.claim)
    heading = _("Where and when") if it.events else ""
    read = _("The whole newsletter: %(link)s") % {"link": it.link}
    return [it.subject, *it.opening, heading, _list(it.events, "-"), read, f"{it.speaker} {about}".strip()]


def _press(it: Material) -> list[str]:
    programme = it.newsletter.programme
    day = date_format(localtime(it.newsletter.sent_at), "j F Y") if it.newsletter.sent_at else ""
    contacts = ", ".join(filter(None, [programme.contact_email, programme.contact_phone]))
    about = f"{programme.name}. {programme.claim} {it.speaker}".strip()
    head = _("Press release · %(day)s") % {"day": day} if day else _("Press release")
    return [
        head, it.subject.upper(), *it.whole, _list(it.events, "-"), it.link, about, str(programme.funding_note),
        _("For information: %(contacts)s") % {"contacts": contacts},
    ]  # fmt: skip


CHANNELS = [
    Channel("facebook", "Facebook", gettext_lazy("The first lines are what people see: the subject stands alone."),
            63_206, _facebook),
    Channel("instagram", "Instagram", gettext_lazy("Links in a text do not open: put yours in the bio."),
            2_200, _instagram),
    Channel("linkedin", "LinkedIn", gettext_lazy("Whole sentences, three hashtags at most."), 3_000, _linkedin),
    Channel("chat", "WhatsApp · Telegram", gettext_lazy("Short: it is read on a phone, among other messages."),
            1_024, _chat),
    Channel("site", gettext_lazy("Your site or newsletter"), gettext_lazy("The first line is the title."),
            20_000, _site),
    Channel("press", gettext_lazy("Press"), gettext_lazy("The whole text, who speaks and whom to call."),
            20_000, _press),
]  # fmt: skip
