"""What is written down about each message that leaves: the intent before its last byte, the relay's answer after it.

The answer to one message and the intent of the next are one statement, which is all that a message costs: one round to
the database and one commit. While the database is away, answers wait for it: what the relay took must not end in doubt
because a server was restarted.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from mail.models import Delivery

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 60
"""How long an answer waits for a database that is away."""

WRITE = """
    UPDATE mail_delivery SET
        state = CASE id WHEN %(next)s THEN 'sending' ELSE 'sent' END,
        handed_at = CASE id WHEN %(next)s THEN %(now)s ELSE handed_at END,
        leased_until = CASE id WHEN %(next)s THEN %(doubt)s ELSE leased_until END,
        sent_at = CASE id WHEN %(next)s THEN sent_at ELSE %(answered)s END,
        reply = CASE id WHEN %(next)s THEN reply ELSE %(reply)s END,
        reason = CASE id WHEN %(next)s THEN reason ELSE '' END
    WHERE id IN (%(next)s, %(last)s) AND leased_by = %(sender)s AND (
        id = %(last)s AND state IN ('sending', 'uncertain')
        OR id = %(next)s AND message_id = %(message)s AND state = 'leased' AND (
            %(mailing)s = 0
            OR EXISTS (SELECT 1 FROM mail_mailing g WHERE g.id = %(mailing)s AND g.state = 'running')
            AND NOT EXISTS (SELECT 1 FROM mail_suppression s WHERE s.email = mail_delivery.email)
        )
    )
    RETURNING id
"""
NOBODY = 0
"""The key of no row."""


@dataclass(frozen=True)
class Answer:
    """The relay took a message."""

    pk: int
    reply: str = ""
    at: datetime | None = None


NO_ANSWER = Answer(NOBODY)


class Ledger:
    """The writing of one sender. It keeps at most one answer in memory: `flush` before anything that takes time."""

    def __init__(self, sender: str, doubt_after: timedelta):
        self.sender, self.doubt_after = sender, doubt_after
        self.answer: Answer | None = None

    def intend(self, delivery: Delivery) -> bool:
        """The last look before the last byte: still ours, still this message, still wanted?

        From then on it is in doubt until answered. Raises the database's errors: then nothing may be handed over.
        """
        may_go = delivery.pk in self._write(delivery.pk, delivery.message_id, delivery.message.mailing_id or NOBODY)
        self.answer = None
        return may_go

    def taken(self, delivery: Delivery, reply: str) -> None:
        self.answer = Answer(delivery.pk, reply[:250], timezone.now())

    def flush(self) -> None:
        if self.answer:
            patiently(self._flush)

    def change(self, delivery: Delivery, states: list[str] | None = None, **values) -> None:
        """Any other end of a message that is ours, leased or being handed over unless `states` says otherwise."""
        self.flush()
        states = states or [Delivery.State.LEASED, Delivery.State.SENDING]
        mine = Delivery.objects.filter(pk=delivery.pk, leased_by=self.sender, state__in=states)
        patiently(lambda: mine.update(**values))

    def _flush(self) -> None:
        self._write()
        self.answer = None

    def _write(self, next_one: int = NOBODY, message: int = NOBODY, mailing: int = NOBODY) -> set[int]:
        """One statement, and so one transaction. Returns the keys of the rows that it changed."""
        now, answer = timezone.now(), self.answer or NO_ANSWER
        values = {
            "next": next_one, "message": message, "mailing": mailing, "sender": self.sender,
            "now": _when(now), "doubt": _when(now + self.doubt_after),
            "last": answer.pk, "answered": _when(answer.at or now), "reply": answer.reply,
        }  # fmt: skip
        with connection.wrap_database_errors, _cursor() as cursor:
            cursor.execute(WRITE, values)
            return {key for (key,) in cursor.fetchall()}


def _cursor():
    """PostgreSQL keeps the plan of the statement for the connection: to plan it anew is a third of a message's cost."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    connection.connection.prepare_threshold = 0
    return psycopg.Cursor(connection.connection)


def patiently(write: Callable[[], object]) -> None:
    """Run `write`, which may run twice, until the database takes it."""
    until = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            write()
            return
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block or monotonic() > until:
                raise
            log.warning("the database does not answer: %s", type(error).__name__)
            connection.close()
            sleep(0.5)


def _when(moment: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(moment)
