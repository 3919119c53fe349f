"""Bells for the rooms above. A receiver only queues work after commit.

`registration_confirmed`: somebody holds a place for good (sender Registration, `registration`).
`consents_changed`: somebody gave or took back a consent afterwards (sender Registration, `registration`).
"""

from django.dispatch import Signal

registration_confirmed = Signal()
consents_changed = Signal()
