"""What mail tells the rooms above it."""

from django.dispatch import Signal

address_suppressed = Signal()
"""After commit: nothing but what it asks for itself reaches `email` any more, for `reason` (Suppression.Reason)."""
mailing_taken_up = Signal()
"""Something of a `mailing` that may have been over is owed again: a person has decided so."""
