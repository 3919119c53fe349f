"""The check of the sender against a name server of our own: what it finds, what it says, and what it cannot know."""

import re
from pathlib import Path
from time import monotonic

import dns.resolver
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from mail import dns_answers, sender_findings, signing
from mail.models import SenderCheck
from mail.services import deliverability
from tests.mail.dns_server import NameServer
from tests.mail.test_signing import pem

pytestmark = pytest.mark.django_db
PAGE = "/gestione/posta/mittente/"
DOMAIN, RELAY = "vlt.example.org", "smtp.relay.example"
OURS = pem(rsa.generate_private_key(65537, 2048))
SPF, DMARC = f"v=spf1 a:{RELAY} ~all", "v=DMARC1; p=quarantine; rua=mailto:dmarc@vlt.example.org"


@pytest.fixture
def names(settings, monkeypatch):
    """A domain in perfect order, which a test then spoils."""
    settings.EMAIL_URL = f"smtp+tls://user:secret@{RELAY}:587"
    settings.DEFAULT_FROM_EMAIL = f"Vita Lavoro Toscana <info@{DOMAIN}>"
    settings.SITE_HOST, settings.BOUNCE_ADDRESS = DOMAIN, ""
    settings.DKIM_KEY, settings.DKIM_SELECTOR = OURS, "convivio2026"
    server = NameServer()
    server.zone[RELAY, "A"] = ["93.184.216.34"]
    server.zone["34.216.184.93.in-addr.arpa", "PTR"] = [f"{RELAY}."]
    server.zone[DOMAIN, "MX"] = [f"10 {RELAY}."]
    server.text(DOMAIN, "something-else=1", SPF)
    server.text(f"_dmarc.{DOMAIN}", DMARC)
    server.text(f"convivio2026._domainkey.{DOMAIN}", signing.dns_record(OURS))
    monkeypatch.setattr(dns.resolver, "default_resolver", server.resolver)
    yield server
    server.close()


def found() -> dict[str, dict]:
    """What a check says, by what it is about."""
    findings = deliverability.check().findings
    return {sender_findings.FINDINGS[one["code"]][0] or one["about"]: one for one in findings}


def codes() -> dict[str, str]:
    return {about: finding["code"] for about, finding in found().items()}


def test_domain_in_order_is_called_good(names):
    assert codes() == {about: f"{about}_good" for about in sender_findings.SUBJECTS}
    assert {one.state for one in sender_findings.in_words(SenderCheck.objects.get().findings)} == {"good"}


def test_domain_without_anything_gets_every_line_to_add(names):
    names.zone = {(RELAY, "A"): ["93.184.216.34"], (DOMAIN, "A"): ["93.184.216.1"]}
    lines = {about: finding["record"] for about, finding in found().items() if finding["record"]}
    assert lines == {
        "spf": {"name": f"{DOMAIN}.", "type": "TXT", "value": SPF},
        "dkim": {"name": f"convivio2026._domainkey.{DOMAIN}.", "type": "TXT", "value": signing.dns_record(OURS)},
        "dmarc": {"name": f"_dmarc.{DOMAIN}.", "type": "TXT", "value": f"v=DMARC1; p=none; rua=mailto:dmarc@{DOMAIN}"},
        "reverse": {"name": "34.216.184.93.in-addr.arpa.", "type": "PTR", "value": f"{RELAY}."},
        "bounces": {"name": f"{DOMAIN}.", "type": "MX", "value": f"10 mail.{DOMAIN}."},
    }


def test_silent_dns_is_unknown_and_never_missing_and_does_not_keep_anybody_waiting(names, monkeypatch):
    monkeypatch.setattr(dns_answers, "ONE_QUESTION", 0.2)
    monkeypatch.setattr(deliverability, "SECONDS", 0.5)
    names.silent = {"*"}
    begin = monotonic()
    said = codes()
    assert monotonic() - begin < 3
    assert {said.pop("from"), said.pop("tls")} == {"from_good", "tls_good"}
    assert set(said.values()) == {"no_answer"}


def test_one_silent_name_hides_only_itself(names):
    names.silent = {f"_dmarc.{DOMAIN}"}
    said = codes()
    assert said.pop("dmarc") == "no_answer"
    assert all(code.endswith("_good") for code in said.values())


def test_machine_without_any_resolver_knows_nothing(names, monkeypatch):
    def none(*_arguments, **_options):
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver, "default_resolver", None)
    monkeypatch.setattr(dns.resolver.Resolver, "__init__", none)
    assert codes()["spf"] == "no_answer"


@pytest.mark.parametrize(
    ("records", "code"),
    [
        (["v=spf1 ip4:93.184.216.0/24 -all"], "spf_good"),
        (["v=spf1 mx -all"], "spf_good"),
        (["v=spf1 a:smtp.relay.example/30 -all"], "spf_good"),
        (["v=spf1 include:_spf.relay.example ~all"], "spf_good"),
        (["v=spf1 redirect=_spf.relay.example"], "spf_good"),
        (["V=SPF1 IP4:93.184.216.34 -ALL"], "spf_good"),
        (["v=spf1 -ip4:93.184.216.34 ip4:93.184.216.0/24 -all"], "spf_elsewhere"),
        (["v=spf1 ip4:10.0.0.0/8 -all"], "spf_elsewhere"),
        (["v=spf1 exists:%{i}._spf.relay.example -all"], "spf_elsewhere"),
        (["v=spf1 -all"], "spf_elsewhere"),
        (["v=spf1 +all"], "spf_open"),
        (["v=spf1 all"], "spf_open"),
        ([SPF, "v=spf1 -all"], "spf_several"),
        (["v=spf1 ipv4:93.184.216.34 -all"], "spf_broken"),
        (["v=spf1 ip4:93.184.216.344 -all"], "spf_broken"),
        (["v=spf1 include:nowhere.example -all"], "spf_broken"),
        (["v=spf1 include:loop.example -all"], "spf_lookups"),
        (["v=spf1 " + "a:smtp.relay.example " * 11 + "-all"], "spf_lookups"),
        (["v=spf10 +all"], "spf_missing"),
    ],
)
def test_spf_is_read_as_a_receiver_reads_it(names, records, code):
    names.text("_spf.relay.example", "v=spf1 ip4:93.184.216.34 -all")
    names.text("loop.example", "v=spf1 include:loop.example -all")
    names.text(DOMAIN, *records)
    assert codes()["spf"] == code


def test_changed_spf_line_keeps_what_was_there(names):
    names.text(DOMAIN, "v=spf1 include:_spf.relay.example ip4:10.0.0.1 -all")
    names.text("_spf.relay.example", "v=spf1 -all")
    value = found()["spf"]["record"]["value"]
    assert value == f"v=spf1 a:{RELAY} include:_spf.relay.example ip4:10.0.0.1 -all"


def test_provider_that_sends_from_elsewhere_is_named_by_its_own_record(names, settings):
    settings.EMAIL_URL = "smtp+tls://u:p@smtps.aruba.it:465"
    names.zone["smtps.aruba.it", "A"] = ["62.149.128.210"]
    assert found()["spf"]["code"] == "spf_elsewhere"
    names.text(DOMAIN, "v=spf1 include:_spf.aruba.it ~all")
    names.text("_spf.aruba.it", "v=spf1 ip4:62.149.156.0/24 -all")
    assert found()["spf"]["code"] == "spf_good"


def test_spf_is_that_of_the_domain_that_mail_comes_back_to(names, settings):
    settings.BOUNCE_ADDRESS = f"b@bounce.{DOMAIN}"
    names.zone[f"bounce.{DOMAIN}", "MX"] = [f"10 {RELAY}."]
    assert found()["spf"]["record"]["name"] == f"bounce.{DOMAIN}."
    names.text(f"bounce.{DOMAIN}", SPF)
    said = codes()
    assert (said["spf"], said["bounces"]) == ("spf_good", "bounces_good")
    settings.BOUNCE_ADDRESS = "b@elsewhere.example"
    names.zone["elsewhere.example", "MX"] = [f"10 {RELAY}."]
    assert codes()["bounces"] == "bounces_elsewhere"


@pytest.mark.parametrize(
    ("key", "selector", "record", "code"),
    [
        (OURS, "convivio2026", signing.dns_record(pem(rsa.generate_private_key(65537, 2048))), "dkim_differs"),
        (OURS, "convivio2026", "v=DKIM1; p=", "dkim_differs"),
        (OURS, "other", "v=DKIM1; k=rsa; p=abc", "dkim_missing"),
        ("", "convivio2026", "v=DKIM1; k=rsa; p=abc", "dkim_relay"),
        ("", "convivio2026", "v=DKIM1; p=", "dkim_relay_missing"),
        ("", "", "v=DKIM1; k=rsa; p=abc", "dkim_unknown"),
    ],
)
def test_dkim_key_is_compared_with_ours(names, settings, key, selector, record, code):
    settings.DKIM_KEY, settings.DKIM_SELECTOR = key, selector
    names.text(f"convivio2026._domainkey.{DOMAIN}", record)
    assert codes()["dkim"] == code


@pytest.mark.parametrize(
    ("records", "code"),
    [
        (["v=DMARC1; p=reject"], "dmarc_good"),
        (["v=DMARC1; p=none; rua=mailto:a@vlt.example.org"], "dmarc_watch"),
        (["v=DMARC1;p=none"], "dmarc_blind"),
        (["v=DMARC1; p=perhaps"], "dmarc_broken"),
        ([DMARC, DMARC.replace("quarantine", "none")], "dmarc_several"),
        (["some text"], "dmarc_missing"),
    ],
)
def test_dmarc_policy_is_judged(names, records, code):
    names.text(f"_dmarc.{DOMAIN}", *records)
    assert codes()["dmarc"] == code


def test_dmarc_of_the_domain_above_counts_with_its_policy_for_those_below(names):
    names.zone[f"_dmarc.{DOMAIN}", "TXT"] = []
    names.text("_dmarc.example.org", "v=DMARC1; p=reject; sp=none; rua=mailto:a@example.org")
    assert codes()["dmarc"] == "dmarc_watch"


def test_reverse_name_must_lead_back(names):
    names.zone["34.216.184.93.in-addr.arpa", "PTR"] = ["liar.example."]
    assert codes()["reverse"] == "reverse_differs"


def test_relay_in_a_private_network_is_not_judged_by_addresses_nobody_sees(names, settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:25"
    said = codes()
    assert (said["spf"], said["reverse"], said["tls"]) == ("spf_unseen", "reverse_unseen", "tls_local")
    settings.EMAIL_URL = f"smtp://{RELAY}:25"
    assert codes()["tls"] == "tls_missing"


@pytest.mark.parametrize("domain", ["127.0.0.1", "localhost", "convivio.local"])
def test_sender_that_nobody_outside_can_look_up_is_the_only_finding(names, settings, domain):
    settings.DEFAULT_FROM_EMAIL = f"info@{domain}"
    assert codes() == {"from": "from_not_public"}
    assert names.asked == []


def test_every_code_has_its_sentence_with_the_values_it_needs():
    source = Path(deliverability.__file__).read_text()
    used = set(re.findall(r'"((?:from|spf|dkim|dmarc|reverse|bounces|tls)_[a-z_]+|no_answer)"', source))
    assert used == set(sender_findings.FINDINGS)


def test_page_checks_on_demand_and_shows_the_last_check_with_its_lines(client, cast, names):
    client.force_login(cast.nora)
    assert "Controlla adesso" in client.get(PAGE).content.decode()
    names.zone[f"_dmarc.{DOMAIN}", "TXT"] = []
    page = client.post(PAGE, follow=True).content.decode()
    assert "Ultimo controllo" in page
    assert f"_dmarc.{DOMAIN}." in page
    assert f"v=DMARC1; p=none; rua=mailto:dmarc@{DOMAIN}" in page
    assert "%(" not in page
    asked = len(names.asked)
    client.get(PAGE)
    assert len(names.asked) == asked


def test_page_says_that_nothing_leaves_where_nothing_does(client, cast, settings):
    settings.EMAIL_URL = ""
    client.force_login(cast.carla)
    assert "Da questa macchina non parte nulla" in client.get(PAGE).content.decode()
    assert "Da questa macchina non parte nulla" in client.post(PAGE).content.decode()
    assert not SenderCheck.objects.exists()
