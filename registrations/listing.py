"""Which people of an event the staff want to see: search, filters and order, as they stand in the page's address.

One reading for the list and for the exports, so that what is taken home is what was on the screen. What is misspelt in
the address filters nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registrations.models import BY_NAME, Registration, RegistrationQuerySet
from registrations.services import tickets

ORDERS = {
    "name": BY_NAME,
    "newest": ["-created_at", "-pk"],
    "organisation": ["organisation", *BY_NAME],
    "line": [F("promoted_at").asc(nulls_last=True), F("queued_at").asc(nulls_last=True), "pk"],
    "entered": ["-entered_at", *BY_NAME],
}
ORDER_LABELS = [
    ("name", _("By surname")),
    ("newest", _("Newest first")),
    ("organisation", _("By organisation")),
    ("entered", _("By entry")),
    ("line", _("As on the waiting list")),
]
PRESENCE = {
    "yes": Q(entered_at__isnull=False),
    "no": Q(entered_at=None, state=Registration.State.CONFIRMED),
    "inside": Q(is_inside=True),
}
PRESENCE_LABELS = [("yes", _("Came")), ("no", _("Did not come")), ("inside", _("Inside now"))]
ALIVE = "alive"


def in_line(path: str = "") -> Q:
    """Who counts on the waiting list: only who has confirmed the address. `path` leads to the registrations."""
    return Q(**{f"{path}state": Registration.State.WAITING, f"{path}queued_at__isnull": False})


STATES = {
    ALIVE: Q(state__in=Registration.ALIVE),
    **{state: Q(state=state) for state in Registration.State.values},
    Registration.State.PENDING: Q(state=Registration.State.PENDING)
    | Q(state=Registration.State.WAITING, queued_at=None),
    Registration.State.WAITING: in_line(),
}
"""What the staff mean by a state: `Registration.shown_state`."""


@dataclass(frozen=True)
class Listing:
    words: str = ""
    state: str = ""
    mode: str = ""
    presence: str = ""
    order: str = "name"

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        return cls(
            words=query.get("q", "").strip()[:300],
            state=query.get("state", ALIVE),
            mode=query.get("mode", ""),
            presence=query.get("presence", ""),
            order=query.get("order") or ("line" if query.get("state") == Registration.State.WAITING else "name"),
        )

    def apply(self, registrations: RegistrationQuerySet) -> RegistrationQuerySet:
        found = tickets.find(registrations, self.words)
        found = found.filter(STATES.get(self.state, Q()))
        if self.mode:
            found = found.filter(mode=self.mode)
        found = found.filter(PRESENCE.get(self.presence, Q()))
        return found.order_by(*ORDERS.get(self.order, ORDERS["name"]))
