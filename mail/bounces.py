"""Reads a message that came back: which recipient, which of our messages, and what its server says about them.

Two standards, and nothing else, are believed to be reports: delivery status notifications (RFC 3464; with letters of
all languages RFC 6533) and feedback reports about unwanted mail (ARF, RFC 5965). A free text, an absence note or a
person's answer is never a bounce, whatever it says. Pure: nothing here knows the database, and no message makes it
fail. Whether a report is genuine is decided by `services.returns`.

How a status (RFC 3463, registry of RFC 5248) is read:
- hard, the address is no good: 5.1.0–5.1.3 (no such mailbox, no such domain, not an address), 5.1.6 (moved), 5.1.10
  (its domain takes no mail, RFC 7505), 5.2.1 (closed), 5.4.4 (Postfix: no such domain);
- blocked, our fault or our repute: 5.7.x (policy, authentication), 5.6.x and 5.5.x (content, protocol), 5.1.7, 5.1.8,
  5.1.9 (our sender), 5.2.3 and 5.3.4 (too large);
- soft, everything else that was given up: 4.x.x, a full mailbox (5.2.2), servers in trouble, and what says too little
  (5.0.0; 5.4.1, which Exchange answers for unknown people and for outages alike).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, message_from_string
from email.errors import MessageError
from email.header import Header, decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr

from core.addresses import normalise_email
from mail.models import Feedback

Kind = Feedback.Kind
HARD = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"}
BLOCKED = {"5.1.7", "5.1.8", "5.1.9", "5.2.3", "5.3.4"}
BLOCKED_SUBJECTS = ("5.5.", "5.6.", "5.7.")
COMPLAINTS = {"abuse", "fraud", "opt-out", "opt-out-list", "other"}
STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
DELIVERED_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
"""Where a mailbox notes for which address it took a message."""
LONGEST_DETAIL = 250


@dataclass(frozen=True)
class Notice:
    """What one recipient's server says about one message. `kind` is empty where it only says that it still tries."""

    kind: str
    recipients: frozenset[str]
    status: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Report:
    """A message that is a report: its notices, and everything that may prove which of our messages it is about."""

    notices: list[Notice]
    addresses: list[str] = field(default_factory=list)
    mail_id: str = ""


def kind_of(status: str) -> str:
    """What a failure with this status means for the address."""
    if status in HARD:
        return Kind.HARD
    if status in BLOCKED or status.startswith(BLOCKED_SUBJECTS):
        return Kind.BLOCKED
    return Kind.SOFT


def status_in(text: str, status: str = "") -> str:
    """`status`, or where it says nothing in particular the one that `text`, an SMTP reply, holds (RFC 2034)."""
    given = STATUS.search(status)
    found = STATUS.search(text)
    if given and not (given.group().endswith(".0.0") and found):
        return given.group()
    return found.group() if found else ""


def is_automatic(mail: Message) -> bool:
    """Written by a machine (RFC 3834): an absence note, a confirmation. Nobody need read it."""
    said = _text(mail["Auto-Submitted"]).partition(";")[0].strip().lower() or "no"
    return said != "no" or "X-Autoreply" in mail or _text(mail["Precedence"]).lower() == "auto_reply"


def parse(content: bytes) -> Message:
    try:
        return message_from_bytes(content)
    except RecursionError:  # nested without end, to break parsers
        return BytesHeaderParser().parsebytes(content)


def read(mail: Message) -> Report | None:
    """The report that `mail` is, or None."""
    try:
        return _read(mail)
    except (MessageError, RecursionError, LookupError, ValueError, TypeError, AttributeError):
        return None  # built to break parsers: no mail server writes such reports


def _read(mail: Message) -> Report | None:
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return None
    parts = {part.get_content_type(): part for part in reversed(mail.get_payload())}
    original = _original(parts)
    notices: list[Notice] = []
    senders: list[str] = []
    if status := parts.get("message/delivery-status") or parts.get("message/global-delivery-status"):
        notices = [notice for fields in _blocks(status) if (notice := _about(fields))]
    elif feedback := parts.get("message/feedback-report"):
        fields = (_blocks(feedback) or [Message()])[0]
        senders = [_text(fields["Original-Mail-From"])]
        notices = _complaints(fields, original)
    if not notices:
        return None
    headers = [_text(value) for name in DELIVERED_TO for value in mail.get_all(name, [])]
    headers += senders + [_text(original["Return-Path"])]
    return Report(
        notices=notices,
        addresses=[address for _name, address in getaddresses([text for text in headers if text])],
        mail_id=_text(original["Message-ID"]).strip(),
    )


def _about(fields: Message) -> Notice | None:
    """One recipient's block (RFC 3464 section 2.3)."""
    detail = _typed(fields["Diagnostic-Code"])
    status = status_in(detail, _text(fields["Status"]))
    recipients = [_typed(fields[name]) for name in ("Original-Recipient", "Final-Recipient")]
    kinds = {"failed": kind_of(status), "delivered": Kind.ARRIVED, "delayed": "", "relayed": "", "expanded": ""}
    action = _text(fields["Action"]).partition("(")[0].strip().lower()
    if action not in kinds:
        return None
    return Notice(kinds[action], _addresses(recipients), status, detail[:LONGEST_DETAIL])


def _complaints(fields: Message, original: Message) -> list[Notice]:
    """Only what a person says against us counts, not "not-spam" or what a filter found.

    A report that hides the recipient (RFC 6590) may still show her in the original.
    """
    what = _text(fields["Feedback-Type"]).strip().lower()
    if what not in COMPLAINTS:
        return []
    recipients = [_text(value) for value in fields.get_all("Original-Rcpt-To", [])] or [_text(original["To"])]
    return [Notice(Kind.COMPLAINT, _addresses(recipients), "", what[:LONGEST_DETAIL])]


def _original(parts: dict[str, Message]) -> Message:
    """What is returned of the message that the report is about: all of it, or its headers."""
    for name in ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"):
        part = parts.get(name)
        if part is None:
            continue
        if part.is_multipart():
            return part.get_payload(0)
        return message_from_string(_decoded(part))
    return Message()


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a report, which empty lines separate."""
    payload = part.get_payload()
    if isinstance(payload, list) and part.get_content_type() == "message/delivery-status":
        blocks = payload
    elif isinstance(payload, list):
        rest = payload[0].get_payload()
        blocks = [payload[0], *_split(rest if isinstance(rest, str) else "")]
    else:
        blocks = list(_split(_decoded(part)))
    return [block for block in blocks if block.keys()]


def _split(text: str) -> Iterator[Message]:
    for block in re.split(r"\r?\n[ \t]*\r?\n", text):
        yield message_from_string(block.strip() + "\n\n")


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _typed(value: str | Header | None) -> str:
    """What stands behind the type: `rfc822; anna@example.org`, `smtp; 550 5.1.1 …`."""
    text = _text(value)
    return text.partition(";")[2].strip() if ";" in text else text.strip()


def _addresses(texts: list[str]) -> frozenset[str]:
    found = (parseaddr(text)[1] for text in texts)
    return frozenset(normalise_email(address) for address in found if "@" in address)


def _text(value: str | Header | None) -> str:
    """A header's value in one printable line."""
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(value)))
    except (MessageError, ValueError, LookupError):
        text = str(value)
    return one_line(text)


def one_line(text: str) -> str:
    """Without line breaks and signs that no database or page takes."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
