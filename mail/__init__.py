"""How it reaches them: the one outbox every e-mail leaves through."""
