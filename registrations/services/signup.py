"""Signing up for an event without an account, from the form to the confirmed address.

A new registration holds its place until the link in the mail is opened (`Programme.hold_minutes`), or waits in line
when its mode is full. Every function here moves places and state in one transaction of the event (`places.deciding`),
may be called twice without harm, and writes what is to be mailed into the outbox of the same transaction. Called by the
pages, the API, the door and the demo. What happens afterwards is in `changing`, `waiting_list` and `expiring`.
Refusals: `closed`, `full`, `already_registered`, `consent_required`, `invalid`, `cancelled`, `refused`, those of
`admitting`, and `too_many` where a `client` is named: the stranger's network that a request comes from (`restraint`).
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
from core.tokens import link_token
from core.via import channel
from events.models import Event, Mode
from mail.services import outbox
from registrations.models import Consent, Registration
from registrations.services import (
    RegistrationError,
    admitting,
    agreeing,
    asking,
    correspondence,
    expiring,
    notices,
    places,
    restraint,
    waiting_list,
)
from registrations.services.conditions import must_not_be_over, must_offer, must_take_registrations
from registrations.signals import registration_confirmed

State = Registration.State
NOTHING = asking.Told()
CONFIRMED = [
    "state", "answers", "is_minor", "has_yet_to_agree", "email_confirmed_at", "held_until", "queued_at", "promoted_at",
    "promoted_because", "told_sequence", "client", "changed_at",
]  # fmt: skip
"""What `confirm` changes."""


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
    how: str = Consent.How.FORM,
    answers: Mapping[str, Any] | None = None,
    questions_version: int | None = None,
    needs: Mapping[str, str] | None = None,
    monitoring: Mapping[str, Any] | None = None,
    age: str = admitting.ADULT,
    invitation: str = "",
    is_admitted: bool = False,
) -> Registration:
    """Hold a place for somebody, or put her in line when `mode` is full, until she opens the link in the mail.

    `how` she agreed is kept with her consents. `invitation` is the token of her link: where that was mailed to `email`,
    no other link is needed. `is_admitted`: the staff let her in, whomever the event is for.
    Raises `closed`, `full` (no waiting list), `already_registered`, `consent_required`, `questions_changed`, `invalid`
    with the fields, and what `admitting` refuses.
    """
    is_minor = admitting.is_minor(age)
    registration = checked(first_name, last_name, email, organisation, language, via)
    if not registration.email:
        raise _invalid("email", _("Please give your e-mail address."))
    purposes = agreeing.check(consents)
    restraint.ask(client=client, email=registration.email)
    with places.deciding(event) as event:
        must_take_registrations(event)
        must_offer(event, mode)
        invited = None if is_admitted else admitting.find_invitation(event, invitation)
        registration.answers = asking.check(event=event, answers=answers, version=questions_version)
        registration.event, registration.mode, registration.client = event, mode, client
        registration.is_minor = is_minor
        _take_place(registration)
        if not (is_admitted or invited):
            admitting.must_belong(event, registration.email)
        registration.save(force_insert=True)
        agreeing.record(registration=registration, purposes=purposes, how=how)
        asking.keep(registration=registration, needs=needs, monitoring=monitoring)
        if invited and admitting.use(invited, registration):
            confirm(registration=registration)
        else:
            notices.ask_to_confirm(registration, is_new=True)
    return registration


def _take_place(registration: Registration) -> None:
    """First the place: a full event tells nobody whose address it knows."""
    event = registration.event
    restraint.hold(client=registration.client, event=event, mode=registration.mode)
    hold(registration)
    if event.registrations.filter(email=registration.email, state__in=Registration.ALIVE).exists():
        raise places.already_registered()


def resend(*, registration: Registration, client: str = "") -> None:
    """Send again what she needs next: the link to confirm, the ticket, or where her registration is."""
    restraint.ask(client=client, email=registration.email)
    if registration.state == State.CONFIRMED:
        notices.send_ticket_again(registration)
    elif registration.is_alive:
        tell_where_she_stands(registration)


def tell_where_she_stands(registration: Registration) -> None:
    """What the owner of an address is told when somebody asks for it again."""
    if registration.is_known:
        notices.remind_of_registration(registration)
    else:
        notices.ask_to_confirm(registration)


def remind(*, event: Event, email: str, client: str = "") -> None:
    """Tell the owner of an address, and nobody else, why registering did nothing: it is registered, or not invited."""
    email = normalise_email(email)
    restraint.ask(client=client, email=email)
    known = event.registrations.filter(email=email, state__in=Registration.ALIVE)
    registration = known.select_related("event__programme", "event__venue").first()
    if registration is not None:
        tell_where_she_stands(registration)
    elif not admitting.admits(event, email):
        admitting.tell_audience_only(event, email)


def register_walk_in(
    *,
    event: Event,
    first_name: str,
    last_name: str = "",
    email: str = "",
    organisation: str = "",
    consents: Mapping[str, bool],
    language: str = "it",
    how: str = Consent.How.DOOR,
    extra: str = "",
) -> Registration:
    """Register somebody who stands at the door: confirmed at once, in person, with or without an e-mail address.

    Registration may be closed already; the event may be neither over nor cancelled, unless she is inside already.
    `extra` is the reason to let her in above the places, should none be left. Raises as `register` does.
    """
    registration = checked(first_name, last_name, email, organisation, language, via="")
    purposes = agreeing.check(consents)
    with places.deciding(event) as event:
        if not extra:
            must_not_be_over(event)
        must_offer(event, Mode.IN_PERSON)
        living = event.registrations.filter(email=registration.email, state__in=Registration.ALIVE)
        if registration.email and living.exists():
            raise places.already_registered()
        if not places.take(event, Mode.IN_PERSON):
            if not extra:
                raise places.full()
            registration.is_extra, registration.extra_because = True, one_line(extra)[:200]
        registration.event, registration.mode = event, Mode.IN_PERSON
        registration.state, registration.is_walk_in = State.CONFIRMED, True
        registration.told_sequence = event.sequence
        registration.save(force_insert=True)
        agreeing.record(registration=registration, purposes=purposes, how=how)
        if event.state != Event.State.OVER:
            notices.send_ticket(registration)
        registration_confirmed.send(Registration, registration=registration)
    return registration


def confirm(
    *, registration: Registration, consents: Mapping[str, bool] | None = None, told: asking.Told = NOTHING
) -> Registration:
    """The address is hers: the place is hers for good, waits for the staff's yes, or she counts in the queue.

    Twice is once. A hold or an offer that ran out is taken up again: a place that is left, else the end of the queue,
    else `full`. Raises `cancelled` and `refused` for a registration that ended so, `closed` when the event is over.
    Whom a colleague registered agrees and answers now: `consent_required`, `questions_changed`, `invalid`.
    """
    with places.deciding_about(registration) as event:
        if registration.is_known and registration.is_alive:
            return registration
        if registration.state == State.CANCELLED:
            raise RegistrationError("cancelled", _("This registration was cancelled."))
        if registration.state == State.REFUSED:
            raise RegistrationError("refused", _("This registration was not approved."))
        must_not_be_over(event)
        if registration.state == State.EXPIRED:
            must_take_registrations(event)
        if registration.has_yet_to_agree:
            _speaks_for_herself(registration, consents or {}, told)
        if registration.state != State.PENDING:
            must_offer(event, registration.mode)
        if registration.state == State.PENDING or places.take_for_newcomer(event, registration.mode):
            registration.state = registration.state_with_place
        elif event.has_waiting_list:
            waiting_list.join(registration)
        else:
            raise places.full()
        registration.email_confirmed_at, registration.held_until = timezone.now(), None
        registration.told_sequence, registration.client = event.sequence, ""
        registration.save(update_fields=CONFIRMED)
        _tell_confirmed(registration)
    return registration


def _speaks_for_herself(registration: Registration, consents: Mapping[str, bool], told: asking.Told) -> None:
    """What the colleague who registered her could not say."""
    event = registration.event
    registration.is_minor = admitting.is_minor(told.age)
    purposes = agreeing.check(consents)
    registration.answers = asking.check(event=event, answers=told.answers, version=told.questions_version)
    registration.has_yet_to_agree = False
    agreeing.record(registration=registration, purposes=purposes, how=Consent.How.GROUP)
    asking.keep(registration=registration, needs=told.needs, monitoring=told.monitoring)


def _tell_confirmed(registration: Registration) -> None:
    if registration.state == State.CONFIRMED:
        registration_confirmed.send(Registration, registration=registration)
        notices.send_ticket(registration)
    elif registration.state == State.REQUESTED:
        notices.tell_requested(registration)
    else:
        notices.tell_waiting(registration, waiting_list.position(registration))


def correct_email(*, registration: Registration, email: str, client: str = "") -> Registration:
    """Send a link to another address, because the first was mistyped. Only while nobody has confirmed it.

    It is a new link: the old one lies in somebody else's mailbox and no longer opens anything.
    """
    email = normalise_email(email)
    clean(Registration(event=registration.event, first_name="A", email=email))
    restraint.correct(client=client, registration=registration)
    restraint.ask(client=client, email=email)
    with places.deciding_about(registration) as event:
        if registration.is_known or not registration.is_alive:
            raise RegistrationError("closed", _("This registration is confirmed already."))
        others = event.registrations.filter(email=email, state__in=Registration.ALIVE).exclude(pk=registration.pk)
        if others.exists():
            raise places.already_registered()
        admitting.must_still_belong(registration, email)
        outbox.take_back(correspondence.mails_about(registration), reason="the address was corrected")
        registration.email, registration.token = email, link_token()
        registration.save(update_fields=["email", "token", "changed_at"])
        notices.ask_to_confirm(registration)
    return registration


def checked(first_name, last_name, email, organisation, language, via) -> Registration:
    """An unsaved registration with what was typed, trimmed and checked by the model's own fields."""
    registration = Registration(
        first_name=one_line(first_name),
        last_name=one_line(last_name),
        email=normalise_email(email),
        organisation=one_line(organisation),
        language=language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE,
        via=channel(via),
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


def hold(registration: Registration) -> None:
    """In the object: a place until it is confirmed, or a turn on the waiting list. Raises `full`."""
    event = registration.event
    if _finds_a_place(registration):
        registration.state = State.PENDING
    elif event.has_waiting_list:
        registration.state = State.WAITING
    else:
        raise places.full()
    registration.held_until = timezone.now() + timedelta(minutes=event.programme.hold_minutes)


def _finds_a_place(registration: Registration) -> bool:
    """A place that nobody is owed, also one whose time to confirm has just run out."""
    event, mode = registration.event, registration.mode
    return places.take_for_newcomer(event, mode) or (
        expiring.expire_now(event) > 0 and places.take_for_newcomer(event, mode)
    )
