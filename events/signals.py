"""Bells for the rooms above. A receiver only queues work after commit.

`event_rescheduled`: the date or the place changed (sender Event, `event`). `event_cancelled`: it will not be held.
"""

from django.dispatch import Signal

event_rescheduled = Signal()
event_cancelled = Signal()
