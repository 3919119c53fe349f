"""What the DNS says, asked within a time that a page can wait. An empty list is an answer; silence is NoAnswerError.

The check of the sender asks here, several questions at once, and tells "nothing there" from "nobody answered": only the
first means that something is missing.
"""

import ipaddress
from time import monotonic

import dns.exception
import dns.resolver
import dns.reversename

ONE_QUESTION = 2.0
"""Seconds that one answer may take."""


class NoAnswerError(Exception):
    """No server answered in time, or all of them failed: nothing is known."""


class Answers:
    """Questions that end together, `seconds` after the first."""

    def __init__(self, seconds: float):
        self.until = monotonic() + seconds

    def texts(self, name: str) -> list[str]:
        """The TXT records of `name`, each joined from its pieces (RFC 7208 section 3.3)."""
        return [b"".join(record.strings).decode(errors="replace") for record in self._ask(name, "TXT")]

    def addresses(self, name: str) -> list[str]:
        return [record.address for kind in ("A", "AAAA") for record in self._ask(name, kind)]

    def exchangers(self, name: str) -> list[str]:
        """The hosts that take mail for `name`; those that say they take none (RFC 7505) are not among them."""
        hosts = [record.exchange.to_text(omit_final_dot=True) for record in self._ask(name, "MX")]
        return [host for host in hosts if host not in {"", "."}]

    def names_of(self, address: str) -> list[str]:
        """The names that the reverse zone gives an address."""
        reverse = dns.reversename.from_address(str(ipaddress.ip_address(address)))
        return [record.target.to_text(omit_final_dot=True).lower() for record in self._ask(reverse, "PTR")]

    def _ask(self, name, kind: str):
        left = self.until - monotonic()
        if left <= 0:
            raise NoAnswerError
        try:
            resolver = dns.resolver.get_default_resolver()
            return resolver.resolve(name, kind, lifetime=min(left, ONE_QUESTION), search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise NoAnswerError from error
