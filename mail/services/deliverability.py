"""Looks at the sender as mail providers do: is it ours, may the relay send for it, is it signed, does it have a name?

A member of staff starts it from the page of the sender; it asks the DNS, all questions side by side and within a few
seconds, changes nothing outside, and keeps what it found with its time. No answer is never taken for "missing". What
each finding means stands in `mail.sender_findings`.
"""

import ipaddress
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from urllib.parse import urlsplit

import dns.reversename
from django.conf import settings
from django.utils import timezone

from mail import signing, spf
from mail.dns_answers import Answers, NoAnswerError
from mail.models import SenderCheck

SECONDS = 4.5
NOT_PUBLIC = (".localhost", ".local", ".test", ".invalid", ".internal")
PROVIDERS = {
    "sendgrid.net": "sendgrid.net", "amazonaws.com": "amazonses.com", "gmail.com": "_spf.google.com",
    "google.com": "_spf.google.com", "office365.com": "spf.protection.outlook.com", "mailgun.org": "mailgun.org",
    "mailjet.com": "spf.mailjet.com", "brevo.com": "spf.brevo.com", "aruba.it": "_spf.aruba.it",
    "postmarkapp.com": "spf.mtasv.net",
}  # fmt: skip
"""What the SPF record includes for providers that send from other addresses than they take mail on."""


@dataclass(frozen=True)
class Finding:
    code: str
    values: dict[str, object] = field(default_factory=dict)
    record: dict[str, str] | None = None
    about: str = ""


@dataclass(frozen=True)
class Sender:
    """What is looked at."""

    domain: str
    bounces: str
    relay: str
    addresses: list[str] | None
    """The relay's, as far as the outside can see them; None when the DNS did not say."""

    @property
    def is_seen(self) -> bool:
        return bool(self.addresses) and all(ipaddress.ip_address(one).is_global for one in self.addresses)


def last() -> SenderCheck | None:
    return SenderCheck.objects.filter(domain=signing.sender_domain()).first()


def check() -> SenderCheck:
    """Look now, for five seconds at most, and keep what was found."""
    answers = Answers(SECONDS)
    relay = urlsplit(settings.EMAIL_URL).hostname or "localhost"
    domain = signing.sender_domain()
    bounces = settings.BOUNCE_ADDRESS.rpartition("@")[2].lower() or domain
    if _is_public(domain):
        sender = Sender(domain, bounces, relay, _addresses(relay, answers))
        looks = {"spf": look_at_spf, "dkim": _dkim, "dmarc": _dmarc, "reverse": _reverse, "bounces": _bounces}
        with ThreadPoolExecutor(len(looks)) as pool:
            found = list(pool.map(partial(_looked, sender, answers), looks, looks.values()))
        findings = [_from(domain), *found, _tls(sender)]
    else:
        findings = [Finding("from_not_public", {"domain": domain})]
    kept, _is_new = SenderCheck.objects.update_or_create(
        domain=domain, defaults={"findings": [asdict(one) for one in findings], "checked_at": timezone.now()}
    )
    return kept


def _looked(sender: Sender, answers: Answers, about: str, look: Callable) -> Finding:
    try:
        return look(sender, answers)
    except NoAnswerError:
        return Finding("no_answer", about=about)


def _addresses(relay: str, answers: Answers) -> list[str] | None:
    try:
        return [str(ipaddress.ip_address(relay))]
    except ValueError:
        pass
    try:
        return ["127.0.0.1"] if relay == "localhost" else answers.addresses(relay)
    except NoAnswerError:
        return None


def _is_public(domain: str) -> bool:
    last_label = domain.rpartition(".")[2]
    return "." in domain and not last_label.isdigit() and not domain.endswith(NOT_PUBLIC)


def _is_same(one: str, other: str) -> bool:
    """Aligned in DMARC's relaxed way, as far as names tell: one is the other, or stands below it."""
    return one == other or one.endswith("." + other) or other.endswith("." + one)


def _from(domain: str) -> Finding:
    values = {"domain": domain, "site": settings.SITE_HOST}
    return Finding("from_good" if _is_same(domain, settings.SITE_HOST) else "from_differs", values)


def look_at_spf(sender: Sender, answers: Answers) -> Finding:
    """Receivers look at the domain that mail comes back to, not at the one that people see (RFC 7208 section 2.4)."""
    domain, values = sender.bounces, {"domain": sender.bounces, "relay": sender.relay}
    records = [text for text in answers.texts(domain) if spf.is_record(text)]
    wanted = _spf_term(sender.relay)
    if not records:
        return Finding("spf_missing", values, _line(domain, "TXT", f"v=spf1 {wanted} ~all"))
    if len(records) > 1:
        return Finding("spf_several", values | {"number": len(records)})
    if sender.addresses is None:
        raise NoAnswerError
    seen = sender.addresses if sender.is_seen else []
    try:
        reading = spf.read(records[0], domain, seen, answers)
    except spf.BrokenError as error:
        return Finding("spf_broken", values | {"term": error.args[0]})
    values["lookups"] = reading.lookups
    if reading.lookups > spf.MOST_LOOKUPS:
        return Finding("spf_lookups", values)
    if reading.is_open:
        return Finding("spf_open", values)
    if wanted.startswith("include:") and wanted in records[0].split():
        return Finding("spf_good", values)
    if not seen:
        return Finding("spf_unseen", values)
    if others := [one for one in seen if one not in reading.named]:
        changed = records[0].replace("v=spf1", f"v=spf1 {wanted}", 1)
        return Finding("spf_elsewhere", values | {"addresses": ", ".join(others)}, _line(domain, "TXT", changed))
    return Finding("spf_good", values)


def _spf_term(relay: str) -> str:
    """What names the relay in an SPF record."""
    for host, included in PROVIDERS.items():
        if relay == host or relay.endswith("." + host):
            return f"include:{included}"
    try:
        return f"ip{ipaddress.ip_address(relay).version}:{relay}"
    except ValueError:
        return f"a:{relay}"


def _dkim(sender: Sender, answers: Answers) -> Finding:
    selector = settings.DKIM_SELECTOR
    values = {"domain": sender.domain, "selector": selector}
    if not selector:
        return Finding("dkim_unknown", values)
    name = f"{selector}._domainkey.{sender.domain}"
    keys = [_tags(text).get("p", "") for text in answers.texts(name) if "p" in _tags(text)]
    if not settings.DKIM_KEY:
        return Finding("dkim_relay" if any(keys) else "dkim_relay_missing", values)
    ours = signing.dns_record(settings.DKIM_KEY)
    if keys == [_tags(ours)["p"]]:
        return Finding("dkim_good", values)
    return Finding("dkim_differs" if keys else "dkim_missing", values, _line(name, "TXT", ours))


def _dmarc(sender: Sender, answers: Answers) -> Finding:
    """The record of the domain, or of the nearest one above it that has one."""
    values, name, records = {"domain": sender.domain}, sender.domain, []
    while "." in name and not records:
        records = [text for text in answers.texts(f"_dmarc.{name}") if _tags(text).get("v") == "DMARC1"]
        found_at, name = name, name.partition(".")[2]
    reports = f"rua=mailto:dmarc@{sender.domain}"
    if not records:
        return Finding("dmarc_missing", values, _line(f"_dmarc.{sender.domain}", "TXT", f"v=DMARC1; p=none; {reports}"))
    if len(records) > 1:
        return Finding("dmarc_several", values | {"number": len(records)})
    tags = _tags(records[0])
    policy = tags.get("p", "").lower()
    if found_at != sender.domain:
        policy = tags.get("sp", policy).lower()
    if policy in {"quarantine", "reject"}:
        return Finding("dmarc_good", values | {"policy": policy})
    if policy != "none":
        return Finding("dmarc_broken", values)
    if "rua" in tags:
        return Finding("dmarc_watch", values)
    changed = "; ".join([*(part.strip() for part in records[0].split(";") if part.strip()), reports])
    return Finding("dmarc_blind", values, _line(f"_dmarc.{found_at}", "TXT", changed))


def _reverse(sender: Sender, answers: Answers) -> Finding:
    if sender.addresses is None:
        raise NoAnswerError
    values = {"relay": sender.relay}
    if not sender.is_seen:
        return Finding("reverse_unseen", values)
    for address in sender.addresses:
        names = answers.names_of(address)
        if not names:
            reverse = dns.reversename.from_address(address).to_text(omit_final_dot=True)
            return Finding("reverse_missing", values | {"address": address}, _line(reverse, "PTR", f"{sender.relay}."))
        if not any(address in answers.addresses(name) for name in names):
            return Finding("reverse_differs", values | {"address": address, "name": names[0]})
    return Finding("reverse_good", values)


def _bounces(sender: Sender, answers: Answers) -> Finding:
    values = {"domain": sender.bounces}
    hosts = answers.exchangers(sender.bounces)
    if not hosts:
        line = _line(sender.bounces, "MX", f"10 mail.{sender.domain}.")
        return Finding("bounces_missing", values, line)
    if not _is_same(sender.bounces, sender.domain):
        return Finding("bounces_elsewhere", {"bounces": sender.bounces, "domain": sender.domain})
    return Finding("bounces_good", values | {"host": hosts[0]})


def _tls(sender: Sender) -> Finding:
    """By what EMAIL_URL says; nothing is connected to."""
    url = urlsplit(settings.EMAIL_URL)
    if url.scheme != "smtp" or "tls=true" in url.query.lower():
        return Finding("tls_good", {"relay": sender.relay})
    is_here = sender.addresses is not None and all(ipaddress.ip_address(one).is_loopback for one in sender.addresses)
    return Finding("tls_local" if is_here else "tls_missing", {"relay": sender.relay})


def _tags(record: str) -> dict[str, str]:
    """`v=DKIM1; p=…` as a mapping (RFC 6376 section 3.2)."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip(): "".join(value.split()) for name, mark, value in pairs if mark}


def _line(name: str, kind: str, value: str) -> dict[str, str]:
    return {"name": f"{name}.", "type": kind, "value": value}
