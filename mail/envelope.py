"""The envelope's sender: where a server sends a message back that it cannot deliver (RFC 5321 section 4.4)."""

from email.utils import parseaddr

from mail.models import Delivery


def sender_of(delivery: Delivery) -> str:
    """The address for MAIL FROM of one copy."""
    return parseaddr(delivery.message.from_email)[1]
