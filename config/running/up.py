"""What `manage.py up` was asked for, turned into settings before Django reads them.

Settings are read once, when Django starts; `up` has options that decide some of them (where the data is, at which
address the site stands, which Redis). So `manage.py` calls `set_environment` first, and the command and all its
children simply find the right environment. What was set from outside wins, except what an option says outright.
"""

import argparse
import contextlib
import os
import secrets
import socket
from pathlib import Path
from urllib.parse import urlsplit

OWN_REDIS = "CONVIVIO_OWN_REDIS"  # set when REDIS_URL names a Redis that `up` itself must start
OWN_CERTIFICATE = "CONVIVIO_OWN_CERTIFICATE"  # set when `up` made the certificate itself


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", help="address to listen on (127.0.0.1; with --https all of this machine's)")
    parser.add_argument("--https", action="store_true", help="with a self-made certificate, for phones")
    parser.add_argument("--data", metavar="DIR", help="where all state is kept (DATA_DIR, var/)")
    parser.add_argument("--programme", metavar="NAME|FILE", help="the programme to load (vlt)")
    parser.add_argument("--empty", action="store_true", help="load no programme")


def set_environment(argv: list[str]) -> None:
    """Write DATA_DIR, SITE_URL, REDIS_URL and whose certificate it is, as the options of `up` ask."""
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    options, _others = parser.parse_known_args(argv)
    options.host = listening_host(options.host, options.https)
    if options.data:
        os.environ.pop("DATA_DIR_FILE", None)
        os.environ["DATA_DIR"] = str(Path(options.data).expanduser().resolve())
    if options.https:
        os.environ[OWN_CERTIFICATE] = "1"
    if not _is_set("SITE_URL"):
        scheme = "https" if options.https else "http"
        os.environ["SITE_URL"] = f"{scheme}://{bracketed(public_host(options.host))}:{options.port}"
    if not _is_set("REDIS_URL"):
        os.environ["REDIS_URL"] = f"redis://:{secrets.token_urlsafe(24)}@127.0.0.1:{free_port()}/0"
        os.environ[OWN_REDIS] = "1"


def listening_host(host: str | None, https: bool) -> str:
    return host or ("0.0.0.0" if https else "127.0.0.1")  # noqa: S104  a phone must reach it


def public_host(host: str) -> str:
    """The address others reach this machine by, when it listens on `host`."""
    if host not in {"0.0.0.0", "::", ""}:  # noqa: S104
        return host
    return next(iter(lan_addresses()), "127.0.0.1")


def lan_addresses() -> list[str]:
    """This machine's own IPv4 addresses, the one that leads outside first. Nothing is sent to find them."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # RFC 5737: an address for documentation; UDP connect only picks a route
        found.append(probe.getsockname()[0])
    with contextlib.suppress(OSError):
        found += socket.gethostbyname_ex(socket.gethostname())[2]
    return [address for address in dict.fromkeys(found) if not address.startswith("127.")]


def bracketed(host: str) -> str:
    """The host as it stands in an address with a port: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def port_of(url: str) -> int:
    return urlsplit(url).port or 6379


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
