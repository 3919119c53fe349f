"""The envelope's sender: where a server sends a message back that it cannot deliver (RFC 5321 section 4.4).

With BOUNCE_ADDRESS every copy has a sender of its own (VERP): it names the delivery and is signed, so what comes back
to it is about that delivery and nobody can make one up. Without it, mail comes back to the plain sender's address.
"""

import base64
import hmac
import re
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import salted_hmac

from mail.models import Delivery

SALT = "mail.envelope"
SIGNATURE_BYTES = 10
"""80 bits, 16 characters: local parts hold 64 in all (RFC 5321 section 4.5.3.1.1)."""
LONGEST_LOCAL_PART = 64 - len("+") - 13 - len(".") - 16
"""What BOUNCE_ADDRESS may have before its @, with the largest number of a row in base 36 behind it."""
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SIGNED = re.compile(r"\+(?P<number>[0-9a-z]{1,13})\.(?P<signature>[a-z2-7]{16})@", re.IGNORECASE)

_parsed = lru_cache(maxsize=16)(parseaddr)


def sender_of(delivery: Delivery) -> str:
    """The address for MAIL FROM of one copy."""
    if not settings.BOUNCE_ADDRESS:
        return _parsed(delivery.message.from_email)[1]
    local, _, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+{_base36(delivery.pk)}.{_signature(delivery)}@{domain}"


def delivery_of(address: str) -> Delivery | None:
    """The delivery whose sender `address` was. None for any address that we did not sign, or signed for another row."""
    local, _, domain = settings.BOUNCE_ADDRESS.lower().rpartition("@")
    found = SIGNED.search(address)
    if not local or not found or address.lower() != f"{local}{found.group().lower()}{domain}":
        return None
    number = int(found["number"], 36)
    delivery = Delivery.objects.filter(pk=number).first() if number < 2**63 else None
    if delivery and hmac.compare_digest(_signature(delivery), found["signature"].lower()):
        return delivery
    return None


def _signature(delivery: Delivery) -> str:
    """Over the Message-ID too: a row that gets an old row's number after a restore is another delivery.

    In small letters and digits, as servers may change the case of what they send back.
    """
    signed = salted_hmac(SALT, f"{delivery.pk}:{delivery.mail_id}", algorithm="sha256").digest()
    return base64.b32encode(signed[:SIGNATURE_BYTES]).decode().lower()


def _base36(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text or "0"
