"""The signed sender of one copy: what comes back to it is about that copy, and nobody can make one up."""

import pytest

from mail.envelope import LONGEST_LOCAL_PART, delivery_of, sender_of
from mail.models import Delivery
from tests.make import make_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _address(settings):
    settings.BOUNCE_ADDRESS = "rimbalzi@vlt.example.org"


def test_sender_names_the_delivery_and_only_its_own():
    one, other = make_delivery(), make_delivery()
    assert delivery_of(sender_of(one)) == one
    assert delivery_of(sender_of(other)) == other
    assert sender_of(one).startswith("rimbalzi+")
    assert sender_of(one).endswith("@vlt.example.org")


def test_case_of_the_address_does_not_matter():
    one = make_delivery()
    assert delivery_of(sender_of(one).upper()) == one


def test_largest_number_with_the_longest_address_is_a_local_part_that_servers_take(settings):
    settings.BOUNCE_ADDRESS = "r" * LONGEST_LOCAL_PART + "@vlt.example.org"
    local = sender_of(Delivery(pk=2**63 - 1, mail_id="<x@vlt.example.org>")).partition("@")[0]
    assert len(local) == 64


def test_changed_number_signature_or_domain_is_nothing():
    one, other = make_delivery(), make_delivery()
    local, _, domain = sender_of(one).partition("@")
    name, _, signature = local.partition(".")
    foreign = sender_of(other).partition("@")[0].partition(".")[0]
    last = "a" if signature[-1] != "a" else "b"
    for forged in [
        f"{foreign}.{signature}@{domain}",
        f"{name}.{signature[:-1]}{last}@{domain}",
        f"{name}.{signature[:-1]}@{domain}",
        f"{name}.@{domain}",
        f"{local}@elsewhere.example",
        f"x{local}@{domain}",
        f"rimbalzi+zzzzzzzzzzzzz.{signature}@{domain}",
        f"rimbalzi@{domain}",
        "",
        "+.@",
        f"{local}@{domain}@{domain}",
    ]:
        assert delivery_of(forged) is None, forged


def test_another_row_under_an_old_number_is_another_delivery():
    one = make_delivery()
    sender = sender_of(one)
    Delivery.objects.filter(pk=one.pk).update(mail_id=Delivery.new_mail_id())
    assert delivery_of(sender) is None


def test_another_key_signs_otherwise(settings):
    one = make_delivery()
    sender = sender_of(one)
    settings.SECRET_KEY = "another key"
    assert delivery_of(sender) is None


def test_without_the_setting_the_sender_is_the_plain_one_and_names_nothing(settings):
    one = make_delivery()
    signed = sender_of(one)
    settings.BOUNCE_ADDRESS = ""
    assert sender_of(one) == "info@testserver"
    assert delivery_of(signed) is None
    assert delivery_of("info@testserver") is None
