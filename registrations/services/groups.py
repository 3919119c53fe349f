"""Forming the groups of a lab, and moving people by hand.

Called by the staff page and the command `form_groups`. Who is seated is `Registration.objects.to_be_seated`; who sits
with whom is worked out in `grouping`, which knows no database. A person moved by hand is pinned: forming again leaves
her where she is, and moves as few of the others as the rules allow. Everything happens under the lock of the event's
row, so two organisers who press at once get one result. Ticket page and facilitator's list show what is
written here.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from events.models import Event
from registrations.models import Group, Registration
from registrations.services import RegistrationError
from registrations.services.grouping import Person, Table, arrange, colleague_pairs, crowded, fewest_pairs

LARGEST_SEED = 2**31


@dataclass(frozen=True)
class Formed:
    """What forming did: `moved` left a seat for another, `placed` had none before."""

    groups: list[Group]
    seed: int
    placed: int
    moved: int


@dataclass(frozen=True)
class Picture:
    """The groups of an event as they are, with what the organiser is told about them.

    `pairs` of colleagues share a table; `bound` is the number that nothing could avoid at so many tables, and `crowded`
    the organisations to blame for it. `is_expected` says that nobody has come yet and the list is of those expected.
    """

    groups: list[Group]
    unseated: list[Registration]
    people: int
    is_expected: bool
    pairs: int
    bound: int
    crowded: list[tuple[str, int]]

    @property
    def excess(self) -> int:
        """Pairs of colleagues beyond what could not be avoided; 0 is the best there is."""
        return self.pairs - self.bound


@transaction.atomic
def form_groups(
    *, event: Event, seed: int | None = None, facilitators: Collection[User] | None = None, number: int | None = None
) -> Formed:
    """Seat everybody present in as many groups as there are facilitators, or in `number` of them.

    Without `facilitators` the groups there are stay, or all facilitators of the province are taken. The same people and
    seed give the same groups. Errors: `no_groups`, `cancelled`, `unknown_facilitator`, `no_facilitator`,
    `too_few_tables`, `nobody`, `too_few_people`.
    """
    event = _locked(event)
    leaders = _leaders(event, facilitators, number)
    count = number or len(leaders)
    if number is None and facilitators is None:
        count = max(count, event.groups.count())
    people = list(Registration.objects.to_be_seated(event).order_by("pk"))
    _check_sizes(count, len(leaders), len(people))
    groups = _lay_tables(event, leaders, count)
    before = {one.pk: one.group_id for one in people}
    seed = secrets.randbelow(LARGEST_SEED) if seed is None else seed
    _take_away(event, keep=people)
    _seat(people, groups, seed=seed)
    return Formed(
        groups=groups,
        seed=seed,
        placed=sum(before[one.pk] is None for one in people),
        moved=sum(before[one.pk] not in (None, one.group_id) for one in people),
    )


@transaction.atomic
def add_late(*, event: Event) -> int:
    """Give a seat to everybody who came after the groups were formed; nobody else moves. How many were seated."""
    event = _locked(event)
    groups = list(event.groups.select_related("facilitator"))
    if not groups:
        raise RegistrationError("no_groups_yet", _("Form the groups first."))
    people = list(Registration.objects.to_be_seated(event).order_by("pk"))
    late = sum(one.group_id is None for one in people)
    _seat(people, groups, seed=event.pk, keep_all=True)
    return late


@transaction.atomic
def move(*, registration: Registration, group: Group | None) -> Registration:
    """Seat a person by hand and pin her there; without a group, take her out and unpin her."""
    event = _locked(registration.event)
    registration = Registration.objects.select_for_update().get(pk=registration.pk)
    if group is not None and group.event_id != event.pk:
        raise RegistrationError("wrong_event", _("This group belongs to another event."))
    if group is not None and registration.state != Registration.State.CONFIRMED:
        raise RegistrationError("not_registered", _("Only people who are registered sit in a group."))
    registration.group = group
    registration.is_group_pinned = group is not None
    registration.save(update_fields=["group", "is_group_pinned", "changed_at"])
    return registration


@transaction.atomic
def dissolve(*, event: Event) -> None:
    """Take the groups away, with who was pinned; nobody loses a registration."""
    event = _locked(event)
    _stand_up(Registration.objects.filter(event=event, group__isnull=False))
    event.groups.all().delete()


def picture(*, event: Event) -> Picture:
    """The groups of an event with their people, in a fixed number of queries."""
    groups = list(event.groups.select_related("facilitator"))
    people = list(Registration.objects.to_be_seated(event).order_by("first_name", "last_name", "pk"))
    by_group: dict[int | None, list[Registration]] = {}
    for one in people:
        by_group.setdefault(one.group_id, []).append(one)
    for group in groups:
        group.people = by_group.get(group.pk, [])
    seated = [one for one in people if one.group_id is not None]
    organisations = [one.organisation for one in seated]
    return Picture(
        groups=groups,
        unseated=by_group.get(None, []),
        people=len(people),
        is_expected=not any(one.entered_at for one in people),
        pairs=colleague_pairs((one.organisation, one.group_id) for one in seated),
        bound=fewest_pairs(organisations, len(groups)) if groups else 0,
        crowded=crowded(organisations, len(groups)),
    )


def _locked(event: Event) -> Event:
    event = Event.objects.select_for_update(of=("self",)).get(pk=event.pk)
    if not event.kind_facts.has_groups:
        raise RegistrationError("no_groups", _("Events of this kind have no groups."))
    if event.cancelled_at:
        raise RegistrationError("cancelled", _("This event was cancelled."))
    return event


def _leaders(event: Event, chosen: Collection[User] | None, number: int | None) -> list[User]:
    """The facilitators of the groups: those chosen, else those there are, else all who may (as many as asked for)."""
    eligible = list(User.objects.facilitators_at(event))
    if chosen is not None:
        if not {one.pk for one in chosen} <= {one.pk for one in eligible}:
            raise RegistrationError(
                "unknown_facilitator",
                _("Choose only facilitators of this province."),
                {"facilitators": _("Choose only facilitators of this province.")},
            )
        return list(chosen)
    present = [group.facilitator for group in event.groups.select_related("facilitator") if group.facilitator]
    return (present or eligible)[:number]


def _check_sizes(count: int, leaders: int, people: int) -> None:
    if not count:
        sentence = _("Choose at least one facilitator, or say how many groups you want.")
        raise RegistrationError("no_facilitator", sentence, {"number": sentence})
    if count < leaders:
        sentence = _("There are more facilitators than groups: leave out a facilitator or ask for more groups.")
        raise RegistrationError("too_few_tables", sentence, {"number": sentence})
    if not people:
        raise RegistrationError("nobody", _("Nobody is registered in person yet: there is nobody to seat."))
    if people < count:
        sentence = _("There are fewer people than groups: %(people)d people, %(groups)d groups.") % {
            "people": people,
            "groups": count,
        }
        raise RegistrationError("too_few_people", sentence, {"number": sentence})


def _lay_tables(event: Event, leaders: Sequence[User], count: int) -> list[Group]:
    """`count` groups, one for each leader first. A leader keeps the group she has; what is too many goes."""
    there = list(event.groups.order_by("number"))
    led = {group.facilitator_id: group for group in there if group.facilitator_id}
    kept = {leader.pk: led[leader.pk] for leader in leaders if leader.pk in led}
    spare = [group for group in there if group.pk not in {one.pk for one in kept.values()}]
    free = iter(sorted(set(range(1, count + len(there) + 1)) - {group.number for group in there}))
    groups = []
    for leader in [*leaders, *[None] * (count - len(leaders))]:
        group = kept.get(leader.pk) if leader else None
        if group is None:
            group = spare.pop(0) if spare else Group(event=event, number=next(free))
            group.facilitator = leader
            group.save()
        else:
            group.facilitator = leader
        groups.append(group)
    _stand_up(Registration.objects.filter(group__in=spare))  # first, so that the phones at the door hear of it
    Group.objects.filter(pk__in=[group.pk for group in spare]).delete()
    return sorted(groups, key=lambda group: group.number)


def _take_away(event: Event, keep: Collection[Registration]) -> None:
    """Whoever cancelled, goes online now or has not come gives up the seat."""
    absent = Registration.objects.filter(event=event, group__isnull=False).exclude(pk__in=[one.pk for one in keep])
    _stand_up(absent)


def _stand_up(people) -> None:
    people.update(group=None, is_group_pinned=False, changed_at=timezone.now())


def _seat(people: Sequence[Registration], groups: Sequence[Group], *, seed: int, keep_all: bool = False) -> None:
    index = {group.pk: position for position, group in enumerate(groups)}
    seats = arrange(
        [Person(one.pk, one.organisation, index.get(one.group_id), one.is_group_pinned or keep_all) for one in people],
        [Table(group.facilitator.organisation if group.facilitator else "") for group in groups],
        seed=seed,
    )
    changed = []
    for one in people:
        group = groups[seats[one.pk]]
        if one.group_id != group.pk:
            one.group = group
            one.is_group_pinned = False
            one.changed_at = timezone.now()
            changed.append(one)
    Registration.objects.bulk_update(changed, ["group", "is_group_pinned", "changed_at"])
