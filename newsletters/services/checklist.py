"""What is looked at before a newsletter leaves: each thing that may be wrong, how grave it is, and what to do.

A Finding is data (a code and what it is about), so that it can be kept and read later in anybody's language; its
sentence is here. What blocks is certain and would reach everybody: no words, an image that is not there, a link of ours
that leads nowhere. A warning may be meant. `checking` decides what follows; the network is asked by `links` alone.
"""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import markdown, plain_text
from newsletters.models import Newsletter
from newsletters.places import PLACE
from newsletters.services import NewsletterError, audiences, blocks, composing, dates, links, personal
from programmes.models import Organisation

SUBJECT_SHOWN = 78
"""Characters of a subject that a mail program shows at most."""
LARGE, TOO_LARGE = 80_000, 100_000
"""Bytes of the HTML part: large mail providers cut a mail at 102 kB, with the way to unsubscribe."""
SHORT_WORDS = 5
LEFT_OVER = re.compile(
    r"\b(?:(?i:da completare|da scrivere|da definire|to be completed|to be written|lorem ipsum)|"
    r"TODO|TBD|x{3,6}|X{4,6})\b"
)
"""Notes to oneself. XXX may be the thirtieth of something."""

BLOCKING, WARNING = "blocking", "warning"
KINDS: dict[str, tuple[str, Promise]] = {
    "no_subject": (BLOCKING, _("There is no subject: write one.")),
    "no_body": (BLOCKING, _("There is no text: write one.")),
    "text_without_subject": (BLOCKING, _("%(in_language)s: a text without a subject. Write it, or empty the text.")),
    "subject_without_text": (BLOCKING, _("%(in_language)s: a subject without a text. Write it, or empty the subject.")),
    "broken_place": (BLOCKING, _("%(about)s")),
    "place_in_address": (BLOCKING, _("%(about)s")),
    "unknown_place": (BLOCKING, _("There is no field “%(about)s”: choose one of the list beside the text.")),
    "wrong_block": (BLOCKING, _("%(about)s")),
    "no_plain_text": (BLOCKING, _("Who reads only text would find nothing: add a sentence.")),
    "no_alternative": (BLOCKING, _("The image “%(about)s” has no words for who does not see it: describe it.")),
    "short_alternative": (WARNING, _("The image is described only as “%(about)s”: say what it shows.")),
    "foreign_image": (BLOCKING, _("The image “%(about)s” lies on another site: upload it here.")),
    "broken_image": (BLOCKING, _("The image “%(about)s” is not there: upload it again or take it out.")),
    "dead_link": (BLOCKING, _("The link “%(about)s” leads nowhere on this site: correct the address.")),
    "broken_address": (BLOCKING, _("“%(about)s” is not an address: copy it again from the browser.")),
    "personal_link": (BLOCKING, _("The link “%(about)s” is one person’s own page: link the public page instead.")),
    "staff_link": (BLOCKING, _("The link “%(about)s” opens only for the staff: link the public page instead.")),
    "unpublished_link": (WARNING, _("“%(about)s” is not public yet: publish it before the newsletter leaves.")),
    "cancelled_event": (WARNING, _("The event “%(about)s” is cancelled: say so, or take the link out.")),
    "over_event": (WARNING, _("The event “%(about)s” is over: leave the link only if it is meant as a look back.")),
    "insecure_link": (WARNING, _("“%(about)s” begins with http://: try the address with https:// and use that.")),
    "dead_outside": (WARNING, _("The page “%(about)s” does not exist any more: look for its new address.")),
    "unreachable_outside": (WARNING, _("“%(about)s” could not be checked: open it once yourself.")),
    "long_subject": (WARNING, _("The subject is %(about)s characters long and will be cut: aim at 60.")),
    "shouting_subject": (WARNING, _("The subject is all in capitals: write it as a sentence.")),
    "reply_subject": (WARNING, _("The subject begins like an answer (“%(about)s”), which misleads: take that out.")),
    "large": (WARNING, _("The mail weighs %(about)s kB; over 100 kB mail programs cut it: shorten it.")),
    "too_large": (BLOCKING, _("The mail weighs %(about)s kB and would be cut: shorten it to less than 100.")),
    "no_funder": (WARNING, _("The programme names no funder: make sure that nobody has to be named.")),
    "no_funding_band": (BLOCKING, _("The mail does not name “%(about)s”, who pays for the programme.")),
    "wrong_year": (WARNING, _("“%(about)s” lies outside the programme: check the year.")),
    "left_over": (WARNING, _("“%(about)s” looks like something still to be written: write it, or take it out.")),
    "wrong_weekday": (WARNING, _("“%(about)s” is a %(day)s: check the day.")),
    "nobody": (WARNING, _("Nobody would get it: look at the audience.")),
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing of the checklist: `field` is the editor's input it belongs to, such as `body_it`, if any."""

    code: str
    field: str = ""
    language: str = ""
    values: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def severity(self) -> str:
        return KINDS[self.code][0]

    @property
    def is_blocking(self) -> bool:
        return self.severity == BLOCKING

    @property
    def sentence(self) -> str:
        sentence = str(KINDS[self.code][1])
        in_language = {"in_language": dict(settings.LANGUAGES).get(self.language, self.language)}
        return sentence % (self.values | in_language) if self.values or self.language else sentence

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "field": self.field, "language": self.language, "values": self.values}


def kept(newsletter: Newsletter) -> list[Finding]:
    """What was found when it was last checked. A code that no longer exists is left out."""
    return [Finding(**one) for one in newsletter.findings if one.get("code") in KINDS]


def look(newsletter: Newsletter) -> list[Finding]:
    """Everything that can be found here, without asking the network. What blocks comes first."""
    found = [*_programme(newsletter)]
    for language in written_in(newsletter):
        found += _words(newsletter, language)
        found += _mail(newsletter, language)
    return sorted(_once(found), key=lambda one: not one.is_blocking)


def _once(found: list[Finding]) -> list[Finding]:
    return list({(one.code, one.field, str(one.values)): one for one in found}.values())


def written_in(newsletter: Newsletter) -> list[str]:
    """The main language, and every other one that something is written in."""
    first, *others = composing.LANGUAGES
    return [first, *(one for one in others if words(newsletter, "subject", one) or words(newsletter, "body", one))]


def words(newsletter: Newsletter, part: str, language: str) -> str:
    """What is written in that language itself, without falling back to another."""
    data = getattr(newsletter, part).data
    if isinstance(data, dict):
        return (data.get(language) or "").strip()
    return str(data or "").strip() if language == composing.LANGUAGES[0] else ""


def _programme(newsletter: Newsletter) -> Iterator[Finding]:
    programme = newsletter.programme
    if not str(programme.funding_note).strip() and not _funders(newsletter):
        yield Finding("no_funder")
    if not audiences.reach(programme, audiences.Audience.of(newsletter)).recipients:
        yield Finding("nobody")


def _funders(newsletter: Newsletter) -> list[str]:
    funders = newsletter.programme.organisations.filter(role=Organisation.Role.FUNDER)
    return list(funders.values_list("name", flat=True))


def _words(newsletter: Newsletter, language: str) -> Iterator[Finding]:
    subject, body = words(newsletter, "subject", language), words(newsletter, "body", language)
    yield from _subject(subject, language)
    if language != composing.LANGUAGES[0] and not (subject and body):
        if subject or body:
            code, part = ("subject_without_text", "body") if subject else ("text_without_subject", "subject")
            yield Finding(code, f"{part}_{language}", language)
    elif not body:
        yield Finding("no_body", f"body_{language}", language)
    for part, text in (("subject", subject), ("body", body)):
        place = (f"{part}_{language}", language)
        yield from _places(text, place)
        for match in LEFT_OVER.finditer(text):
            yield Finding("left_over", *place, {"about": match.group()})
        for code, values in dates.doubts(text, newsletter):
            yield Finding(code, *place, values)
    yield from _described(body, language)
    try:
        blocks.check(body, blocks.Facts(newsletter.programme))
    except NewsletterError as error:
        yield Finding("wrong_block", f"body_{language}", language, {"about": str(error.message)})


def _places(text: str, place: tuple[str, str]) -> Iterator[Finding]:
    unknown = [name for _space, name, _fallback in PLACE.findall(text) if name not in personal.FIELDS]
    for name in unknown:
        yield Finding("unknown_place", *place, {"about": name})
    try:
        personal.check(text)
    except NewsletterError as error:
        if error.code != "unknown_place":
            yield Finding(error.code, *place, {"about": str(error.message)})


def _subject(subject: str, language: str) -> Iterator[Finding]:
    place = (f"subject_{language}", language)
    if not subject:
        if language == composing.LANGUAGES[0]:
            yield Finding("no_subject", *place)
        return
    if len(subject) > SUBJECT_SHOWN:
        yield Finding("long_subject", *place, {"about": len(subject)})
    letters = [letter for letter in subject if letter.isalpha()]
    if len(letters) > 8 and all(letter.isupper() for letter in letters):
        yield Finding("shouting_subject", *place)
    head, colon, _rest = subject.partition(":")
    if colon and head.strip().lower() in {"re", "r", "fw", "fwd", "i"}:
        yield Finding("reply_subject", *place, {"about": f"{head}:"})


def _described(body: str, language: str) -> Iterator[Finding]:
    for address, said in markdown.images(body):
        if not said:
            yield Finding("no_alternative", f"body_{language}", language, {"about": address[:100]})
        elif len(said) < SHORT_WORDS:
            yield Finding("short_alternative", f"body_{language}", language, {"about": said})
        if not markdown.is_ours(address):
            yield Finding("foreign_image", f"body_{language}", language, {"about": address[:100]})


def _mail(newsletter: Newsletter, language: str) -> Iterator[Finding]:
    """What only the finished mail shows."""
    place = (f"body_{language}", language)
    try:
        mail = composing.compose(newsletter, language)
    except NewsletterError as error:
        if error.code in KINDS:
            yield Finding(error.code, *place, {"about": error.message})
        return
    seen = links.read(mail.html)
    for image in seen.images:
        if not image.is_described:
            yield Finding("no_alternative", *place, {"about": image.address[:100]})
        if links.is_upload(image.address) and not links.is_uploaded(links.path_of(image.address)):
            yield Finding("broken_image", *place, {"about": links.path_of(image.address)[:100]})
    for address in seen.links:
        problem = links.problem(address, newsletter)
        if problem:
            yield Finding(problem[0], *place, {"about": problem[1][:150]})
    body = words(newsletter, "body", language)
    if body and not plain_text.from_markdown(body).strip():
        yield Finding("no_plain_text", *place)
    size = len(mail.html.encode())
    if size > LARGE:
        yield Finding("too_large" if size > TOO_LARGE else "large", *place, {"about": round(size / 1000)})
    for funder in _funders(newsletter):
        if funder not in seen.text:
            yield Finding("no_funding_band", "", language, {"about": funder})
