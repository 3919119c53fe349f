"""How places are given, once more and as plainly as possible: lists and counting, no database.

Written from the rules in docs/decisions/0027, so that the services can be compared with it step by step. Times are
minutes from now; a refusal is its code.
"""

from dataclasses import dataclass, field

BOTH = ("in_person", "online")
HOLDING = {"pending", "offered", "requested", "confirmed"}
ALIVE = HOLDING | {"waiting"}
NEVER = float("inf")


class Refused(Exception):  # noqa: N818  it is an answer
    pass


@dataclass
class Person:
    number: int
    email: str
    mode: str
    state: str = ""
    is_known: bool = False
    until: float | None = None
    queued: float | None = None
    promoted: float = NEVER
    takes_either: bool = False
    wished: str = ""
    is_approved: bool = False
    offers: int = 0

    @property
    def is_in_line(self):
        return self.state == "waiting" and self.queued is not None


@dataclass
class Places:
    capacity: dict[str, int | None]
    total: int | None = None
    starts: float = 7 * 24 * 60
    ends: float = 7 * 24 * 60 + 240
    hold: float = 60
    offer_hours: float = 24
    needs_approval: bool = False
    has_line: bool = True
    is_cancelled: bool = False
    now: float = 0
    people: list[Person] = field(default_factory=list)

    # what can be read

    def taken(self, mode):
        return sum(one.mode == mode and one.state in HOLDING for one in self.people)

    def left(self, mode):
        own = (self.capacity[mode] or 0) - self.taken(mode)
        return own if self.total is None else min(own, self.total - sum(map(self.taken, BOTH)))

    def line(self, *modes):
        waiting = [one for one in self.people if one.is_in_line and (one.mode in modes or one.takes_either)]
        return sorted(waiting, key=lambda one: (one.promoted, one.queued, one.number))

    def position(self, one):
        if not one.is_in_line:
            return 0
        return self.line(*(BOTH if one.takes_either else [one.mode])).index(one) + 1

    @property
    def is_over(self):
        return self.is_cancelled or self.now >= self.ends

    @property
    def offers_places(self):
        return not self.is_cancelled and self.now < self.starts

    def is_free_for_newcomers(self, mode):
        return self.left(mode) > 0 and not (self.offers_places and self.line(mode))

    # what people do

    def register(self, email, mode):
        self._must(not self.is_over, "closed")
        self._must(self.capacity[mode] is not None, "invalid")
        one = Person(len(self.people), email, mode, until=self.now + self.hold)
        one.state = "pending" if self.is_free_for_newcomers(mode) else "waiting"
        self._must(one.state == "pending" or self.has_line, "full")
        self._must_be_the_only(email)
        self.people.append(one)

    def walk_in(self):
        self._must(not self.is_over, "closed")
        self._must(self.capacity["in_person"] is not None, "invalid")
        self._must(self.left("in_person") > 0, "full")
        self.people.append(Person(len(self.people), "", "in_person", "confirmed"))

    def confirm(self, one):
        if one.state in ALIVE and (one.is_known or one.state == "confirmed"):
            return
        self._must(one.state not in {"cancelled", "refused"}, one.state)
        self._must(not self.is_over, "closed")
        if one.state != "pending":
            self._must(self.capacity[one.mode] is not None, "invalid")
            is_free = self.is_free_for_newcomers(one.mode)
            self._must(is_free or self.has_line, "full")
            if one.state == "expired":
                self._must_be_the_only(one.email)
        if one.state == "pending" or is_free:
            one.state = self._with_place(one)
        else:
            one.state, one.queued, one.promoted = "waiting", self.now, NEVER
        one.is_known, one.until = True, None

    def cancel(self, one):
        if one.state in ALIVE:
            self._must(not self.is_over, "closed")
            one.state, one.until = "cancelled", None
            self.serve()

    def change_mode(self, one, mode):
        if mode == one.mode:
            return
        self._must(self.capacity[mode] is not None, "invalid")
        self._must(one.state in ALIVE, "cancelled")
        self._must(self.offers_places, "closed")
        self._must(one.state != "offered", "offered")
        if one.state in HOLDING:
            self._must(self.taken(mode) < self.capacity[mode], "full")
            self._must(not (self.left(mode) > 0 and self.line(mode)), "full")
        else:
            self._must(self.is_free_for_newcomers(mode), "full")
            one.state = self._with_place(one) if one.is_known else "pending"
            one.queued, one.takes_either = None, False
        one.mode = mode
        self.serve()

    def choose_modes(self, one, takes_either):
        self._must_wait(one)
        self._must(self.offers_places, "closed")
        one.takes_either = takes_either and None not in self.capacity.values()
        self.serve()

    def accept(self, one):
        if one.state in {"confirmed", "requested"}:
            return
        self._must(not self.is_over, "closed")
        self._must(one.state == "offered", "offer_over")
        one.state, one.until, one.queued = self._with_place(one), None, None
        one.wished, one.takes_either = "", False

    def decline(self, one):
        if one.state == "offered":
            self._end_offer(one, "cancelled")
            self.serve()

    # what the staff and the clock do

    def promote(self, one):
        self._must_wait(one)
        one.promoted = min(one.promoted, self.now)
        self.serve()

    def approve(self, one):
        if one.is_approved and one.state != "requested":
            return
        self._must(one.state in ALIVE, "cancelled")
        self._must(not self.is_over, "closed")
        one.is_approved = True
        one.state = "confirmed" if one.state == "requested" else one.state

    def refuse(self, one):
        if one.state == "refused":
            return
        self._must(one.state in ALIVE, "cancelled")
        self._must(one.state != "confirmed", "closed")
        one.state, one.until = "refused", None
        self.serve()

    def timetable(self):
        due = [one for one in self.people if one.until is not None and one.until <= self.now]
        for one in due:
            if one.state == "offered":
                self._end_offer(one, "expired")
            elif one.state in {"pending", "waiting"}:
                one.state, one.until = "expired", None
        self.serve()

    def set_capacity(self, mode, number):
        after = self.capacity | {mode: number}
        self._must(not self.is_cancelled or after == self.capacity, "cancelled")
        self._must(any(places is not None for places in after.values()), "invalid")
        self._must(self.total is None or None not in after.values(), "invalid")
        self._must(after == self.capacity or self.total is None or self.total <= sum(after.values()), "invalid")
        self._must((number or 0) >= self.taken(mode), "capacity_below_taken")
        is_waited_for = any(one.is_in_line and one.mode == mode for one in self.people)
        self._must(after == self.capacity or number is not None or not is_waited_for, "has_waiting")
        self.capacity = after

    def set_total(self, number):
        self._must(not self.is_cancelled or number == self.total, "cancelled")
        self._must(number is None or None not in self.capacity.values(), "invalid")
        self._must(number in (None, self.total) or number <= sum(self.capacity.values()), "invalid")
        self._must(number is None or number >= sum(map(self.taken, BOTH)), "capacity_below_taken")
        self.total = number

    def cancel_event(self):
        self._must(self.is_cancelled or self.now < self.ends, "over")
        self.is_cancelled = True

    def serve(self):
        while self.offers_places:
            free = [mode for mode in BOTH if self.left(mode) > 0]
            if not free or not (line := self.line(*free)):
                return
            one = line[0]
            if one.mode not in free:
                one.wished, one.mode = one.mode, free[0]
            left = self.starts - self.now
            one.state, one.until = "offered", self.now + min(left, max(30, min(self.offer_hours * 60, left / 4)))
            one.offers += 1

    def _end_offer(self, one, state):
        if one.wished:
            one.state, one.mode, one.wished, one.takes_either = "waiting", one.wished, "", False
        else:
            one.state, one.queued = state, None
        one.until = None

    def _with_place(self, one):
        return "requested" if self.needs_approval and not one.is_approved else "confirmed"

    def _must_wait(self, one):
        self._must(one.state in ALIVE, "cancelled")
        self._must(not self.is_over, "closed")
        self._must(one.is_in_line, "not_waiting")

    def _must_be_the_only(self, email):
        self._must(all(one.email != email or one.state not in ALIVE for one in self.people), "already_registered")

    def _must(self, is_so, code):
        if not is_so:
            raise Refused(code)
