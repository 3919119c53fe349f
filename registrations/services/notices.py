"""When a participant is written to. Each notice is put into the outbox in the transaction of what it tells.

A key names the purpose, so that what happens twice is told once; what a person asks for again (the link, the ticket)
comes at most once every two minutes, so that nobody's mailbox can be flooded through a form. Nobody without an address
is written to. The appointment goes along as iTIP, with a SEQUENCE that only grows (RFC 5546).
"""

from datetime import timedelta

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
from registrations import emails, kinds
from registrations.documents import qr
from registrations.models import Handover, Registration, RegistrationQuerySet
from registrations.services import tickets

SECONDS_BETWEEN_REPEATS = 120
State = Registration.State


def ask_to_confirm(registration: Registration, *, is_new: bool = False) -> None:
    """The link that proves the address, and until when the place is held. Nobody wrote about one that `is_new`."""
    key = fingerprint(registration.email)[:12]
    _tell_again(registration, emails.confirm, key, is_new=is_new, priority=Delivery.Priority.URGENT)


def send_ticket(registration: Registration) -> None:
    """Ticket and appointment, as they are now: told again when they change."""
    key = f"{registration.ticket_version}:{_sequence(registration)}:{registration.mode}"
    _tell(registration, emails.ticket, key, tickets.ticket_url(registration), attachments=_ticket_files)


def send_ticket_again(registration: Registration) -> None:
    _tell_again(
        registration, emails.ticket, "again", tickets.ticket_url(registration), attachments=_ticket_files, is_asked=True
    )


def offer_place(registration: Registration) -> None:
    """A place became free: it is hers if she says so in time."""
    key = str(int(registration.held_until.timestamp()))
    _tell(registration, emails.place_offered, key, priority=Delivery.Priority.URGENT)


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
    _tell_again(registration, emails.already_registered, "")


def send_ticket_in_new_name(registration: Registration) -> None:
    key = f"named:{int(registration.changed_at.timestamp() * 1000)}"
    _tell(registration, emails.ticket, key, tickets.ticket_url(registration), attachments=_ticket_files)


def offer_handover(handover: Handover) -> None:
    """To the colleague, in the language of who hands over: hers is not known yet."""
    registration, name = handover.registration, "registrations.handover_offered"
    with override(registration.language):
        outbox.enqueue(
            key=f"{name}:{registration.pk}:{handover.pk}",
            kind=name,
            to=handover.email,
            name=handover.name,
            context=emails.handover_offered(handover),
            language=registration.language,
            reply_to=registration.event.programme.contact_email,
        )


def take_back_offer(handover: Handover) -> None:
    """What has not left yet stays here."""
    key = f"registrations.handover_offered:{handover.registration_id}:{handover.pk}"
    outbox.take_back(Delivery.objects.filter(key=key), reason="taken_back")


def tell_declined(handover: Handover) -> None:
    _tell(handover.registration, emails.handover_declined, str(handover.pk), handover)


def tell_handed_over(holder: Registration, successor: Registration) -> None:
    _tell(holder, emails.handed_over, "", successor, attachments=_cancellation)


def tell_handover_requested(successor: Registration) -> None:
    _tell(successor, emails.handover_requested, "")


def send_links(registrations: list[Registration], occasion: int) -> None:
    """One mail with the links of one person, newest event first, in the language of that registration."""
    _tell(registrations[0], emails.links, str(occasion), registrations)


def tell_erased(registration: Registration, *, has_appointment: bool, was_present: bool) -> None:
    """The last mail. It is written before the address is emptied, and emptied itself when it has left."""
    _tell(registration, emails.erased, "", was_present, attachments=_cancellation if has_appointment else None)


def tell_erasure_refused(registration: Registration) -> None:
    key = str(int(registration.erasure_refused_at.timestamp()))
    _tell(registration, emails.erasure_refused, key, registration.erasure_refused_because)


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
    people = list(owed.order_by("pk").values_list("pk", flat=True)[:limit])
    for pk in people:
        with transaction.atomic():
            _tell_held(owed.filter(pk=pk))
    return len(people)


def _tell_held(owed: RegistrationQuerySet) -> None:
    """Looked at once more, locked: who cancels in this moment gets no new appointment behind her cancellation."""
    registration = owed.select_for_update(of=("self",)).select_related("event__programme", "event__venue").first()
    if registration is not None:
        tell_change_of_event(registration)
        Registration.objects.filter(pk=registration.pk).update(told_sequence=registration.event.sequence)


def tell_change_of_event(registration: Registration) -> None:
    """The event moved, or will not be held. Only who was invited has an appointment to move or take out."""
    is_coming = registration.state == State.CONFIRMED
    if registration.event.cancelled_at:
        _tell(registration, emails.event_cancelled, "", attachments=_cancellation if is_coming else None)
    else:
        files = _appointment if is_coming else None
        _tell(registration, emails.event_moved, str(registration.event.sequence), attachments=files)


def send_planned(registration: Registration, key: str, stamp: str) -> None:
    """One of the mails of `kinds.PLANNED`. A reminder brings the ticket along, not the appointment: it is as it was."""
    has_ticket = key in {"week_before", "day_before"}
    arguments = [tickets.ticket_url(registration)] if has_ticket else []
    files = _qr_code if has_ticket and registration.mode == Mode.IN_PERSON else None
    _tell(registration, getattr(emails, key), stamp, *arguments, attachments=files)


def _tell_again(registration, kind, key, *arguments, is_new=False, **how) -> None:
    """What a person may ask for again and again: not twice within two minutes, whoever asks.

    The key counts pairs of minutes, so that two at once are one; the end of one pair and the beginning of the next
    are told apart by when the last one was written.
    """
    number = int(timezone.now().timestamp()) // SECONDS_BETWEEN_REPEATS
    last = Delivery.objects.filter(key=_key(registration, kind, f"{key}:{number - 1}"))
    soon = timezone.now() - timedelta(seconds=SECONDS_BETWEEN_REPEATS)
    if is_new or not last.filter(created_at__gt=soon).exists():
        _tell(registration, kind, f"{key}:{number}", *arguments, **how)


def _key(registration, kind, key: str) -> str:
    return f"registrations.{kind.__name__}:{registration.pk}:{key}"


def _tell(
    registration, kind, key, *arguments, attachments=None, priority=Delivery.Priority.SERVICE, is_asked=False
) -> None:
    """Owe one mail, unless the event has it switched off; what a person asks for herself comes in any case."""
    if not registration.email or not (is_asked or kinds.is_on(registration.event, kind.__name__)):
        return
    name = f"registrations.{kind.__name__}"
    with override(registration.language):
        outbox.enqueue(
            key=_key(registration, kind, key),
            kind=name,
            to=registration.email,
            name=registration.name,
            context=kind(registration, *arguments),
            language=registration.language,
            priority=priority,
            attachments=attachments(registration) if attachments else (),
            reply_to=registration.event.programme.contact_email,
        )


def _sequence(registration: Registration) -> int:
    return registration.event.sequence + registration.calendar_sequence


def _ticket_files(registration: Registration) -> list[Attachment]:
    if registration.mode == Mode.ONLINE:
        return _appointment(registration)
    return [*_qr_code(registration), *_appointment(registration)]


def _qr_code(registration: Registration) -> list[Attachment]:
    image = qr.png(tickets.ticket_url(registration))
    return [Attachment(_("ticket.png"), image, "image/png", inline_id="ticket")]


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
