"""How the staff get in, and how nobody else does."""

import re

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import signing
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.services import login_link
from mail.models import Delivery

pytestmark = pytest.mark.django_db
LOGIN = "/accesso/login/"
CONFIRM = "/accesso/login/code/confirm/"


def code_sent_to(address: str) -> str:
    delivery = Delivery.objects.select_related("message").get(email=address)
    return re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", delivery.message.text, re.MULTILINE).group()


def test_login_by_code_leads_to_the_desk(client, cast):
    assert client.post(LOGIN, {"email": "Carla@vlt.example"}, follow=True).status_code == 200
    response = client.post(CONFIRM, {"code": code_sent_to("carla@vlt.example")})
    assert (response.status_code, response["Location"]) == (302, "/gestione/")
    assert client.get("/gestione/").status_code == 200


def test_login_code_is_an_urgent_mail_in_the_language_of_the_page(client, cast):
    client.post("/en/accounts/login/", {"email": "carla@vlt.example"})
    delivery = Delivery.objects.select_related("message").get()
    assert delivery.priority == Delivery.Priority.URGENT
    assert delivery.message.subject.endswith("is your code to log in")


def test_login_of_an_unknown_address_looks_the_same_and_sends_nothing(client, cast):
    known = client.post(LOGIN, {"email": "carla@vlt.example"}, follow=True)
    client.cookies.clear()
    unknown = client.post(LOGIN, {"email": "nessuna@vlt.example"}, follow=True)
    assert Delivery.objects.count() == 1
    pages = [
        re.sub(r'value="[\w-]{64}"', "", page.content.decode()).replace(address, "ADDRESS")
        for page, address in [(known, "carla@vlt.example"), (unknown, "nessuna@vlt.example")]
    ]
    assert pages[0] == pages[1]


def test_login_of_an_unknown_address_is_as_much_work(client, cast):
    """Else the time of the answer would tell who works here."""
    written = []
    for address in ("carla@vlt.example", "nessuna@vlt.example"):
        with CaptureQueriesContext(connection) as queries:
            client.post(LOGIN, {"email": address})
        written.append(sum('INSERT INTO "mail_' in query["sql"] for query in queries))
        client.cookies.clear()
    assert written[0] == written[1] > 0
    assert [delivery.email for delivery in Delivery.objects.all()] == ["carla@vlt.example"]


def test_login_with_wrong_codes_is_refused(client, cast):
    client.post(LOGIN, {"email": "carla@vlt.example"})
    for _ in range(3):
        client.post(CONFIRM, {"code": "AAAA-AAAA"})
    client.post(CONFIRM, {"code": code_sent_to("carla@vlt.example")})
    assert client.get("/gestione/").status_code == 302


def test_login_of_a_closed_account_is_refused(client, cast):
    cast.carla.is_active = False
    cast.carla.save()
    client.post(LOGIN, {"email": "carla@vlt.example"})
    assert client.get("/gestione/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_login_asks_for_at_most_three_codes_a_minute(cast):
    for _ in range(5):
        Client().post(LOGIN, {"email": "carla@vlt.example"})
    assert Delivery.objects.count() == 3


def test_sign_up_is_closed(client, db):
    before = client.get("/accesso/signup/")
    client.post("/accesso/signup/", {"email": "nuova@example.org"})
    assert b"<form" not in before.content.partition(b"<main")[2]
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("path", ["password/reset/", "password/change/", "email/", "signup/passkey/", "3rdparty/"])
def test_pages_of_allauth_that_are_not_used_do_not_exist(client, cast, path):
    client.force_login(cast.carla)
    assert client.get(f"/accesso/{path}").status_code == 404


def test_login_link_lets_in_once(client, cast, capsys):
    call_command("login_code", "carla@vlt.example")
    path = capsys.readouterr().out.split()[0].removeprefix("http://testserver")
    assert client.get(path).status_code == 200
    assert client.get("/gestione/").status_code == 302, "opening the link alone logs nobody in"
    assert client.post(path)["Location"] == "/gestione/"
    assert client.get("/gestione/").status_code == 200
    client.logout()
    used = client.post(path)
    assert (used.status_code, "Questo link non vale più" in used.content.decode()) == (404, True)


def test_login_link_of_a_closed_account_or_forged_is_nothing(client, cast):
    token = login_link.make(user=cast.carla)
    assert client.get(f"/accesso/login/link/{token[:-1]}/").status_code == 404
    forged = signing.dumps([cast.carla.pk, ""], salt="another")
    assert client.get(f"/accesso/login/link/{forged}/").status_code == 404
    cast.carla.is_active = False
    cast.carla.save()
    assert client.get(f"/accesso/login/link/{token}/").status_code == 404


def test_login_code_of_nobody_is_a_sentence(db):
    with pytest.raises(CommandError, match="Nobody"):
        call_command("login_code", "nessuna@vlt.example")


@pytest.fixture
def trial(settings):
    settings.SITE_HOST = "127.0.0.1"
    return {"SERVER_NAME": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1"}


def test_local_codes_are_shown_on_a_trial_machine(client, cast, trial):
    client.post(LOGIN, {"email": "dora@vlt.example"}, **trial)
    assert "/accesso/login/codici/" in client.get(CONFIRM, **trial).content.decode()
    assert code_sent_to("dora@vlt.example") in client.get("/accesso/login/codici/", **trial).content.decode()


@pytest.mark.parametrize(
    "over",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"SERVER_NAME": "vlt.example"},
    ],
)
def test_local_codes_are_nothing_to_anybody_else(client, cast, trial, over):
    assert client.get("/accesso/login/codici/", **trial | over).status_code == 404


def test_local_codes_are_nothing_on_a_real_installation(client, cast, trial, settings):
    settings.EMAIL_URL = "smtp://relay.example"
    assert client.get("/accesso/login/codici/", **trial).status_code == 404
    settings.EMAIL_URL, settings.SITE_HOST = "", "vlt.example"
    assert client.get("/accesso/login/codici/", **trial).status_code == 404


def test_second_factor_is_asked_after_the_code_and_after_the_link(client, cast):
    secret = generate_totp_secret()
    TOTP.activate(cast.carla, secret)
    client.post(LOGIN, {"email": "carla@vlt.example"})
    assert "2fa" in client.post(CONFIRM, {"code": code_sent_to("carla@vlt.example")})["Location"]
    assert client.get("/gestione/").status_code == 302
    client.post("/accesso/2fa/authenticate/", {"code": "000000"})
    assert client.get("/gestione/").status_code == 302
    by_link = Client()
    assert "2fa" in by_link.post(f"/accesso/login/link/{login_link.make(user=cast.carla)}/")["Location"]
    assert by_link.get("/gestione/").status_code == 302
    now = next(yield_hotp_counters_from_time())
    client.post("/accesso/2fa/authenticate/", {"code": format_hotp_value(hotp_value(secret, now))})
    assert client.get("/gestione/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_changes_of_the_second_factor_are_told_by_mail(client, cast, mailoutbox):
    client.force_login(cast.carla)
    secret = client.get("/accesso/2fa/totp/activate/").context["form"].secret
    now = next(yield_hotp_counters_from_time())
    client.post("/accesso/2fa/totp/activate/", {"code": format_hotp_value(hotp_value(secret, now))})
    assert [mail.to for mail in mailoutbox] == [["carla@vlt.example"]]
