"""The mark that tells a mail provider which message of ours this is, to be repeated in its notices.

Some providers put a Message-ID of their own in the place of ours. Each has a header for what the sender wants to be
told again, and takes it off before the message goes on.
"""

import json
from collections.abc import Callable

from mail.models import Delivery

MARK = "mail_id"
HEADERS: dict[str, tuple[str, Callable[[str], str]]] = {
    "brevo.com": ("X-Mailin-custom", lambda mark: json.dumps({MARK: mark})),
    "mailjet.com": ("X-MJ-EventPayload", lambda mark: json.dumps({MARK: mark})),
    "postmarkapp.com": (f"X-PM-Metadata-{MARK}", str),
    "mailgun.org": ("X-Mailgun-Variables", lambda mark: json.dumps({MARK: mark})),
}


def header_for(relay: str, delivery: Delivery) -> bytes:
    """The header's whole line, to be put before the message; empty for a relay that needs none."""
    for domain, (name, value) in HEADERS.items():
        if relay.endswith(f".{domain}"):
            return f"{name}: {value(delivery.mail_id.strip('<>'))}\r\n".encode()
    return b""
