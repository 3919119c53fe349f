"""Where a row of an event belongs: to the programme and the province of its event, for `visible_to` and `has_perm`."""

from typing import Any

from accounts.permissions import VisibleQuerySet


class OfEvent(VisibleQuerySet):
    """Rows that belong where their event belongs."""

    programme_path = "event__programme"
    territory_path = "event__territory"


class BelongsToEvent:
    """Where a row of an event belongs, for `has_perm`."""

    event: Any

    @property
    def programme_id(self) -> int:
        return self.event.programme_id

    @property
    def territory_id(self) -> int | None:
        return self.event.territory_id
