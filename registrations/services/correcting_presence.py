"""What people of the staff put right about presence: each time a fact of its own beside those that stay as they came.

Who was there and not scanned gets an entry or an exit by hand (`add`); what is not true is taken back (`annul`, and
of a platform's file the whole stay: `annul_stay`); what looked odd and is fine was looked at (`settle`, `settle_all`);
a scan that says nothing yet was somebody's (`assign`); who was let in without being registered gets a place, above
them if need be (`register`). Called by the staff's pages for whoever may `registrations.change`. Each is one
transaction that counts the person's presence anew; twice is once.
A phone's own undo is in `checkin`.
Refusals: `reason_required` `invalid` `future` `closed` `cancelled` `not_confirmed` `known` `elsewhere` `settled`
`not_admissible`.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from core.names import one_line
from core.tokens import link_token
from events.models import Event, Mode
from registrations.models import Correction, Device, Registration, Scan
from registrations.services import RegistrationError, attendance, door_table, letting_in, places

Kind = Correction.Kind
LONGEST = Scan._meta.get_field("note").max_length
DIRECTIONS = {Scan.Direction.IN, Scan.Direction.OUT}
IN_ONE_GO = {Scan.Reason.REVOKED, Scan.Reason.INVALID}
"""What a phone can leave behind by the hundred, and nobody can decide one by one."""


@transaction.atomic
def add(*, registration: Registration, mode: str, direction: str, at: datetime, reason: str, by: User) -> Scan:
    """She came in or went out at `at`, in the hall or online, and no phone saw it."""
    reason = _reason(reason)
    if mode not in Mode.values:
        raise _refusal("invalid", "mode", _("Choose in person or online."))
    if direction not in DIRECTIONS:
        raise _refusal("invalid", "direction", _("Choose entrance or exit."))
    return _by_hand(_locked(registration), mode, direction, at, reason, by)


@transaction.atomic
def annul(*, scan: Scan, reason: str, by: User) -> Correction:
    """It does not count, whenever it was."""
    reason = _reason(reason)
    if scan.registration_id:
        _locked(scan.registration)
    correction, _is_new = _correct(scan, Kind.ANNULLED, reason, by)
    if scan.registration:
        attendance.recompute(scan.registration)
    return correction


@transaction.atomic
def annul_stay(*, scan: Scan, reason: str, by: User) -> Correction:
    """Neither the entry `scan` counts nor the exit that the same file says beside it."""
    correction = annul(scan=scan, reason=reason, by=by)
    if scan.evidence_id and scan.direction == Scan.Direction.IN:
        of_the_file = Scan.objects.sightings().filter(evidence=scan.evidence_id, registration=scan.registration_id)
        following = of_the_file.filter(at__gte=scan.at).order_by("at", "pk").first()
        if following and following.direction == Scan.Direction.OUT:
            annul(scan=following, reason=reason, by=by)
    return correction


@transaction.atomic
def settle(*, scan: Scan, by: User, reason: str = "") -> Correction:
    """Somebody has looked at it, and nothing has to change."""
    return _correct(scan, Kind.SETTLED, one_line(reason)[:LONGEST], by)[0]


@transaction.atomic
def settle_all(*, event: Event, device: Device, reason: str, by: User) -> int:
    """Somebody has looked at all that waits of a phone and is `IN_ONE_GO`: nothing has to change. How many it were."""
    reason = _reason(reason)
    waiting = list(event.scans.to_look_at().filter(device=device, reason__in=IN_ONE_GO).order_by("pk"))
    settled = [Correction(scan=scan, kind=Kind.SETTLED, by=by, reason=reason) for scan in waiting]
    Correction.objects.bulk_create(settled, batch_size=500, ignore_conflicts=True)
    return len(waiting)


@transaction.atomic
def assign(*, scan: Scan, registration: Registration, reason: str, by: User) -> Scan:
    """What the door could not read, or what came from a revoked phone, was `registration` at the time of `scan`.

    Gives the new fact.
    """
    reason = _reason(reason)
    if scan.registration_id and scan.says_where:
        raise RegistrationError("known", _("Whose ticket this was is known already."))
    person = _locked(registration)
    if person.event_id != scan.event_id:
        raise _refusal("elsewhere", "person", _("This person is not registered for this event."))
    _correction, is_new = _correct(scan, Kind.SETTLED, reason, by)
    if not is_new:
        standing = _standing(person, scan.mode, scan.direction, scan.at)
        if standing is None:
            raise RegistrationError("settled", _("Somebody has looked at this scan already."))
        return standing
    return _by_hand(person, scan.mode, scan.direction, scan.at, reason, by)


def register(*, scan: Scan, reason: str, by: User) -> Registration:
    """Who was let in by `scan` is registered in person from now on, above the places when none is left."""
    reason = _reason(reason)
    if scan.registration is None:
        raise RegistrationError("not_admissible", _("Say first whose ticket this was."))
    with places.deciding(scan.event) as event:
        person = _locked(scan.registration)
        is_there = person.state == Registration.State.CONFIRMED and person.mode == Mode.IN_PERSON
        if not is_there and not letting_in.admit(event=event, person=person, why=reason, above=True):
            sentence = _("Something else is missing before this person can be registered: look at her page.")
            raise RegistrationError("not_admissible", sentence)
        _correct(scan, Kind.SETTLED, reason, by)
    return person


def _by_hand(person: Registration, mode: str, direction: str, at: datetime, reason: str, by: User) -> Scan:
    _check(person, at)
    standing = _standing(person, mode, direction, at)
    if standing:
        return standing
    fact = Scan.objects.create(
        event=person.event,
        registration=person,
        nonce=f"hand-{link_token()}",
        mode=mode,
        direction=direction,
        source=Scan.Source.HAND,
        status=Scan.Status.OK,
        at=at,
        by=by,
        note=reason,
    )
    attendance.recompute(person)
    return fact


def _check(person: Registration, at: datetime) -> None:
    event = person.event
    if event.cancelled_at:
        raise RegistrationError("cancelled", _("This event was cancelled: nobody attended it."))
    if person.state != Registration.State.CONFIRMED:
        raise RegistrationError("not_confirmed", _("Only who is registered can be present: register her first."))
    if timezone.is_naive(at):
        raise _refusal("invalid", "at", _("A time needs its time zone."))
    if at > timezone.now():
        raise _refusal("future", "at", _("This is yet to come: write when it happened."))
    opens_at, closes_at = door_table.opens_at(event), door_table.closes_at(event)
    if not opens_at <= at <= closes_at:
        hours = {"start": _moment(opens_at), "end": _moment(closes_at)}
        raise _refusal("closed", "at", _("It must be between %(start)s and %(end)s.") % hours)


def _correct(scan: Scan, kind: str, reason: str, by: User) -> tuple[Correction, bool]:
    values = {"by": by, "reason": reason}
    return Correction.objects.get_or_create(scan=scan, kind=kind, defaults=values)


def _standing(person: Registration, mode: str, direction: str, at: datetime) -> Scan | None:
    """The same entry by hand, where it was made already and not taken back."""
    by_hand = Scan.objects.sightings().filter(registration=person, source=Scan.Source.HAND)
    return by_hand.filter(mode=mode, direction=direction, at=at).first()


def _locked(registration: Registration) -> Registration:
    """Before anything is written about her: who takes back the same fact at this moment waits here."""
    return Registration.objects.select_for_update(of=("self",)).select_related("event").get(pk=registration.pk)


def _reason(reason: str) -> str:
    reason = one_line(reason)[:LONGEST]
    if not reason:
        raise _refusal("reason_required", "reason", _("Say why, so that whoever looks later understands."))
    return reason


def _refusal(code: str, field: str, sentence: str) -> RegistrationError:
    return RegistrationError(code, sentence, {field: sentence})


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F, G:i")
