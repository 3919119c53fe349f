"""Bells for the rooms above. A receiver only queues work after commit.

`event_rescheduled`: the date or the place changed (sender Event, `event`). `event_cancelled`: it will not be held.
`capacity_raised`: there are more places than before, which the waiting list may take. `recount_owed`: hours, agenda or
the rule for who was not seen going out changed, so that presence is to be counted anew (`events.services.recounting`).
"""

from django.dispatch import Signal

event_rescheduled = Signal()
event_cancelled = Signal()
capacity_raised = Signal()
recount_owed = Signal()
