"""The bytes of one person's copy: a pure function of Message and Delivery.

Sending again gives the same bytes under the same Message-ID and Date, so that a mail store may recognise a repeat
(RFC 5322 section 3.6.4). `%%name%%` places are filled from `Delivery.personal`, by the rule in `Message.places` where
there is one: as they are in the text and in headers, escaped in the HTML. So a Delivery holds what we know of a person,
and the same Delivery may be given another Message. A value that would break a header's line is refused.
"""

import base64
import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr

from django.utils import timezone
from django.utils.html import escape

from mail.models import Delivery


class WholeHeaders(EmailPolicy):
    """Leaves plain `Subject` and `List-…` headers on one line.

    The library would start a long subject with an empty line, and hide a long address in encoded words, where no mail
    program finds it (RFC 2369 section 2, RFC 8058). Lines of up to 998 characters are right (RFC 5322 section 2.1.1).
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        line = f"{name}: {value}{self.linesep}"
        if name.lower().startswith(("list-", "subject")) and line.isascii() and len(line) <= 998:
            return line.encode()
        return super().fold_binary(name, value)


POLICY = WholeHeaders(linesep="\r\n")
PLACE = re.compile(r"%%([a-z_]+)%%")


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
    """The message as it goes over the wire, with CRLF line ends."""
    message, personal, places = delivery.message, delivery.personal, delivery.message.places
    mail = EmailMessage(policy=POLICY)
    mail["Message-ID"] = delivery.mail_id
    mail["Date"] = format_datetime(timezone.localtime(delivery.created_at))
    mail["From"] = _address(message.from_email)
    mail["To"] = Address(_one_line(delivery.name), addr_spec=delivery.email)
    if message.reply_to:
        mail["Reply-To"] = message.reply_to
    mail["Subject"] = _one_line(fill(message.subject, personal, places))
    for name, template in message.headers.items():
        mail[name] = fill(template, personal, places)
    mail.set_content(fill(message.text, personal, places))
    if message.html:
        mail.add_alternative(fill(message.html, personal, places, is_html=True), subtype="html")
        html_part = mail.get_payload()[1]
    for attachment in message.attachments:
        content = base64.b64decode(attachment["base64"])
        main, _, rest = attachment["type"].partition("/")
        subtype, *parameters = [part.strip() for part in rest.split(";")]
        options = dict(parameter.split("=", 1) for parameter in parameters)
        if attachment["is_alternative"]:
            mail.add_alternative(content.decode(), subtype=subtype, params=options)
        elif attachment["inline_id"]:
            html_part.add_related(
                content,
                main,
                subtype,
                cid=f"<{attachment['inline_id']}>",
                filename=attachment["name"],
                disposition="inline",
            )
        else:
            mail.add_attachment(content, main, subtype, filename=attachment["name"], params=options)
    _fix_boundaries(mail)
    return mail.as_bytes()


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(name, addr_spec=address)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _fix_boundaries(mail: EmailMessage) -> None:
    seed = hashlib.sha256(mail["Message-ID"].encode()).hexdigest()[:24]
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"={seed}={number}")
