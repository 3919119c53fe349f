"""Ways to take part, and how many places each has left."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mode(models.TextChoices):
    IN_PERSON = "in_person", _("In person")
    ONLINE = "online", _("Online")


class Places:
    """Room for one mode: how many in all, how many are left, also of the total that the modes may share."""

    def __init__(self, mode: Mode, capacity: int, taken: int, total_left: int | None = None):
        self.mode = mode
        self.capacity = capacity
        self.taken = taken
        own = max(capacity - taken, 0)
        self.left = own if total_left is None else min(own, total_left)
        self.has_room = own > 0
        """For somebody who comes over from the other mode, and so needs no place more of the total."""

    @property
    def label(self) -> str:
        return self.mode.label
