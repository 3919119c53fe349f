"""A place that goes from one person to a colleague, without anybody from the waiting list getting in between.

The holder names a colleague (`offer`); until she accepts by the link in her mail nothing has changed, and the holder
may take it back. `accept` cancels the one registration and writes the other in one transaction that holds the event,
and the counters stay as they are. The old ticket is refused as cancelled; the new one goes to the address that was
offered the place, whoever opens the link. A seat at a table goes along. Where the staff choose who comes (by approval,
invitation or audience) the colleague keeps the place as a request that they decide.
Only the colleague learns that she is registered already. Refusals: `closed`, `offered`, `over`, `already_registered`,
`consent_required`, `invalid` with the fields, `too_many`.
"""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from core.addresses import normalise_email
from core.names import one_line
from events.models import Event
from registrations.models import Consent, Handover, Registration
from registrations.services import (
    RegistrationError,
    admitting,
    agreeing,
    asking,
    changing,
    notices,
    places,
    restraint,
    signup,
)
from registrations.signals import registration_confirmed

State = Registration.State
NOTHING = asking.Told()


def may_offer(registration: Registration) -> bool:
    return not _reason_against(registration)


def offer(
    *, registration: Registration, first_name: str, last_name: str = "", email: str, client: str = ""
) -> Handover:
    """Offer the place to a colleague, who is written to. Whether her address is registered is not said here."""
    names = {"first_name": one_line(first_name), "last_name": one_line(last_name), "email": normalise_email(email)}
    _check_address(registration, names)
    restraint.hand_over(client=client, registration=registration)
    restraint.ask(client=client, email=names["email"])
    with places.deciding(registration.event) as event:
        holder = _locked(registration, event)
        _must_be_hers_to_give(holder)
        if holder.handovers.open().exists():
            raise RegistrationError("offered", _("You have offered your place already: take that back first."))
        handover = Handover.objects.create(registration=holder, **names)
        notices.offer_handover(handover)
    return handover


def take_back(*, registration: Registration) -> None:
    """Her place is hers alone again. Twice is once; after the colleague has accepted it is too late (`over`)."""
    with places.deciding(registration.event) as event:
        holder = _locked(registration, event)
        if holder.handovers.filter(accepted_at__isnull=False).exists():
            raise _over()
        for handover in holder.handovers.open():
            _end(handover)
            notices.take_back_offer(handover)


def decline(*, handover: Handover) -> None:
    """The colleague cannot come: the place stays the holder's, who is told. Twice is once."""
    with places.deciding(handover.registration.event) as event:
        handover = _fresh(handover, event)
        if handover.accepted_at:
            raise _over()
        if handover.is_open:
            _end(handover)
            notices.tell_declined(handover)


def accept(
    *,
    handover: Handover,
    first_name: str,
    last_name: str = "",
    organisation: str = "",
    consents: Mapping[str, bool],
    told: asking.Told = NOTHING,
    language: str = "it",
) -> Registration:
    """The place is hers: one registration ends, the other begins. Works once (`over`)."""
    purposes = agreeing.check(consents)
    is_minor = admitting.is_minor(told.age)
    with places.deciding(handover.registration.event) as event:
        handover = _fresh(handover, event)
        holder = handover.registration
        if not handover.is_open:
            raise _over()
        _must_be_hers_to_give(holder)
        successor = _successor(handover, first_name, last_name, organisation, language, is_minor)
        signup.clean(successor)
        successor.answers = asking.check(event=event, answers=told.answers, version=told.questions_version)
        if event.registrations.filter(email=successor.email, state__in=Registration.ALIVE).exists():
            raise RegistrationError(
                "already_registered",
                _("You are registered for this event already. If you are on the waiting list, leave it first."),
            )
        _give_up(holder)
        successor.save(force_insert=True)
        event.invitations.filter(email=successor.email, registration=None).update(registration=successor)
        agreeing.record(registration=successor, purposes=purposes, how=Consent.How.HANDOVER)
        asking.keep(registration=successor, needs=told.needs, monitoring=told.monitoring)
        handover.successor, handover.accepted_at = successor, timezone.now()
        handover.save(update_fields=["successor", "accepted_at"])
        _tell(holder, successor)
    return successor


def _check_address(registration: Registration, names: dict[str, str]) -> None:
    signup.clean(Registration(**names))
    sentence = ""
    if not names["email"]:
        sentence = _("Please give your colleague’s e-mail address.")
    elif names["email"] == registration.email:
        sentence = _("This is your own address.")
    if sentence:
        raise RegistrationError("invalid", sentence, {"email": sentence})


def _locked(registration: Registration, event: Event) -> Registration:
    holder = Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)
    holder.event = event
    return holder


def _fresh(handover: Handover, event: Event) -> Handover:
    handover = Handover.objects.get(pk=handover.pk)
    handover.registration = _locked(handover.registration, event)
    return handover


def _reason_against(registration: Registration) -> str:
    """Why this place cannot be handed over, as a sentence; empty when it can."""
    if registration.event.state != Event.State.PLANNED:
        return _("The event has begun or will not be held: places can no longer be handed over.")
    if registration.state != State.CONFIRMED or registration.entered_at:
        return _("This place can no longer be handed over.")
    if registration.is_minor:
        return _("The place of somebody under 18 is handed over by us: write to us.")
    return ""


def _must_be_hers_to_give(registration: Registration) -> None:
    if sentence := _reason_against(registration):
        raise RegistrationError("closed", sentence)


def _over() -> RegistrationError:
    return RegistrationError("over", _("This link was used already, or the place is no longer offered."))


def _end(handover: Handover) -> None:
    handover.ended_at = timezone.now()
    handover.save(update_fields=["ended_at"])


def _successor(
    handover: Handover, first_name: str, last_name: str, organisation: str, language: str, is_minor: bool
) -> Registration:
    holder = handover.registration
    state = State.CONFIRMED if not is_minor and _may_come_without_asking(handover) else State.REQUESTED
    has_seat = state == State.CONFIRMED
    return Registration(
        event=holder.event,
        state=state,
        mode=holder.mode,
        first_name=one_line(first_name),
        last_name=one_line(last_name),
        email=handover.email,
        organisation=one_line(organisation),
        language=language,
        is_minor=is_minor,
        via=holder.via,
        email_confirmed_at=timezone.now(),
        told_sequence=holder.event.sequence,
        group=holder.group if has_seat else None,
        is_group_pinned=holder.is_group_pinned and has_seat,
    )


def _may_come_without_asking(handover: Handover) -> bool:
    event = handover.registration.event
    if event.needs_approval:
        return False
    if event.access == Event.Access.INVITATION:
        return event.invitations.filter(email=handover.email, withdrawn_at=None, registration=None).exists()
    return event.access == Event.Access.OPEN


def _give_up(holder: Registration) -> None:
    """Cancelled like any other, but that the place is not set free."""
    holder.state = State.CANCELLED
    changing.end(holder)
    holder.save(update_fields=changing.ENDED)


def _tell(holder: Registration, successor: Registration) -> None:
    notices.tell_handed_over(holder, successor)
    if successor.state == State.CONFIRMED:
        notices.send_ticket(successor)
        registration_confirmed.send(Registration, registration=successor)
    else:
        notices.tell_handover_requested(successor)
