"""Is this somebody at the very machine that the system was started on, for trying it?

Only then, and only where no mail leaves the machine, the login shows where the codes are. All of this must hold: no
relay is set, the site's own address is the loopback, the connection comes from the loopback, and nothing says that a
proxy stands between. A real installation fails the first two by its settings alone.
"""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

PROXY_HEADERS = ["HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA"]


def is_trial_on_own_machine(request: Any) -> bool:
    return (
        not settings.EMAIL_URL
        and _is_loopback(settings.SITE_HOST)
        and _is_loopback(request.META.get("REMOTE_ADDR", ""))
        and _is_loopback(urlsplit(f"//{request.get_host()}").hostname or "")
        and not any(header in request.META for header in PROXY_HEADERS)
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
