"""A "never" of the server (5xx): whose trouble is it?

That an address does not exist is the person's: the message failed, and it counts against the address (`feedback`). But
a relay that has turned against us gives one answer to everybody ("550 5.7.1 relaying denied"). When several domains in
a row get the same words, the relay waits with those words on the staff's page, and nobody is marked as failed.
"""

import re

from mail.models import Delivery
from mail.services import feedback

DOMAINS_IN_A_ROW = 5
ABOUT_THE_ADDRESS = re.compile(r"5\d\d[ -]5\.[12]\.\d+\b")
"""RFC 3463: 5.1.x is about the address, 5.2.x about its mailbox."""


class Refusals:
    """What one sender was refused, in the same words, since something last got through."""

    def __init__(self):
        self.words = ""
        self.refused: list[tuple[Delivery, str]] = []

    def add(self, delivery: Delivery, reply: str) -> None:
        words = reply.replace(delivery.email, "").replace(delivery.domain, "")
        if words != self.words:
            self.settle()
        self.words = words
        self.refused.append((delivery, reply))

    @property
    def are_the_relays(self) -> bool:
        return len({delivery.domain for delivery, _reply in self.refused}) >= DOMAINS_IN_A_ROW

    def settle(self) -> None:
        """The relay takes other mail, or that was all: these count against their addresses."""
        refused, self.refused = self.refused, []
        for delivery, reply in refused:
            feedback.refused(delivery=delivery, reply=reply)

    def take(self) -> list[Delivery]:
        """They were the relay's: they count against nobody."""
        taken, self.refused = self.refused, []
        return [delivery for delivery, _reply in taken]
