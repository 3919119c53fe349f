"""E-mails to the staff about their own account."""

from typing import Any

from mail.emails import email
from programmes.models import Programme


@email("accounts.login_code", sample=lambda: ("NJMH-SKGN",))
def login_code(code: str) -> dict[str, Any]:
    return {"code": code, "programme": Programme.objects.current()}
