"""Several colleagues of one organisation, registered in one go by one of them.

Whoever fills in the form says beforehand what is to happen when places are short: all of them or nobody, or as many as
fit. Everybody gets a mail of her own, agrees for herself when she confirms, and has a registration of her own from then
on; who does not confirm in time frees her place. One transaction of the event decides about all. Nobody learns from the
answer whether a colleague is registered already, or not of those the event is for: she is counted like the others, and
told by mail where she stands.
Refusals: `invalid` and `twice` at the line (`people.0.email`), `full`, `closed`, `by_invitation`, `too_many`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.addresses import normalise_email
from core.names import one_line
from events.models import Event
from registrations.models import Registration
from registrations.services import RegistrationError, admitting, notices, places, restraint, signup
from registrations.services.conditions import must_offer, must_take_registrations

MOST = 20


@dataclass(frozen=True)
class Person:
    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True)
class Outcome:
    """How many have a place to confirm, stand in line, or were left out because nothing was left."""

    placed: int
    waiting: int
    left_out: int


def register_all(
    *,
    event: Event,
    people: Sequence[Person],
    mode: str,
    organisation: str,
    registered_by: str,
    as_many_as_fit: bool = False,
    language: str = "it",
    via: str = "",
    client: str = "",
) -> Outcome:
    """Hold a place for each of `people`. With `as_many_as_fit` those beyond the places left stand in line, where there
    is a waiting list, and are left out otherwise; without it all are registered or, with `full`, nobody."""
    about = {"organisation": organisation, "language": language, "via": via}
    registrations = _checked(people, registered_by, about)
    for registration in registrations:
        restraint.ask(client=client, email=registration.email)
    with places.deciding(event) as event:
        must_take_registrations(event)
        _must_be_open(event)
        must_offer(event, mode)
        fitting = _fitting(event, mode, len(people))
        if fitting < len(people) and not as_many_as_fit:
            raise _short(fitting, len(people))
        chosen = registrations if event.has_waiting_list else registrations[:fitting]
        if not chosen:
            raise places.full()
        _register(event, mode, chosen, client)
    beyond = len(people) - fitting
    return Outcome(fitting, *((beyond, 0) if event.has_waiting_list else (0, beyond)))


def _checked(people: Sequence[Person], registered_by: str, about: dict[str, Any]) -> list[Registration]:
    """Unsaved registrations. Raises `invalid` with every line that is wrong."""
    problems: dict[str, Any] = {}
    if not one_line(registered_by):
        problems["registered_by"] = _("Say who you are: your colleagues read it in the mail.")
    if not one_line(about["organisation"]):
        problems["organisation"] = _("Say which organisation you belong to.")
    if not 1 <= len(people) <= MOST:
        problems["people"] = _("Write down at least one and at most %(most)d people.") % {"most": MOST}
    checked, seen = [], set()
    for number, person in enumerate(people):
        email = normalise_email(person.email)
        if email in seen:
            problems[f"people.{number}.email"] = _("This address stands there twice: each person needs her own.")
        seen.add(email)
        try:
            checked.append(signup.checked(person.first_name, person.last_name, email, **about))
        except RegistrationError as error:
            problems |= {_place(name, number): sentence for name, sentence in error.fields.items()}
        else:
            checked[-1].registered_by, checked[-1].has_yet_to_agree = one_line(registered_by), True
            if not email:
                problems[f"people.{number}.email"] = _("Please give the e-mail address.")
    if not problems:
        _check_name(checked[0], problems)
    if problems:
        raise RegistrationError("invalid", _("Please check what you wrote."), problems)
    return checked


def _place(name: str, number: int) -> str:
    return name if name == "organisation" else f"people.{number}.{name}"


def _check_name(registration: Registration, problems: dict[str, Any]) -> None:
    try:
        signup.clean(registration)
    except RegistrationError as error:
        problems |= error.fields


def _must_be_open(event: Event) -> None:
    if event.access == Event.Access.INVITATION:
        raise RegistrationError("by_invitation", _("At this event each person registers by her own invitation."))


def _fitting(event: Event, mode: str, number: int) -> int:
    """How many of so many newcomers get a place now."""
    left = event.places[mode].left
    return min(number, left) if left and places.next_in_line(event, [mode]) is None else 0


def _short(left: int, asked: int) -> RegistrationError:
    sentence = ngettext(
        "Only %(left)d place is left and you ask for %(asked)d: choose “as many as fit”, or register fewer people.",
        "Only %(left)d places are left and you ask for %(asked)d: choose “as many as fit”, or register fewer people.",
        left,
    ) % {"left": left, "asked": asked}
    return RegistrationError("full", sentence, {"fit": sentence})


def _register(event: Event, mode: str, chosen: list[Registration], client: str) -> None:
    addresses = [one.email for one in chosen]
    restraint.hold(client=client, event=event, mode=mode, number=len(chosen))  # first, whoever of them is known
    known = {one.email: one for one in event.registrations.filter(email__in=addresses, state__in=Registration.ALIVE)}
    for registration in chosen:
        if registration.email in known:
            known[registration.email].event = event
            signup.tell_where_she_stands(known[registration.email])
            continue
        if not admitting.admits(event, registration.email):
            admitting.tell_audience_only(event, registration.email)
            continue
        registration.event, registration.mode, registration.client = event, mode, client
        signup.hold(registration)
        registration.save(force_insert=True)
        notices.ask_to_confirm(registration, is_new=True)
