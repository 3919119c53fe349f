"""The outbox's rules: what is owed, what leaves, what is in doubt."""
