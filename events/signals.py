"""Bells for the rooms above. A receiver only queues work after commit.

`event_rescheduled`: the date or the place changed (sender Event, `event`). `event_cancelled`: it will not be held.
`capacity_raised`: there are more places than before, which the waiting list may take.
"""

from django.dispatch import Signal

event_rescheduled = Signal()
event_cancelled = Signal()
capacity_raised = Signal()
