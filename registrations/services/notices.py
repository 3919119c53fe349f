"""When a participant is written to. Each notice is put into the outbox in the transaction of what it tells.

A key names the purpose, so that what happens twice is told once; what a person asks for again (the link, the ticket)
comes at most once every two minutes, so that nobody's mailbox can be flooded through a form. Nobody without an address
is written to. The appointment goes along as iTIP, with a SEQUENCE that only grows (RFC 5546).
"""

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.tokens import fingerprint
from events import calendars
from events.models import Mode
from mail.models import Delivery
from mail.services import outbox
from mail.services.outbox import Attachment
from registrations import emails
from registrations.documents import qr
from registrations.models import Registration
from registrations.services import tickets

SECONDS_BETWEEN_REPEATS = 120
State = Registration.State


def ask_to_confirm(registration: Registration) -> None:
    """The link that proves the address, and until when the place is held."""
    _tell(
        registration,
        emails.confirm,
        f"{fingerprint(registration.email)[:12]}:{_moment()}",
        priority=Delivery.Priority.URGENT,
    )


def send_ticket(registration: Registration) -> None:
    """Ticket and appointment, as they are now: told again when they change."""
    key = f"{registration.ticket_version}:{_sequence(registration)}:{registration.mode}"
    _tell(registration, emails.ticket, key, tickets.ticket_url(registration), attachments=_ticket_files)


def send_ticket_again(registration: Registration) -> None:
    _tell(
        registration, emails.ticket, f"again:{_moment()}", tickets.ticket_url(registration), attachments=_ticket_files
    )


def offer_place(registration: Registration) -> None:
    """A place became free: it is hers if she says so in time. Each offer is told, though two may end together."""
    _tell(
        registration, emails.place_offered, str(registration.changed_at.timestamp()), priority=Delivery.Priority.URGENT
    )


def tell_offer_lapsed(registration: Registration) -> None:
    _tell(registration, emails.offer_lapsed, str(int(registration.changed_at.timestamp())))


def tell_requested(registration: Registration) -> None:
    """The staff decide; until then the place is kept."""
    _tell(registration, emails.requested, "")


def tell_refused(registration: Registration) -> None:
    _tell(registration, emails.refused, "")


def tell_waiting(registration: Registration, position: int) -> None:
    _tell(registration, emails.waiting, str(int(registration.queued_at.timestamp())), position)


def tell_cancelled(registration: Registration, *, was_invited: bool) -> None:
    """Who had the appointment in her calendar gets it taken out."""
    _tell(registration, emails.cancelled, "", attachments=_cancellation if was_invited else None)


def remind_of_registration(registration: Registration) -> None:
    """Somebody tried to register with an address that is registered: only its owner hears of it."""
    _tell(registration, emails.already_registered, str(_moment()))


def tell_changes_of_events(event_id: int | None = None, limit: int = 500) -> int:
    """Write to whoever has not heard yet that an event moved or was cancelled; returns to how many.

    Who has not confirmed her address hears only of a cancellation: until then she may yet read the new date herself.
    `told_sequence` of a registration says what its person knows, so that a lost message is found again. Of an event
    that is over nobody needs to hear, unless it is named: then it was to come until it was moved.
    """
    owed = Registration.objects.filter(
        Q(state__in=[State.CONFIRMED, State.REQUESTED, State.OFFERED])
        | Q(state=State.WAITING, queued_at__isnull=False)
        | Q(state__in=[State.PENDING, State.WAITING], event__cancelled_at__isnull=False),
        event__sequence__gt=F("told_sequence"),
    )
    owed = owed.filter(event__ends_at__gt=timezone.now()) if event_id is None else owed.filter(event_id=event_id)
    people = list(owed.select_related("event__programme", "event__venue").order_by("pk")[:limit])
    for registration in people:
        with transaction.atomic():
            tell_change_of_event(registration)
            Registration.objects.filter(pk=registration.pk).update(told_sequence=registration.event.sequence)
    return len(people)


def tell_change_of_event(registration: Registration) -> None:
    """The event moved, or will not be held. Only who was invited has an appointment to move or take out."""
    is_coming = registration.state == State.CONFIRMED
    if registration.event.cancelled_at:
        _tell(registration, emails.event_cancelled, "", attachments=_cancellation if is_coming else None)
    else:
        files = _appointment if is_coming else None
        _tell(registration, emails.event_moved, str(registration.event.sequence), attachments=files)


def _tell(registration, kind, key, *arguments, attachments=None, priority=Delivery.Priority.SERVICE) -> None:
    if not registration.email:
        return
    name = f"registrations.{kind.__name__}"
    with override(registration.language):
        outbox.enqueue(
            key=f"{name}:{registration.pk}:{key}",
            kind=name,
            to=registration.email,
            name=registration.name,
            context=kind(registration, *arguments),
            language=registration.language,
            priority=priority,
            attachments=attachments(registration) if attachments else (),
            reply_to=registration.event.programme.contact_email,
        )


def _moment() -> int:
    """The same number for two minutes."""
    return int(timezone.now().timestamp()) // SECONDS_BETWEEN_REPEATS


def _sequence(registration: Registration) -> int:
    return registration.event.sequence + registration.calendar_sequence


def _ticket_files(registration: Registration) -> list[Attachment]:
    if registration.mode == Mode.ONLINE:
        return _appointment(registration)
    image = qr.png(tickets.ticket_url(registration))
    return [Attachment(_("ticket.png"), image, "image/png", inline_id="ticket"), *_appointment(registration)]


def _appointment(registration: Registration) -> list[Attachment]:
    return _calendar(registration, "REQUEST")


def _cancellation(registration: Registration) -> list[Attachment]:
    return _calendar(registration, "CANCEL")


def _calendar(registration: Registration, method: str) -> list[Attachment]:
    """The appointment as another form of the message, for calendars, and as a file, for people."""
    content = appointment(registration, method)
    kind = f"text/calendar; method={method}"
    return [Attachment("", content, kind, is_alternative=True), Attachment(_("invitation.ics"), content, kind)]


def appointment(registration: Registration, method: str = "PUBLISH") -> bytes:
    """One person's calendar entry: the same UID and SEQUENCE in every mail and in the file of her page."""
    return calendars.invitation(
        event=registration.event,
        attendee_name=registration.name,
        attendee_email=registration.email,
        method=method,
        sequence=_sequence(registration),
        uid=f"registration-{registration.pk}",
        is_online=registration.mode == Mode.ONLINE,
        is_cancelled=not registration.is_alive,
    )
