"""Reads a domain's SPF record as a receiver does (RFC 7208): its look-ups, and whether it names an address.

Only what the check of the sender needs: no macros, which need a real message; a record with one says nothing about our
addresses. Asked through `dns_answers`, whose NoAnswerError passes through.
"""

import ipaddress
import re
from dataclasses import dataclass, field

from mail.dns_answers import Answers

MOST_LOOKUPS = 10
"""RFC 7208 section 4.6.4: receivers give up beyond."""
TERM = re.compile(
    r"([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists|redirect|exp)(?:[:=](\S+?))?((?:/\d+)?(?://\d+)?)", re.I
)
MODIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*=\S*")


class BrokenError(Exception):
    """A receiver cannot make sense of the record: `args[0]` is the part that is wrong."""


@dataclass
class Reading:
    """`named` are those of the asked addresses that may send."""

    addresses: list[str]
    lookups: int = 0
    named: set[str] = field(default_factory=set)
    is_open: bool = False


def is_record(text: str) -> bool:
    return text.lower().split(" ")[0] == "v=spf1"


def read(record: str, domain: str, addresses: list[str], answers: Answers) -> Reading:
    """What `record` of `domain` says about `addresses`. Raises BrokenError, NoAnswerError."""
    reading = Reading(addresses)
    reading.named = set(_pass(record, domain, reading, answers, is_outermost=True))
    return reading


def _pass(record: str, domain: str, reading: Reading, answers: Answers, *, is_outermost: bool = False) -> set[str]:
    """The addresses for which this record comes to "pass"; the first term that matches an address decides."""
    undecided, passed, redirect = set(reading.addresses), set(), ""
    for term in record.split()[1:]:
        match = TERM.fullmatch(term)
        if not match:
            if not MODIFIER.fullmatch(term):
                raise BrokenError(term)
            continue
        sign, kind, value, length = match.group(1), match.group(2).lower(), match.group(3) or "", match.group(4)
        if kind in {"redirect", "exp"}:
            redirect = value if kind == "redirect" else redirect
            continue
        if kind == "all":
            reading.is_open |= is_outermost and sign in {"", "+"}
            redirect = ""
            matched = undecided
        else:
            matched = _matching(kind, value, length, domain, reading, answers) & undecided
        if sign in {"", "+"}:
            passed |= matched
        undecided = undecided - matched
    return passed | (_included(redirect, reading, answers) & undecided if redirect else set())


def _matching(kind: str, value: str, length: str, domain: str, reading: Reading, answers: Answers) -> set[str]:
    """Those of the asked addresses that one mechanism is about."""
    if kind in {"ip4", "ip6"}:
        return _within([value + length], reading)
    if kind == "include" and "%{" not in value:
        return _included(value, reading, answers)
    reading.lookups += 1
    if kind in {"a", "mx"} and "%{" not in value:
        hosts = [value or domain] if kind == "a" else answers.exchangers(value or domain)
        v4, _slashes, v6 = length.partition("//")
        found = [address for host in hosts[:MOST_LOOKUPS] for address in answers.addresses(host)]
        return _within(
            [f"{one}/{v6}" if ":" in one and v6 else one if ":" in one else one + v4 for one in found], reading
        )
    return set()  # ptr, exists and macros say nothing that can be known beforehand


def _included(domain: str, reading: Reading, answers: Answers) -> set[str]:
    reading.lookups += 1
    if reading.lookups > MOST_LOOKUPS:
        return set()
    records = [text for text in answers.texts(domain) if is_record(text)]
    if len(records) != 1:
        raise BrokenError(f"include:{domain}")
    return _pass(records[0], domain, reading, answers)


def _within(networks: list[str], reading: Reading) -> set[str]:
    try:
        known = [ipaddress.ip_network(one, strict=False) for one in networks]
    except ValueError as error:
        raise BrokenError(networks[0]) from error
    return {one for one in reading.addresses if any(ipaddress.ip_address(one) in network for network in known)}
