"""Asks the pages of others whether they are still there, when a person presses "check the links", and never otherwise.

The addresses are written by people, so the server must not be led into its own network: a name is resolved once, each
of its addresses must be public, and the connection goes to exactly that address, anew for each redirect. Only ports 80
and 443, no cookie, no body, a few seconds each. "Gone" is only what the other server says itself (404, 410); what could
not be asked is unknown, never dead.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from enum import StrEnum
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import SplitResult, quote, urljoin, urlsplit

MOST = 40
AT_ONCE = 8
SECONDS_EACH = 3
SECONDS_IN_ALL = 20
REDIRECTS = 4
PORTS = {"http": 80, "https": 443}
SIGNS = "/%:@!$&'()*+,;=~?-._"
"""What stands in an address as it is; anything else is written in percent signs."""
GONE = {404, 410}
REFUSES_HEAD = {400, 403, 405, 501}


class Answer(StrEnum):
    THERE = "there"
    GONE = "gone"
    UNKNOWN = "unknown"


MayReach = Callable[[str, int], bool]


def is_public(address: str, port: int) -> bool:
    """Whether an IP address lies in the open internet, however it is written inside another."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inner or ip in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return ip.is_global and not ip.is_multicast and port in PORTS.values()


def ask(addresses: Iterable[str], *, may_reach: MayReach = is_public) -> dict[str, Answer]:
    """The answer for each address; beyond the fortieth, and after the time for all, "unknown"."""
    addresses = list(dict.fromkeys(addresses))
    pool = ThreadPoolExecutor(AT_ONCE)
    asked = {pool.submit(_ask_one, address, may_reach): address for address in addresses[:MOST]}
    done, _late = wait(asked, timeout=SECONDS_IN_ALL)
    pool.shutdown(wait=False, cancel_futures=True)
    return dict.fromkeys(addresses, Answer.UNKNOWN) | {asked[one]: one.result() for one in done}


def _ask_one(address: str, may_reach: MayReach) -> Answer:
    try:
        status = _status(address, "HEAD", may_reach)
        if status in REFUSES_HEAD | GONE:  # some servers know a page only when it is asked for in full
            status = _status(address, "GET", may_reach)
    except (OSError, HTTPException, ValueError):
        return Answer.UNKNOWN
    if status in GONE:
        return Answer.GONE
    return Answer.THERE if status < 400 else Answer.UNKNOWN


def _status(address: str, method: str, may_reach: MayReach) -> int:
    for _redirect in range(REDIRECTS + 1):
        response = _request(urlsplit(address), method, may_reach)
        onward = response.getheader("Location")
        if response.status not in {301, 302, 303, 307, 308} or not onward:
            return response.status
        address = urljoin(address, onward)
    raise ValueError("too many redirects")


def _request(parts: SplitResult, method: str, may_reach: MayReach) -> HTTPResponse:
    if parts.scheme not in PORTS or not parts.hostname or parts.username:
        raise ValueError("not an address of a page")
    port = parts.port or PORTS[parts.scheme]
    connection = _Pinned(parts.hostname, port, timeout=SECONDS_EACH)
    connection.pin(_resolved(parts.hostname, port, may_reach), is_secure=parts.scheme == "https")
    try:
        path = quote(parts.path or "/", safe=SIGNS) + (f"?{quote(parts.query, safe=SIGNS)}" if parts.query else "")
        connection.request(method, path, headers={"User-Agent": "Convivio link check", "Connection": "close"})
        return connection.getresponse()
    finally:
        connection.close()


def _resolved(host: str, port: int, may_reach: MayReach) -> str:
    """One address of `host`. Refused when any of them may not be reached."""
    found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if not found or not all(may_reach(address, port) for address in found):
        raise ValueError("not in the open internet")
    return sorted(found, key=lambda one: ":" in one)[0]


class _Pinned(HTTPConnection):
    """A connection to one IP address, under the name of the host."""

    def pin(self, address: str, *, is_secure: bool) -> None:
        self.address, self.is_secure = address, is_secure

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.is_secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
