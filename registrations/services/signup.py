"""Signing up for an event without an account, and changing one's mind.

A new registration holds its place until the link in the mail is opened (`Programme.hold_minutes`), or waits in line
when its mode is full. Every function here moves places and state in one transaction of the event (`places.deciding`),
may be called twice without harm, writes what is to be mailed into the outbox of the same transaction, and serves the
waiting list with what it frees. Called by the pages, the API, the door and the demo.
Refusals: `closed`, `full`, `already_registered`, `consent_required`, `invalid`, `cancelled`,
and `too_many` where a `client` is named: the stranger's network that a request comes from (`restraint`).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from core.addresses import check_address, normalise_email
from core.names import one_line
from events.models import Event, Mode
from registrations.models import Registration
from registrations.services import RegistrationError, agreeing, asking, notices, places, restraint, waiting_list
from registrations.signals import registration_confirmed

State = Registration.State


def register(
    *,
    event: Event,
    first_name: str,
    last_name: str = "",
    email: str,
    mode: str,
    organisation: str = "",
    consents: Mapping[str, bool],
    language: str = "it",
    via: str = "",
    client: str = "",
    answers: Mapping[str, Any] | None = None,
    questions_version: int | None = None,
    needs: Mapping[str, str] | None = None,
    monitoring: Mapping[str, Any] | None = None,
) -> Registration:
    """Hold a place for somebody, or put her in line when `mode` is full, until she opens the link in the mail.

    Raises `closed`, `full` (no waiting list), `already_registered`, `consent_required`, `questions_changed`, or
    `invalid` with the fields.
    """
    registration = _checked(first_name, last_name, email, organisation, language, via)
    if not registration.email:
        raise _invalid("email", _("Please give your e-mail address."))
    purposes = agreeing.check(consents)
    restraint.ask(client=client, email=registration.email)
    with places.deciding(event) as event:
        _must_take_registrations(event)
        _must_offer(event, mode)
        registration.answers = asking.check(event=event, answers=answers, version=questions_version)
        restraint.hold(client=client, event=event, mode=mode)
        if event.registrations.filter(email=registration.email, state__in=Registration.ALIVE).exists():
            raise places.already_registered()
        registration.event, registration.mode, registration.client = event, mode, client
        _hold(registration)
        registration.save(force_insert=True)
        agreeing.record(registration=registration, purposes=purposes)
        asking.keep(registration=registration, needs=needs, monitoring=monitoring)
        notices.ask_to_confirm(registration)
    return registration


def resend(*, registration: Registration, client: str = "") -> None:
    """Send again what she needs next: the link to confirm, the ticket, or where her registration is."""
    restraint.ask(client=client, email=registration.email)
    if registration.state == State.CONFIRMED:
        notices.send_ticket_again(registration)
    elif registration.is_alive and not registration.email_confirmed_at:
        notices.ask_to_confirm(registration)
    elif registration.is_alive:
        notices.remind_of_registration(registration)


def remind(*, event: Event, email: str, client: str = "") -> None:
    """Somebody tried to register with an address that is registered: tell its owner, and nobody else."""
    email = normalise_email(email)
    restraint.ask(client=client, email=email)
    known = event.registrations.filter(email=email, state__in=Registration.ALIVE)
    registration = known.select_related("event__programme", "event__venue").first()
    if registration is None:
        return
    if registration.state == State.CONFIRMED or registration.email_confirmed_at:
        notices.remind_of_registration(registration)
    else:
        notices.ask_to_confirm(registration)


def register_walk_in(
    *,
    event: Event,
    first_name: str,
    last_name: str = "",
    email: str = "",
    organisation: str = "",
    consents: Mapping[str, bool],
    language: str = "it",
) -> Registration:
    """Register somebody who stands at the door: confirmed at once, in person, with or without an e-mail address.

    Registration may be closed already; the event may be neither over nor cancelled. Raises as `register` does.
    """
    registration = _checked(first_name, last_name, email, organisation, language, via="")
    purposes = agreeing.check(consents)
    with places.deciding(event) as event:
        _must_not_be_over(event)
        _must_offer(event, Mode.IN_PERSON)
        living = event.registrations.filter(email=registration.email, state__in=Registration.ALIVE)
        if registration.email and living.exists():
            raise places.already_registered()
        if not places.take(event, Mode.IN_PERSON):
            raise places.full()
        registration.event, registration.mode = event, Mode.IN_PERSON
        registration.state, registration.is_walk_in = State.CONFIRMED, True
        registration.told_sequence = event.sequence
        registration.save(force_insert=True)
        agreeing.record(registration=registration, purposes=purposes)
        notices.send_ticket(registration)
        registration_confirmed.send(Registration, registration=registration)
    return registration


def confirm(*, registration: Registration) -> Registration:
    """The address is hers: the place is hers for good, or she counts in the queue.

    Twice is once. A hold that ran out is taken up again while places are left; otherwise `full`.
    Raises `cancelled` for a cancelled registration, `closed` when the event is over or cancelled.
    """
    with places.deciding(registration.event) as event:
        _refresh(registration, event)
        if registration.state == State.CANCELLED:
            raise RegistrationError("cancelled", _("This registration was cancelled."))
        if registration.state == State.CONFIRMED or (
            registration.state == State.WAITING and registration.email_confirmed_at
        ):
            return registration
        _must_not_be_over(event)
        if registration.state == State.EXPIRED:
            _must_take_registrations(event)
        registration.email_confirmed_at = timezone.now()
        if registration.state == State.PENDING or places.take_for_newcomer(event, registration.mode):
            registration.state = State.CONFIRMED
        elif event.has_waiting_list:
            registration.state = State.WAITING
        else:
            raise places.full()
        registration.told_sequence, registration.client = event.sequence, ""
        registration.save(update_fields=["state", "email_confirmed_at", "told_sequence", "client", "changed_at"])
        if registration.state == State.CONFIRMED:
            registration_confirmed.send(Registration, registration=registration)
            notices.send_ticket(registration)
        else:
            notices.tell_waiting(registration, waiting_list.position(registration))
    return registration


def cancel(*, registration: Registration) -> Registration:
    """Give the place back; the ticket is void and the first in line gets the place. Twice is once.

    Raises `closed` when the event is over or the person has been there.
    """
    with places.deciding(registration.event) as event:
        _refresh(registration, event)
        if not registration.is_alive:
            return registration
        _must_be_movable(registration)
        was_confirmed = registration.state == State.CONFIRMED or registration.email_confirmed_at
        if registration.holds_place:
            places.release(event, registration.mode)
        registration.state, registration.cancelled_at = State.CANCELLED, timezone.now()
        registration.ticket_version += 1
        registration.calendar_sequence += 1
        registration.group, registration.is_group_pinned, registration.client = None, False, ""
        registration.save(
            update_fields=[
                "state",
                "client",
                "cancelled_at",
                "ticket_version",
                "calendar_sequence",
                "group",
                "is_group_pinned",
                "changed_at",
            ]  # fmt: skip
        )
        if was_confirmed:
            notices.tell_cancelled(registration)
        waiting_list.serve(event)
    return registration


def change_mode(*, registration: Registration, mode: str) -> Registration:
    """Take part in the other mode. The old place is given back only when the new one is had; otherwise `full`.

    Somebody in line moves to the other queue, or gets a free place of it at once.
    """
    with places.deciding(registration.event) as event:
        _refresh(registration, event)
        if mode == registration.mode:
            return registration
        _must_offer(event, mode)
        if not registration.is_alive:
            raise RegistrationError("cancelled", _("This registration was cancelled."))
        _must_be_movable(registration)
        had_place, old_mode = registration.holds_place, registration.mode
        if places.take_for_newcomer(event, mode):
            if had_place:
                places.release(event, old_mode)
            elif registration.email_confirmed_at:
                registration.state = State.CONFIRMED
            else:
                registration.state = State.PENDING
        elif had_place:
            raise places.full()
        registration.mode = mode
        registration.calendar_sequence += 1
        if mode == Mode.ONLINE:
            registration.group, registration.is_group_pinned = None, False
        registration.save(
            update_fields=["state", "mode", "calendar_sequence", "group", "is_group_pinned", "changed_at"]
        )
        if registration.state == State.CONFIRMED and not had_place:
            registration_confirmed.send(Registration, registration=registration)
        if registration.state == State.CONFIRMED:
            notices.send_ticket(registration)
        waiting_list.serve(event)
    return registration


def correct_email(*, registration: Registration, email: str, client: str = "") -> Registration:
    """Send the link to another address, because the first was mistyped. Only while nobody has confirmed it."""
    email = normalise_email(email)
    clean(Registration(event=registration.event, first_name="A", email=email))
    restraint.correct(client=client, registration=registration)
    restraint.ask(client=client, email=email)
    with places.deciding(registration.event) as event:
        _refresh(registration, event)
        if registration.state not in {State.PENDING, State.WAITING} or registration.email_confirmed_at:
            raise RegistrationError("closed", _("This registration is confirmed already."))
        others = event.registrations.filter(email=email, state__in=Registration.ALIVE).exclude(pk=registration.pk)
        if others.exists():
            raise places.already_registered()
        registration.email = email
        registration.save(update_fields=["email", "changed_at"])
        notices.ask_to_confirm(registration)
    return registration


def expire_held(now=None, limit: int = 500) -> int:
    """Free the places whose link nobody opened in time, at most `limit`, event by event; serve the waiting lists."""
    now = now or timezone.now()
    overdue = Registration.objects.filter(
        state__in=[State.PENDING, State.WAITING], email_confirmed_at=None, held_until__lte=now
    )
    by_event: dict[int, list[int]] = {}
    for pk, event_id in overdue.order_by("held_until").values_list("pk", "event_id")[:limit]:
        by_event.setdefault(event_id, []).append(pk)
    number = 0
    for event_id, pks in by_event.items():
        with places.deciding(Event(pk=event_id)) as event:
            due = list(overdue.filter(pk__in=pks, event=event))
            for mode in Mode.values:
                held = sum(one.state == State.PENDING and one.mode == mode for one in due)
                if held:
                    places.release(event, mode, held)
            Registration.objects.filter(pk__in=[one.pk for one in due]).update(
                state=State.EXPIRED, client="", changed_at=now
            )
            waiting_list.serve(event)
            number += len(due)
    return number


def _checked(first_name, last_name, email, organisation, language, via) -> Registration:
    """An unsaved registration with what was typed, trimmed and checked by the model's own fields."""
    registration = Registration(
        first_name=one_line(first_name),
        last_name=one_line(last_name),
        email=normalise_email(email),
        organisation=one_line(organisation),
        language=language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE,
        via=one_line(via)[:40],
    )
    clean(registration)
    return registration


def clean(registration: Registration) -> None:
    """Refuse what the model's own fields refuse, and addresses no mail server takes: `invalid`, a sentence at each."""
    fields = {}
    try:
        registration.clean_fields(exclude=["event", "state", "mode"])
    except ValidationError as error:
        fields = {name: " ".join(sentences) for name, sentences in error.message_dict.items()}
    try:
        if registration.email:
            check_address(registration.email)
    except ValidationError as error:
        fields["email"] = str(error.message)
    if fields:
        raise RegistrationError("invalid", _("Please check what you wrote."), fields)


def _invalid(field: str, sentence: str) -> RegistrationError:
    return RegistrationError("invalid", sentence, {field: sentence})


def _refresh(registration: Registration, event: Event) -> None:
    """What the row says now that the event is held; the caller's object may be old."""
    registration.refresh_from_db()
    registration.event = event


def _hold(registration: Registration) -> None:
    event = registration.event
    if places.take_for_newcomer(event, registration.mode):
        registration.state = State.PENDING
    elif event.has_waiting_list:
        registration.state = State.WAITING
    else:
        raise places.full()
    registration.held_until = timezone.now() + timedelta(minutes=event.programme.hold_minutes)


def _must_take_registrations(event: Event) -> None:
    state = event.registration_state
    if state == Event.RegistrationState.CLOSED:
        raise RegistrationError("closed", _("Registration for this event is closed."))
    if state == Event.RegistrationState.NOT_YET:
        raise RegistrationError("closed", _("Registration for this event is not open yet."))


def _must_offer(event: Event, mode: str) -> None:
    if mode not in event.places:
        raise _invalid("mode", _("One cannot take part in this event in this way."))


def _must_not_be_over(event: Event) -> None:
    if event.state in {Event.State.OVER, Event.State.CANCELLED}:
        raise RegistrationError("closed", _("This event is over or was cancelled."))


def _must_be_movable(registration: Registration) -> None:
    _must_not_be_over(registration.event)
    if registration.entered_at:
        raise RegistrationError("closed", _("You have already come in, so this can no longer be changed."))
