"""The bytes of one person's copy: a pure function of Message and Delivery.

Sending again gives the same bytes under the same Message-ID and Date, so that a mail store may recognise a repeat
(RFC 5322 section 3.6.4). `%%name%%` places are filled from `Delivery.personal`, by the rule in `Message.places` where
there is one: as they are in the text and in headers, escaped in the HTML. So a Delivery holds what we know of a person,
and the same Delivery may be given another Message.

A Message is encoded once (`Template`), and a copy only joins its pieces with the encoded values. All parts are
quoted-printable or base64: the same bytes are legal for every server, with 8BITMIME or without, no line is too long
whatever a value holds, and no relay has a reason to encode them anew, which would break their signature.
"""

import base64
import hashlib
import re
from binascii import b2a_qp
from collections import OrderedDict
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache

from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.html import escape

from mail import headers
from mail.models import Delivery, Message

BODIES = ("message__text", "message__html", "message__attachments")
"""What a list of deliveries with their messages need not read: pictures may weigh a megabyte in each."""
PLACE = re.compile(r"%%([a-z_]+)%%")
SOFT_BREAK = b"=\r\n"
Places = dict[str, list[str]]
"""`Message.places`: what a place says, as [field, what stands before it, the word where the field is empty]."""


def fill(template: str, personal: dict[str, str], places: Places | None = None, *, is_html: bool = False) -> str:
    """`template` with its places filled. A place without a value becomes empty."""

    def said(match: re.Match) -> str:
        text = value(match.group(1), personal, places or {})
        return escape(text) if is_html else text

    return PLACE.sub(said, template)


def value(place: str, personal: dict[str, str], places: Places) -> str:
    """What `place` says to one person. Where nothing is known, what would stand before it goes too."""
    if place not in places:
        return str(personal.get(place, ""))
    field, before, otherwise = places[place]
    word = " ".join(str(personal.get(field) or otherwise).split())
    return f"{before}{word}" if word else ""


def compose(delivery: Delivery) -> bytes:
    """The message as it goes over the wire, with CRLF line ends. Raises `headers.NoAddress`."""
    return Template(delivery.message).copy(delivery)


class Template:
    """A Message in pieces: the bytes between its places, and of each place its name and whether it stands in HTML."""

    def __init__(self, message: Message):
        self.subject, self.places = message.subject, message.places
        self.personal_headers = {name: text for name, text in message.headers.items() if PLACE.search(text)}
        bodies = [(message.text, False), (message.html, True)]
        markers = [
            f"part{hashlib.sha256(text.encode(errors='replace')).hexdigest()}{is_html}" for text, is_html in bodies
        ]
        rest = _skeleton(message, *markers).as_bytes()
        self.pieces: list[bytes | tuple[str, bool]] = []
        for marker, (text, is_html) in zip(markers, bodies, strict=True):
            if text or not is_html:
                before, rest = rest.split(marker.encode() + b"\r\n", 1)
                self.pieces += [before, *_pieces(text, is_html)]
        self.pieces.append(rest)
        self.slots = {piece for piece in self.pieces if isinstance(piece, tuple)}

    def copy(self, delivery: Delivery) -> bytes:
        personal, places = delivery.personal, self.places
        said = {}
        for place, is_html in self.slots:
            text = value(place, personal, places)
            said[place, is_html] = _said(escape(text) if is_html else text)
        date = format_datetime(timezone.localtime(delivery.created_at))
        return b"".join(
            [
                f"Message-ID: {delivery.mail_id}\r\nDate: {date}\r\n".encode(),
                headers.to(delivery.name, delivery.email),
                headers.line("Subject", fill(self.subject, personal, places)),
                *(headers.line(name, fill(text, personal, places)) for name, text in self.personal_headers.items()),
                *(piece if isinstance(piece, bytes) else said[piece] for piece in self.pieces),
            ]
        )


class Templates:
    """The messages of one sending, each fetched and encoded once; only the last few are kept."""

    KEPT = 8

    def __init__(self):
        self.kept: OrderedDict[int, tuple[Message, Template]] = OrderedDict()

    def lend(self, deliveries: list[Delivery]) -> None:
        """Give each delivery its message, fetching those that are not kept."""
        missing = {delivery.message_id for delivery in deliveries} - self.kept.keys()
        found = Message.objects.in_bulk(missing) if missing else {}
        for delivery in deliveries:
            pk = delivery.message_id
            delivery.message = found[pk] if pk in found else self.kept[pk][0]

    def copy(self, delivery: Delivery) -> bytes:
        pk = delivery.message_id
        if pk not in self.kept:
            self.kept[pk] = delivery.message, Template(delivery.message)
            if len(self.kept) > self.KEPT:
                self.kept.popitem(last=False)
        self.kept.move_to_end(pk)
        return self.kept[pk][1].copy(delivery)


def content_of(attachment: dict) -> bytes:
    """What an attachment holds: kept with the message, or a file that never changes under its name."""
    if "base64" in attachment:
        return base64.b64decode(attachment["base64"])
    with default_storage.open(attachment["file"]) as file:
        return file.read()


def _skeleton(message: Message, text: str, html: str) -> EmailMessage:
    """The message but for what is each person's own, with markers where text and HTML will stand."""
    mail = EmailMessage(policy=headers.POLICY)
    mail["From"] = headers.sender(message.from_email)
    if message.reply_to:
        mail["Reply-To"] = message.reply_to
    for name, content in message.headers.items():
        if not PLACE.search(content):
            mail[name] = content
    mail.set_content(text, cte="quoted-printable")
    if message.html:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        html_part = mail.get_payload()[1]
    for attachment in message.attachments:
        content = content_of(attachment)
        main, _, rest = attachment["type"].partition("/")
        subtype, *parameters = [part.strip() for part in rest.split(";")]
        options = dict(parameter.split("=", 1) for parameter in parameters)
        if attachment.get("is_alternative"):
            mail.add_alternative(content.decode(), subtype=subtype, params=options)
        elif attachment.get("inline_id"):
            html_part.add_related(
                content,
                main,
                subtype,
                cid=f"<{attachment['inline_id']}>",
                filename=attachment["name"],
                disposition="inline",
            )
        else:
            if main == "text":
                options["charset"] = "utf-8"  # our own files: without it readers take them for ASCII
            mail.add_attachment(content, main, subtype, filename=attachment["name"], params=options)
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{number}_{text[4:28]}")  # no quoted-printable line holds “=_”
    return mail


def _pieces(text: str, is_html: bool) -> list[bytes | tuple[str, bool]]:
    """`text` encoded, its places between soft line breaks, so that no value makes a line too long."""
    words = PLACE.split(_lines(text).removesuffix("\n") + "\n")
    pieces: list[bytes | tuple[str, bool]] = []
    for number, word in enumerate(words):
        if number % 2:
            pieces.append((word, is_html))
        elif number + 1 < len(words):
            pieces.append(_soft(word))
        else:
            pieces.append(_quoted(word))
    return pieces


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _quoted(text: str) -> bytes:
    """Quoted-printable (RFC 2045 section 6.7) with CRLF line ends."""
    return b2a_qp(_lines(text).encode("utf-8", "replace")).replace(b"\n", b"\r\n")


def _soft(text: str) -> bytes:
    """`text` quoted, with a soft line break behind it unless it ends a line."""
    quoted = _quoted(text)
    if not quoted or quoted.endswith(b"\n"):
        return quoted
    if len(quoted) - (quoted.rfind(b"\n") + 1) > 75:
        cut = -3 if quoted[-3:-2] == b"=" else -1
        quoted = quoted[:cut] + SOFT_BREAK + quoted[cut:]
    return quoted + SOFT_BREAK


_said = lru_cache(maxsize=512)(_soft)  # many people have the same name
