"""What is written down about each message that leaves: the intent before its last byte, the relay's answer after it.

The answer to one message and the intent of the next are one transaction, so a message costs one commit. These two
statements are all that a message costs, and are written in SQL for that reason. While the database is away, answers
wait for it: what the relay took must not end in doubt because a server was restarted.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from mail.models import Delivery

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 60
"""How long an answer waits for a database that is away."""

INTENT = """
    UPDATE mail_delivery SET state = 'sending', handed_at = %s, leased_until = %s
    WHERE id = %s AND message_id = %s AND leased_by = %s AND state = 'leased'
"""
STILL_WANTED = """
    AND EXISTS (SELECT 1 FROM mail_mailing WHERE mail_mailing.id = %s AND mail_mailing.state = 'running')
    AND NOT EXISTS (SELECT 1 FROM mail_suppression WHERE mail_suppression.email = mail_delivery.email)
"""
ANSWER = """
    UPDATE mail_delivery SET state = 'sent', sent_at = %s, reply = %s, reason = ''
    WHERE id = %s AND leased_by = %s AND state IN ('sending', 'uncertain')
"""


@dataclass(frozen=True)
class Answer:
    """The relay took a message."""

    pk: int
    reply: str
    at: datetime


class Ledger:
    """The writing of one sender. It keeps at most one answer in memory: `flush` before anything that takes time."""

    def __init__(self, sender: str, doubt_after: timedelta):
        self.sender, self.doubt_after = sender, doubt_after
        self.answer: Answer | None = None

    def intend(self, delivery: Delivery) -> bool:
        """The last look before the last byte: still ours, still this message, still wanted?

        From then on it is in doubt until answered. Raises the database's errors: then nothing may be handed over.
        """
        now = timezone.now()
        sql = INTENT
        values = [_when(now), _when(now + self.doubt_after), delivery.pk, delivery.message_id, self.sender]
        if delivery.message.mailing_id:
            sql += STILL_WANTED
            values.append(delivery.message.mailing_id)
        with transaction.atomic(), connection.cursor() as cursor:
            if self.answer:
                self._write_answer(cursor)
            cursor.execute(sql, values)
            may_go = cursor.rowcount == 1
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
        with connection.cursor() as cursor:
            self._write_answer(cursor)
        self.answer = None

    def _write_answer(self, cursor) -> None:
        answer = self.answer
        cursor.execute(ANSWER, [_when(answer.at), answer.reply, answer.pk, self.sender])


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
