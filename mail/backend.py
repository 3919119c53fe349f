"""Django's own mail functions, and so allauth's login codes, leave through the outbox too, ahead of everything else."""

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.translation import get_language

from core.tokens import link_token
from mail.models import Delivery
from mail.services import outbox


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, messages: list[EmailMessage]) -> int:
        with transaction.atomic():
            for message in messages:
                self._owe(message)
        return len(messages)

    def _owe(self, message: EmailMessage) -> None:
        html = next((part[0] for part in getattr(message, "alternatives", []) if part[1] == "text/html"), "")
        kept = outbox.add_message(
            kind="accounts.django",
            language=get_language() or "it",
            subject=message.subject,
            text=message.body,
            html=html,
            from_email=message.from_email,
            reply_to=", ".join(message.reply_to),
            headers={**outbox.AUTOMATIC, **message.extra_headers},
        )
        for address in message.recipients():
            outbox.add_delivery(
                key=f"django:{link_token()}", message=kept, to=address, priority=Delivery.Priority.URGENT
            )
