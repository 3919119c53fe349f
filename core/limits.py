"""How often one may do what costs somebody else: a mail to a stranger's inbox, a place held, a guess at a code.

A room writes its numbers down as `Limit`s beside the rule they protect (docs/operating.md lists them all). Counted in
the shared cache, for every process alike; while the cache does not answer nothing is refused. Who asks is known by
network address only, kept as a keyed fingerprint.
"""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.utils.crypto import salted_hmac


@dataclass(frozen=True)
class Limit:
    """At most `most` times in `period`, which begins with the first time."""

    name: str
    most: int
    period: timedelta

    def count(self, whose: str) -> bool:
        """Once more for `whose`. False when that is once too often."""
        key = self._key(whose)
        cache.add(key, 0, self.period.total_seconds())
        try:
            return cache.incr(key) <= self.most
        except ValueError:  # the period ended between the two lines
            return True

    def is_spent(self, whose: str) -> bool:
        """Would `count` be once too often for `whose`? Asked where only failures are counted."""
        return cache.get(self._key(whose), 0) >= self.most

    def _key(self, whose: str) -> str:
        return f"limit:{salted_hmac(self.name, whose).hexdigest()}"


def client_of(request: Any) -> str:
    """Where a request comes from, as 16 signs that tell nothing else. Proxies count as TRUSTED_PROXY_COUNT says.

    Who has an IPv6 address has 2^64 of them, so that only its first half counts. Empty, and so not limited, for who has
    no address at all and for this machine itself: a script of ours, or a proxy that TRUSTED_PROXY_COUNT does not know,
    behind which everybody would be one client. What the last proxy writes that is
    no address counts as it stands.
    """
    try:
        address = ipaddress.ip_address(get_adapter(request).get_client_ip(request))
    except (PermissionDenied, ValueError):
        named = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        return salted_hmac("client", named).hexdigest()[:16] if named else ""
    if address.is_loopback:
        return ""
    network = ipaddress.ip_network((int(address), 64 if address.version == 6 else 32), strict=False)
    return salted_hmac("client", str(network)).hexdigest()[:16]
