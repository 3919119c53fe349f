"""A message of the staff to a part of the people registered: whom it reaches, how it looks, and that it goes out once.

It is no newsletter: it says for which event somebody is registered and links to her registration. Only addresses that
were confirmed are written to, each once, even if it stands in several events; what asked for silence gets nothing.
Sending owes everything in one transaction, under a mailing that can be counted; pressing twice sends once. Refusals:
`invalid` with the fields, `sent`, `nobody`, `changed` (the number of people is not the one that was agreed to).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from i18nfield.strings import LazyI18nString

from accounts.models import User
from core import markdown
from core.names import is_one_line
from events import dates
from mail import emails as house
from mail.composing import PLACE, fill
from mail.models import Delivery, Suppression
from mail.services import outbox
from registrations import emails, listing
from registrations.models import Announcement, Registration, RegistrationQuerySet
from registrations.services import RegistrationError, previewing

KIND = "registrations.announcement"
FIELDS = ["first_name", "last_name"]
"""What the words may say of the person: `%%first_name%%`."""
LANGUAGES = [code for code, _name in settings.LANGUAGES]
State = Registration.State
STATES = {
    "": Q(state__in=Registration.ALIVE),
    **{state.value: Q(state=state) for state in (State.CONFIRMED, State.REQUESTED, State.OFFERED)},
    State.WAITING.value: listing.in_line(),
}
HAS_CONFIRMED = Q(state=State.CONFIRMED) | Q(email_confirmed_at__isnull=False)


@dataclass(frozen=True)
class Choice:
    """Whom a message is for. What is empty does not narrow; `events` and `group` are primary keys."""

    events: list[int] = field(default_factory=list)
    province: str = ""
    kind: str = ""
    mode: str = ""
    state: str = State.CONFIRMED.value
    group: int | None = None
    presence: str = ""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**{name: value for name, value in stored.items() if name in cls.__dataclass_fields__})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def apply(self, registrations: RegistrationQuerySet) -> RegistrationQuerySet:
        plain = {
            "event__in": self.events,
            "event__territory__slug": self.province,
            "event__kind": self.kind,
            "mode": self.mode,
            "group": self.group,
        }
        found = registrations.filter(HAS_CONFIRMED, STATES.get(self.state, STATES[""]))
        found = found.filter(**{name: value for name, value in plain.items() if value})
        return found.filter(listing.PRESENCE.get(self.presence, Q()))


@dataclass(frozen=True)
class Reach:
    """How many get it, in which language they read, and who of those chosen does not and why."""

    recipients: int
    by_language: dict[str, int]
    left_out: list[tuple[int, str]]

    @property
    def left_out_total(self) -> int:
        return sum(number for number, _reason in self.left_out)

    def reading(self, language: str) -> int:
        return self.by_language.get(language, 0)


def people(announcement: Announcement, by: User) -> RegistrationQuerySet:
    """Those chosen, of whom `by` may write to: never beyond the province or the event of the message."""
    mine = Registration.objects.visible_to(by, "registrations.change").filter(
        event__programme=announcement.programme_id
    )
    if announcement.territory_id:
        mine = mine.filter(event__territory=announcement.territory_id)
    if announcement.event_id:
        mine = mine.filter(event=announcement.event_id)
    return Choice.read(announcement.choice).apply(mine)


def recipients(chosen: RegistrationQuerySet) -> RegistrationQuerySet:
    """One registration for each address that may be written to: the earliest."""
    written = chosen.exclude(email="").exclude(_is_suppressed())
    firsts = written.order_by().values("email").annotate(first=Min("pk")).values("first")
    return Registration.objects.filter(pk__in=firsts)


def reach(chosen: RegistrationQuerySet) -> Reach:
    """In two queries, whatever the number."""
    counted = chosen.aggregate(
        total=Count("pk"),
        without=Count("pk", filter=Q(email="")),
        silent=Count("pk", filter=~Q(email="") & Q(_is_suppressed())),
    )
    rows = recipients(chosen).order_by().values("language").annotate(number=Count("pk"))
    by_language = {row["language"]: row["number"] for row in rows}
    number = sum(by_language.values())
    again = counted["total"] - counted["without"] - counted["silent"] - number
    reasons = [
        (counted["without"], _("left no e-mail address")),
        (counted["silent"], _("mail comes back from there, or nothing is wanted")),
        (again, _("the same address again: it gets the message once")),
    ]
    return Reach(number, by_language, [(number, reason) for number, reason in reasons if number])


def _is_suppressed() -> Exists:
    return Exists(Suppression.objects.filter(email=OuterRef("email")))


@transaction.atomic
def save(
    *,
    announcement: Announcement,
    choice: Choice,
    subject: LazyI18nString,
    body: LazyI18nString,
    by: User,
) -> Announcement:
    """Keep a draft. Raises `invalid` with the fields, `sent` once it has left."""
    if announcement.pk and _held(announcement).sent_at:
        raise RegistrationError("sent", _("This message has left: nothing can be changed any more."))
    problems = {}
    for name, text in (("subject", subject), ("body", body)):
        problem = next(filter(None, (_problem(name, _in(text, language)) for language in LANGUAGES)), None)
        if not _in(text, settings.LANGUAGE_CODE).strip():
            problem = _("Write it in Italian at least: whoever reads another language then sees this.")
        if problem:
            problems[name] = problem
    if problems:
        raise RegistrationError("invalid", _("Please check what you wrote."), problems)
    announcement.choice, announcement.subject, announcement.body = choice.as_json(), subject, body
    announcement.created_by = announcement.created_by or by
    announcement.save()
    return announcement


def _problem(name: str, written: str) -> str | None:
    unknown = next((place for place in PLACE.findall(written) if place not in FIELDS), None)
    if unknown or "%%" in PLACE.sub("", written):
        names = ", ".join(f"%%{one}%%" for one in FIELDS)
        return _("A personal field is not one that we know. You can use: %(fields)s.") % {"fields": names}
    if name == "subject" and not is_one_line(written):
        return _("The subject is one line: take out what breaks it and signs that cannot be seen.")
    if markdown.is_too_tangled(written):
        return _("There are thousands of brackets, stars or other signs of formatting here: take some out.")
    return None


@transaction.atomic
def send(*, announcement: Announcement, by: User, expected: int) -> Announcement:
    """Owe it to everybody, once, however often it is asked. Raises `nobody` and `changed`."""
    announcement = _held(announcement)
    if announcement.sent_at:
        return announcement
    chosen = list(recipients(people(announcement, by)).select_related("event").order_by("pk"))
    if not chosen:
        raise RegistrationError("nobody", _("Nobody gets this message: choose other people."))
    if len(chosen) != expected:
        sentence = ngettext(
            "Meanwhile it is %(number)d person. Look once more, then send.",
            "Meanwhile it is %(number)d people. Look once more, then send.",
            len(chosen),
        )
        raise RegistrationError("changed", sentence % {"number": len(chosen)})
    mailing, _is_new = outbox.open_mailing(key=mailing_key(announcement))
    messages = {language: _message(announcement, language, mailing) for language in LANGUAGES}
    outbox.add_deliveries(_deliveries(announcement, chosen, messages))
    announcement.sent_at = timezone.now()
    announcement.save(update_fields=["sent_at"])
    return announcement


@transaction.atomic
def discard(*, announcement: Announcement) -> None:
    """A draft that nobody wants. Raises `sent`."""
    if _held(announcement).sent_at:
        raise RegistrationError("sent", _("This message has left: nothing can be changed any more."))
    announcement.delete()


def mailing_key(announcement: Announcement) -> str:
    return f"announcement:{announcement.pk}"


def progress(announcements: Iterable[Announcement]) -> dict[int, dict[str, int]]:
    """Of each message that was sent, how many are `owed` in all, have `sent`, wait (`open`) or got stuck (`failed`)."""
    keys = {mailing_key(one): one.pk for one in announcements}
    rows = (
        Delivery.objects.filter(message__mailing__key__in=keys)
        .values("message__mailing__key")
        .annotate(
            owed=Count("pk"),
            sent=Count("pk", filter=Q(state=Delivery.State.SENT)),
            open=Count("pk", filter=Q(is_open=True)),
            failed=Count("pk", filter=Q(state__in=[Delivery.State.FAILED, Delivery.State.UNCERTAIN])),
        )
    )
    return {keys[row.pop("message__mailing__key")]: row for row in rows}


def as_read_by(announcement: Announcement, registration: Registration, language: str) -> house.Rendered:
    """The copy of one person, for the preview; its link opens nobody's page."""
    mail = _rendered(announcement, language)
    known = _known_of(registration, language) | {"token": previewing.NOBODY}
    return house.Rendered(fill(mail.subject, known), fill(mail.text, known), fill(mail.html, known, is_html=True))


def _held(announcement: Announcement) -> Announcement:
    rows = Announcement.objects.select_for_update(of=("self",)).select_related("programme", "event")
    return rows.get(pk=announcement.pk)


def _rendered(announcement: Announcement, language: str) -> house.Rendered:
    with override(language):
        subject, body = announcement.subject.localize(language), announcement.body.localize(language)
        link = emails.link("registrations:manage", "TOKEN").replace("TOKEN", "%%token%%")
        about = {"event_title": "%%event%%", "event_when": "%%when%%", "manage_link": link}
        context = emails.announcement(announcement.programme, subject, body, about)
        return house.render(KIND, context, language)


def _message(announcement: Announcement, language: str, mailing: Any) -> Any:
    mail = _rendered(announcement, language)
    return outbox.add_message(
        kind=KIND,
        language=language,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        mailing=mailing,
        reply_to=announcement.programme.contact_email,
    )


def _deliveries(announcement: Announcement, chosen: list[Registration], messages: dict[str, Any]) -> list[Delivery]:
    said: dict[tuple[int, str], dict[str, str]] = {}
    rows = []
    for one in chosen:
        language = one.language if one.language in messages else settings.LANGUAGE_CODE
        if (one.event_id, language) not in said:
            said[one.event_id, language] = _about(one.event, language)
        personal = _person(one) | said[one.event_id, language] | {"token": one.token}
        rows.append(
            outbox.a_delivery(
                key=f"{KIND}:{one.pk}:{announcement.pk}",
                message=messages[language],
                to=one.email,
                name=one.name,
                personal=personal,
                priority=Delivery.Priority.NOTICE,
            )
        )
    return rows


def _known_of(registration: Registration, language: str) -> dict[str, str]:
    return _person(registration) | _about(registration.event, language)


def _person(registration: Registration) -> dict[str, str]:
    return {name: getattr(registration, name) for name in FIELDS}


def _about(event: Any, language: str) -> dict[str, str]:
    with override(language):
        return {"event": str(event.title), "when": dates.in_words(event)}


def _in(text: LazyI18nString, language: str) -> str:
    data = text.data
    return (data.get(language) or "") if isinstance(data, dict) else str(data or "")


def is_written_in(announcement: Announcement, language: str) -> bool:
    """Has the body words of its own in `language`?"""
    return bool(re.sub(r"\s", "", _in(announcement.body, language)))
