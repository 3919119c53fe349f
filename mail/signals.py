"""What mail tells the rooms above it."""

from django.dispatch import Signal

address_suppressed = Signal()
"""After commit: nothing but what it asks for itself reaches `email` any more, for `reason` (Suppression.Reason)."""
