"""Empties the outbox: nobody twice, nobody lost, and what is in doubt has a name.

A sender leases some rows (`claiming`), brings each message up to its last byte, writes the intent and only then hands
it over (`ledger`). An intent whose sender died is in doubt: service mail goes again under the same Message-ID, a
newsletter waits for a person's word. How fast, and what has to wait for a server, is `routes`; whose trouble a refusal
is, `refusals`. Any number of workers may run this at once, on both databases.
"""

import logging
from collections import deque
from datetime import datetime, timedelta
from time import monotonic, sleep

from django.db import DatabaseError, connection
from django.db.models import Case, F, Q, Subquery, Value, When
from django.db.models.functions import Substr
from django.utils import timezone

from core.tokens import link_token
from mail.composing import Templates
from mail.headers import NoAddress
from mail.models import Delivery, Mailing, Message, Suppression
from mail.services import claiming, feedback, routes
from mail.services.claiming import Claim
from mail.services.ledger import Ledger, patiently
from mail.services.outbox import TAKEN_BACK
from mail.services.refusals import ABOUT_THE_ADDRESS, Refusals
from mail.signing import signer
from mail.transports import BrokenOff, Deferred, FileTransport, InDoubt, Refused, SmtpTransport, Unreachable, transport

log = logging.getLogger(__name__)
State = Delivery.State

BATCH_SECONDS = 0.5
"""After so long a sender looks for something more urgent, whatever is left of its batch."""
SLOW_SECONDS = 0.05
"""An answer waits for the next intent only where messages leave faster than this."""
DOUBT_AFTER = timedelta(minutes=11)
"""Longer than the wait for the reply to the last byte."""
LONGEST_WAIT = timedelta(hours=4)
IS_TAKEN_BACK = Q(reason__startswith=TAKEN_BACK)


def drain(*, seconds: float, is_patient: bool = True) -> bool:
    """Send what is due for at most about `seconds`. Returns whether there is more to do at once.

    A patient sender sleeps where a rate says so; another leaves that to the patient ones.
    """
    until = monotonic() + seconds
    sender = Sender(transport())
    try:
        while monotonic() < until:
            claim = sender.claim()
            if claim.batch:
                sender.send_all(claim)
            elif claim.seconds is None or not is_patient:
                return False
            else:
                sleep(max(0.01, min(claim.seconds, 1, until - monotonic())))
        return True
    except Unreachable as error:
        log.warning("mail relay in trouble: %s", error)
        return False
    finally:
        sender.close()


class Sender:
    """One connection to the relay, and what becomes of the messages brought there."""

    def __init__(self, relay: FileTransport | SmtpTransport, name: str = ""):
        self.name = name or link_token()
        self.relay = relay
        self.ledger = Ledger(self.name, DOUBT_AFTER)
        self.templates = Templates()
        self.sign = signer()
        self.refusals = Refusals()
        self.troubled: set[str] = set()
        self.held: set[str] = set()
        self.is_trial = False
        self.size = claiming.BATCH

    def claim(self) -> Claim:
        claim = claiming.claim(sender=self.name, relay=self.relay.name, size=self.size)
        self.templates.lend(claim.batch)
        self.troubled, self.held, self.is_trial = claim.troubled, set(), claim.is_trial
        return claim

    def send_all(self, claim: Claim) -> None:
        """As much of the batch as leaves in a moment; the rest is given back. Raises Unreachable."""
        until = monotonic() + BATCH_SECONDS
        rest, skipped = deque(claim.batch), []
        try:
            while rest and monotonic() < until:
                delivery = rest.popleft()
                if delivery.domain in self.held:
                    skipped.append(delivery)
                elif not self.send(delivery):
                    break
        finally:
            self.ledger.flush()
            self._give_back(*rest, *skipped)
            self.size = min(claiming.BATCH, 10 + 2 * (len(claim.batch) - len(rest)))  # no more than leaves in that time

    def send(self, delivery: Delivery) -> bool:
        """Hand one leased message over and see to what became of it.

        Returns whether to go on with the batch: not when this one is not wanted any more. Raises Unreachable.
        """
        began = monotonic()
        content = self._compose(delivery)
        if content is None:
            return True
        try:
            if not self.relay.is_open:
                self.ledger.flush()
            self.relay.bring(delivery, content)
            if not self._intend(delivery):
                self._withdraw(delivery)
                return False
            self.ledger.taken(delivery, self.relay.hand_over())
        except BrokenOff as error:
            self._broke_off(delivery, str(error))
        except Deferred as error:
            self._put_off(delivery, str(error))
        except Refused as error:
            self._refused(delivery, str(error))
        except InDoubt as error:
            self._in_doubt(delivery, str(error))
            self._count_against(delivery.domain, str(error))
            self._hung_up(str(error), spared=routes.DOUBTS_IN_A_ROW - 1)
        except Unreachable as error:
            if error.is_open:  # perhaps this very message is the trouble: others are tried before it
                self._later(delivery, str(error))
            elif delivery.priority == Delivery.Priority.URGENT:  # tried even while the relay is held, but not on end
                soon = timezone.now() + routes.FIRST_RELAY_HOLD
                self.ledger.change(delivery, **_owed_again(delivery, str(error)), not_before=soon)
            self._relay_failed(str(error))
        else:
            self._went_through(delivery, monotonic() - began)
        return True

    def close(self) -> None:
        """Leave nothing open and nothing claimed."""
        self.ledger.flush()
        self.refusals.settle()
        self.relay.close()
        patiently(lambda: claiming.give_all_back(sender=self.name))

    def _compose(self, delivery: Delivery) -> bytes | None:
        """The signed bytes. None for a row that cannot be composed: it failed, and stops nobody behind it."""
        try:
            content = self.templates.copy(delivery)
            return self.sign(content) + content if self.sign else content
        except NoAddress:
            reason = "no server takes this address"
        except Exception as error:
            log.exception("delivery %s cannot be composed", delivery.pk)
            reason = f"composing: {type(error).__name__}"
        self.ledger.change(delivery, state=State.FAILED, reason=reason)
        return None

    def _intend(self, delivery: Delivery) -> bool:
        try:
            return self.ledger.intend(delivery)
        except DatabaseError:  # perhaps it is written all the same; but without the dot nobody has the message
            self.relay.abandon()
            if connection.in_atomic_block:
                raise
            connection.close()
            self.ledger.change(delivery, **_owed_again(delivery))
            return False

    def _withdraw(self, delivery: Delivery) -> None:
        """Paused, stopped, corrected, taken over, or nothing may reach her any more."""
        self.relay.abandon()
        self.ledger.flush()
        if delivery.message.mailing_id and Suppression.objects.filter(email=delivery.email).exists():
            self.ledger.change(delivery, state=State.EXCLUDED, reason="suppressed")
        self._give_back(delivery)

    def _went_through(self, delivery: Delivery, seconds: float) -> None:
        if seconds > SLOW_SECONDS:
            self.ledger.flush()
        self.refusals.settle()
        if working := self.troubled & {"", delivery.domain}:
            routes.works(self.relay.name, working)
            self.troubled -= working
            self.is_trial = False

    def _put_off(self, delivery: Delivery, reply: str) -> None:
        self._later(delivery, reply)
        self._count_against(delivery.domain, reply)

    def _broke_off(self, delivery: Delivery, reply: str) -> None:
        """The domain's trouble, unless it happens over one domain after the other."""
        self._later(delivery, reply)
        is_new = delivery.domain not in self.troubled
        self._count_against(delivery.domain, reply)
        if is_new:
            self._hung_up(reply, spared=routes.DOMAINS_BROKEN_OFF_IN_A_ROW - 1)

    def _count_against(self, domain: str, reply: str) -> None:
        self.troubled.add(domain)
        if routes.put_off(self.relay.name, domain, reply):
            self.held.add(domain)

    def _hung_up(self, reply: str, *, spared: int) -> None:
        self.troubled.add("")
        if routes.broke_off(self.relay.name, reply, spared=spared):
            raise Unreachable(reply)

    def _refused(self, delivery: Delivery, reply: str) -> None:
        failed = {"state": State.FAILED, "reason": reply[:250], "handed_at": None}
        if ABOUT_THE_ADDRESS.match(reply):
            self.ledger.change(delivery, **failed)
            feedback.refused(delivery=delivery, reply=reply)
        elif self.is_trial:  # this was to try whether the relay takes anything again
            self._later(delivery, reply)
            self._relay_failed(reply)
        else:
            self.ledger.change(delivery, **failed)
            self.refusals.add(delivery, reply)
            if self.refusals.are_the_relays:
                for one in self.refusals.take():
                    self._later(one, reply, [State.FAILED])
                self._relay_failed(reply)

    def _later(self, delivery: Delivery, reason: str, states: list[str] | None = None) -> None:
        """Back to what is owed, for longer each time, and never dropped."""
        wait = min(timedelta(minutes=2 ** min(delivery.attempts, 12)), LONGEST_WAIT)
        later = {"not_before": timezone.now() + wait, "attempts": min(delivery.attempts + 1, 1000)}
        self.ledger.change(delivery, states, **_owed_again(delivery, reason), **later)

    def _in_doubt(self, delivery: Delivery, reason: str) -> None:
        if delivery.message.mailing_id:
            self.ledger.change(delivery, **_doubtful(reason))
        else:
            handed_at = timezone.now()
            self._later(delivery, reason)
            Delivery.objects.filter(pk=delivery.pk, state=State.PENDING).update(handed_at=handed_at)

    def _relay_failed(self, reason: str) -> None:
        self.ledger.flush()
        routes.relay_failed(self.relay.name, reason)
        raise Unreachable(reason)

    def _give_back(self, *deliveries: Delivery) -> None:
        claiming.give_back(sender=self.name, relay=self.relay.name, deliveries=deliveries)


def _free() -> dict:
    """The fields of a row that nobody holds and that certainly did not go."""
    return {"state": State.PENDING, "leased_by": "", "leased_until": None, "handed_at": None}


def _owed_again(delivery: Delivery, reason: str | None = None) -> dict:
    """The same for what was on its way. A newsletter's copy that somebody took back meanwhile stays here, and one that
    was corrected meanwhile goes with the new words."""
    said = F("reason") if reason is None else Value(reason[:250])
    message = delivery.message
    if not message.mailing_id:
        return _free() | {"reason": said}
    newest = Message.objects.filter(mailing=message.mailing_id, language=message.language).order_by("-pk")
    why = Substr("reason", len(TAKEN_BACK) + 1)
    return _free() | {
        "state": Case(When(IS_TAKEN_BACK, then=Value(State.EXCLUDED)), default=Value(State.PENDING)),
        "reason": Case(When(IS_TAKEN_BACK, then=why), default=said),
        "message": Subquery(newest.values("pk")[:1]),
    }


def _doubtful(reason: str) -> dict:
    """Of a newsletter's copy. What a reader took back herself stays marked: nobody sends it to her again."""
    is_her_wish = IS_TAKEN_BACK & ~Q(reason=TAKEN_BACK + Mailing.State.CANCELLED)
    return {"state": State.UNCERTAIN, "reason": Case(When(is_her_wish, then=F("reason")), default=Value(reason[:250]))}


def settle_interrupted(*, handed_before: datetime | None = None) -> int:
    """Whose sender died between the last byte and the answer: newsletters wait for a word, the rest goes again.

    Whoever knows that no sender lives names a moment; else a sender is dead when its wait for an answer is over.
    """
    over = Q(leased_until__lt=timezone.now())
    if handed_before:
        over |= Q(handed_at__lt=handed_before)
    stranded = Delivery.objects.filter(over, state=State.SENDING)
    bulk = stranded.filter(message__mailing__isnull=False).update(**_doubtful("interrupted"))
    service = stranded.filter(message__mailing=None).update(
        state=State.PENDING, reason="interrupted", leased_by="", leased_until=None
    )
    return bulk + service
