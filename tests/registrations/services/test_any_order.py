"""Whatever people, staff and clock do, in whatever order: the services and a plain model of the rules say the same.

`CONVIVIO_EXAMPLES=2000 uv run pytest tests/registrations/services/test_any_order.py` looks longer.
"""

import os
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import RuleError
from events.services import editing
from mail.models import Delivery
from registrations.services import approving, changing, expiring, places, signup, waiting_list
from tests.make import make_event
from tests.registrations.model_of_places import BOTH, Places, Refused
from tests.registrations.people import register

EXAMPLES = int(os.environ.get("CONVIVIO_EXAMPLES", 16))
CONSENTS = {"privacy": True}
KINDS = {
    "places of their own": {"capacity": {"in_person": 1, "online": 2}},
    "one total": {"capacity": {"in_person": 2, "online": 2}, "total": 2},
    "one mode": {"capacity": {"in_person": 2, "online": None}},
    "approval": {"capacity": {"in_person": 1, "online": 1}, "needs_approval": True},
    "no waiting list": {"capacity": {"in_person": 1, "online": 1}, "has_line": False},
}
WHO, MODE = st.integers(0, 7), st.sampled_from(BOTH)
STEPS = st.one_of(
    st.tuples(st.just("join"), st.integers(0, 4), MODE),  # registers and opens the mail
    st.tuples(st.just("register"), st.integers(0, 4), MODE),
    st.tuples(st.sampled_from(["confirm", "cancel", "accept", "decline", "promote", "approve", "refuse"]), WHO),
    st.tuples(st.just("change_mode"), WHO, MODE),
    st.tuples(st.just("choose_modes"), WHO, st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([1, 45, 90, 25 * 60, 7 * 24 * 60 - 20, 7 * 24 * 60, 60 * 4])),
    st.tuples(st.sampled_from(["timetable", "timetable", "walk_in", "cancel_event"])),
    st.tuples(st.just("set_capacity"), MODE, st.sampled_from([None, 0, 1, 2, 3])),
    st.tuples(st.just("set_total"), st.sampled_from([None, 1, 2, 3])),
)
SERVICES = {
    "confirm": signup.confirm,
    "cancel": changing.cancel,
    "change_mode": changing.change_mode,
    "choose_modes": waiting_list.choose_modes,
    "accept": waiting_list.accept,
    "decline": waiting_list.decline,
    "promote": waiting_list.promote,
    "approve": approving.approve,
    "refuse": approving.refuse,
}


class Real:
    """The same steps through the services, as pages and timetable take them."""

    def __init__(self, model):
        self.model, self.people = model, []
        self.event = make_event(
            **{f"{mode}_capacity": number for mode, number in model.capacity.items()},
            total_capacity=model.total,
            starts_at=timezone.now() + timedelta(minutes=model.starts),
            needs_approval=model.needs_approval,
            has_waiting_list=model.has_line,
            offer_hours=model.offer_hours,
        )
        self.began = timezone.now()
        model.hold = self.event.programme.hold_minutes

    def register(self, email, mode):
        self.people.append(register(self.event, email=email, mode=mode))

    def walk_in(self):
        self.people.append(signup.register_walk_in(event=self.event, first_name="Bea", consents=CONSENTS))

    def timetable(self):
        expiring.expire()
        waiting_list.serve_all()

    def set_capacity(self, mode, number):
        editing.update_event(event=self.event, changes={f"{mode}_capacity": number})

    def set_total(self, number):
        editing.update_event(event=self.event, changes={"total_capacity": number})

    def cancel_event(self):
        editing.cancel_event(event=self.event)

    def do(self, name, number, *arguments):
        one = self.people[number]
        named = {
            "change_mode": lambda mode: {"mode": mode},
            "choose_modes": lambda is_willing: {"accepts_other": is_willing},
            "promote": lambda: {"because": "She speaks."},
            "refuse": lambda: {"because": "Not this time."},
        }
        SERVICES[name](registration=one, **named.get(name, dict)(*arguments))

    def shown(self):
        """Each person's row, the counters and how often each was mailed an offer."""
        mails = dict(
            Delivery.objects.filter(message__kind="registrations.place_offered")
            .values_list("email")
            .annotate(Count("pk"))
        )
        rows = []
        for one in self.people:
            one.refresh_from_db()
            one.event = self.event
            until = one.held_until and round((one.held_until - self.began) / timedelta(minutes=1), 3)
            is_dated = one.state in {"pending", "offered"}
            place = waiting_list.position(one)
            rows.append((one.state, one.mode, one.wished_mode, one.accepts_other_mode, is_dated and until, place))
        self.event.refresh_from_db()
        return rows, (self.event.in_person_taken, self.event.online_taken), mails


def shown(model):
    mails = {}
    for one in model.people:
        if one.offers:
            mails[one.email] = mails.get(one.email, 0) + one.offers
    rows = [
        (
            one.state,
            one.mode,
            one.wished,
            one.takes_either,
            one.state in {"pending", "offered"} and round(one.until, 3),
            place,
        )
        for one, place in zip(model.people, map(model.position, model.people), strict=True)
    ]
    return rows, tuple(map(model.taken, BOTH)), mails


def answer(work, *arguments):
    try:
        work(*arguments)
    except (RuleError, Refused) as refusal:
        return getattr(refusal, "code", None) or refusal.args[0]
    return "done"


def take(real, model, clock, name, *arguments):
    """One step in both; what each answered."""
    clock.shift(timedelta(seconds=1))
    model.now += 1 / 60
    if name == "wait":
        clock.shift(timedelta(minutes=arguments[0]))
        model.now += arguments[0]
        return "done", "done"
    if name in {"join", "register"}:
        arguments = (f"person{arguments[0]}@example.org", arguments[1])
        said = answer(real.register, *arguments), answer(model.register, *arguments)
        if name == "join" and said == ("done", "done"):
            return take(real, model, clock, "confirm", len(model.people) - 1)
        return said
    if hasattr(real, name):
        return answer(getattr(real, name), *arguments), answer(getattr(model, name), *arguments)
    if not model.people:
        return "done", "done"
    number, *rest = arguments
    number %= len(model.people)
    said = answer(real.do, name, number, *rest)
    return said, answer(getattr(model, name), model.people[number], *rest)


def compare(kind, steps):
    model = Places(**KINDS[kind] | {"capacity": dict(KINDS[kind]["capacity"])})
    with transaction.atomic(), time_machine.travel("2026-03-02T10:00:00Z", tick=False) as clock:
        real = Real(model)
        for number, step in enumerate(steps):
            really, should = take(real, model, clock, *step)
            assert really == should, f"step {number}, {step}: answered {really} instead of {should}"
            assert shown_equal(real, model), f"step {number}, {step}: {real.shown()} instead of {shown(model)}"
            assert places.miscounted(real.event) == {}
        transaction.set_rollback(True)


def shown_equal(real, model):
    return real.shown() == shown(model)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_any_order_of_steps_ends_as_the_rules_say(kind):
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize="CONVIVIO_EXAMPLES" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(STEPS, min_size=6, max_size=25))
    def agree(steps):
        compare(kind, steps)

    agree()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "steps",
    [
        # the mode one waited for is not offered any more when the link is opened
        [("register", 0, "online"), ("wait", 90), ("timetable",), ("set_capacity", "online", None), ("confirm", 0)],
        # half an hour before the start every offer has the same deadline: the second was not mailed
        [
            ("join", 0, "in_person"),
            ("wait", 7 * 24 * 60 - 20),
            ("join", 1, "in_person"),
            ("timetable",),
            ("choose_modes", 1, True),
            ("decline", 1),
            ("cancel", 0),
        ],
    ],
)
def test_what_was_once_wrong(steps):
    compare("places of their own", steps)


@pytest.mark.django_db
def test_a_model_with_another_rule_is_found_out(monkeypatch):
    """The negative control: the last who came is asked first."""
    line = Places.line
    monkeypatch.setattr(Places, "line", lambda self, *modes: line(self, *modes)[::-1])
    steps = [("join", 0, "in_person"), ("join", 1, "in_person"), ("wait", 1), ("join", 2, "in_person"), ("cancel", 0)]
    with pytest.raises(AssertionError, match="step 3"):
        compare("places of their own", steps)
