"""How allauth behaves here: accounts are made by a coordinator, never by signing up; codes are mails of the house."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.utils.translation import get_language

from accounts import emails
from core.tokens import link_token
from mail.models import Delivery
from mail.services import outbox

LOGIN_CODE = "account/email/login_code"
UNKNOWN_ACCOUNT = "account/email/unknown_account"


class StaffAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if template_prefix not in {LOGIN_CODE, UNKNOWN_ACCOUNT}:
            super().send_mail(template_prefix, email, context)
            return
        with transaction.atomic():
            outbox.enqueue(
                key=f"accounts.login_code:{link_token()}",
                kind="accounts.login_code",
                to=email,
                context=emails.login_code(context.get("code") or self.generate_login_code()),
                language=get_language() or "it",
                priority=Delivery.Priority.URGENT,
            )
            if template_prefix == UNKNOWN_ACCOUNT:  # nothing leaves, but the answer takes as long: it tells nobody
                transaction.set_rollback(True)

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        """A changed second factor is told at the address of the account."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)
