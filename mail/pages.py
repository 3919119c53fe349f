"""What the staff's mail pages show of a message: its parts as a browser can show them.

The mailbox exists where no relay is set, for trying and for training. Messages of the room `accounts` (login codes)
are never shown: whoever may read the mailbox must not be able to log in as somebody else.
"""

import base64
import re

from django.db.models import QuerySet

from mail.composing import content_of, fill
from mail.models import Delivery

HIDDEN = "accounts."
CONTENT_ID = re.compile(r"cid:([^\"')\s]+)")


def readable() -> QuerySet[Delivery]:
    return Delivery.objects.exclude(message__kind__startswith=HIDDEN).select_related("message")


def subject_of(delivery: Delivery) -> str:
    return fill(delivery.message.subject, delivery.personal, delivery.message.places)


def text_of(delivery: Delivery) -> str:
    return fill(delivery.message.text, delivery.personal, delivery.message.places)


def html_of(delivery: Delivery) -> str:
    """The HTML part on its own: inline images as data, links in a new window."""
    images = {
        attachment["inline_id"]: f"data:{attachment['type']};base64,{base64.b64encode(content_of(attachment)).decode()}"
        for attachment in delivery.message.attachments
        if attachment.get("inline_id")
    }
    html = fill(delivery.message.html, delivery.personal, delivery.message.places, is_html=True)
    return in_new_window(CONTENT_ID.sub(lambda match: images.get(match.group(1), ""), html))


def in_new_window(html: str) -> str:
    return html.replace("<head>", '<head><base target="_blank">', 1)
