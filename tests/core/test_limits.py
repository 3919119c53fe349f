from datetime import timedelta

import pytest
from django.core.cache import cache

from core.limits import Limit, client_of

TWICE = Limit("trials", 2, timedelta(minutes=1))


def test_third_time_is_too_often_for_one_and_not_for_others():
    assert [TWICE.count("one") for _ in range(3)] == [True, True, False]
    assert TWICE.count("other")


def test_nobodys_name_stands_in_the_cache(monkeypatch):
    kept = []
    monkeypatch.setattr(cache, "add", lambda key, *_rest: kept.append(key))
    TWICE.count("anna@example.org")
    assert "anna" not in kept[0]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_client_is_an_address_or_half_of_a_long_one(rf, one, other, alike):
    assert (client_of(rf.get("/", REMOTE_ADDR=one)) == client_of(rf.get("/", REMOTE_ADDR=other))) is alike


def test_client_behind_trusted_proxy_is_the_one_that_the_proxy_saw(rf, settings):
    request = rf.get("/", headers={"X-Forwarded-For": "198.51.100.9, 192.0.2.1"})
    direct = client_of(rf.get("/"))
    assert client_of(request) == direct
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client_of(request) == client_of(rf.get("/", REMOTE_ADDR="192.0.2.1"))


def test_client_that_a_proxy_names_in_its_own_way_is_limited_too(rf, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    one, other = (client_of(rf.get("/", headers={"X-Forwarded-For": name})) for name in ("unknown", "_hidden"))
    assert one
    assert other
    assert one != other


def test_who_has_no_address_is_nobody(rf):
    assert client_of(rf.get("/", REMOTE_ADDR="")) == ""


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_is_not_limited(rf, address):
    assert client_of(rf.get("/", REMOTE_ADDR=address)) == ""


def test_limit_is_spent_with_its_last_time_and_asking_does_not_count():
    asked = []
    for _ in range(3):
        asked.append(TWICE.is_spent("one"))
        TWICE.count("one")
    assert [*asked, TWICE.is_spent("one")] == [False, False, True, True]
    assert not TWICE.is_spent("other")
