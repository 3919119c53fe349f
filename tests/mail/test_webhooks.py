"""Providers' notices as they post them: believed with the secret, about our message, at the address it went to."""

import base64
import hashlib
import hmac
import json

import pytest

from mail.marks import header_for
from mail.models import Delivery, Feedback, Suppression
from tests.make import make_delivery

pytestmark = pytest.mark.django_db
SECRET = "convivio:a long secret for tests"
KEY = "mailgun-signing-key"


@pytest.fixture(autouse=True)
def _secrets(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}


@pytest.fixture
def anna():
    return make_delivery("newsletter:1")


def post(client, provider, payload, secret=SECRET):
    headers = {"authorization": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}
    content = payload if isinstance(payload, str) else json.dumps(payload)
    return client.post(
        f"/webhooks/mail/{provider}/tracking/", content, content_type="application/json", headers=headers
    ).status_code


def brevo(delivery, event="hard_bounce", reason="550 5.1.1 user unknown", **over):
    return {
        "event": event, "email": delivery.email, "id": 26224, "date": "2026-11-20 09:36:40", "ts_epoch": 1763628000000,
        "message-id": "<201798300811.5787683@relay.brevo.example>", "subject": "Le notizie di luglio",
        "X-Mailin-custom": json.dumps({"mail_id": delivery.mail_id.strip("<>")}), "reason": reason,
        "sending_ip": "185.41.28.109", "tag": "",
    } | over  # fmt: skip


def mailgun(delivery, event="failed", severity="permanent", reason="bounce", message="5.1.1 No such user", key=KEY):
    token, timestamp = "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0", "1763628000"
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": timestamp, "token": token, "signature": signature},
        "event-data": {
            "event": event, "severity": severity, "reason": reason, "recipient": delivery.email,
            "id": "G9Bn5sl1TC6nu79C8C0bwg", "timestamp": 1763628000.5, "tags": [], "user-variables": {},
            "delivery-status": {"code": 550, "message": message, "description": "", "attempt-no": 1},
            "message": {"headers": {"message-id": delivery.mail_id.strip("<>"), "to": delivery.email}},
        },
    }  # fmt: skip


def postmark(delivery, what="HardBounce", details="smtp;550 5.1.1 unknown user", record="Bounce", **over):
    return {
        "RecordType": record, "MessageStream": "outbound", "ID": 4323372036854775807, "Type": what, "TypeCode": 1,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "Description": "The server was unable to deliver",
        "Details": details, "Email": delivery.email, "BouncedAt": "2026-11-20T13:28:10Z",
        "Metadata": {"mail_id": delivery.mail_id.strip("<>")},
    } | over  # fmt: skip


def mailjet(delivery, event="bounce", error="user unknown", **over):
    return [
        {
            "event": event, "time": 1763628000, "MessageID": 13792286917004336, "email": delivery.email,
            "Payload": json.dumps({"mail_id": delivery.mail_id.strip("<>")}), "blocked": False, "hard_bounce": True,
            "error_related_to": "recipient", "error": error, "smtp_reply": "550 5.1.1 unknown",
        } | over
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("provider", "write"), [("brevo", brevo), ("mailgun", mailgun), ("postmark", postmark), ("mailjet", mailjet)]
)
def test_hard_bounce_suppresses_at_once_and_once(client, anna, provider, write):
    assert [post(client, provider, write(anna)) for _ in range(2)] == [200, 200]
    row = Feedback.objects.get()
    assert (row.kind, row.status, row.source, row.delivery) == ("hard", "5.1.1", "webhook", anna)
    assert Suppression.objects.get().reason == "bounced"


@pytest.mark.parametrize(
    ("provider", "write", "over", "kind"),
    [
        ("brevo", brevo, {"event": "soft_bounce", "reason": "452 4.2.2 full"}, "soft"),
        ("brevo", brevo, {"event": "hard_bounce", "reason": ""}, "hard"),
        ("brevo", brevo, {"event": "hard_bounce", "reason": "550 5.7.1 listed"}, "blocked"),
        ("brevo", brevo, {"event": "blocked"}, "blocked"),
        ("brevo", brevo, {"event": "spam"}, "complaint"),
        ("brevo", brevo, {"event": "delivered"}, "arrived"),
        ("mailgun", mailgun, {"event": "complained"}, "complaint"),
        ("mailgun", mailgun, {"event": "delivered"}, "arrived"),
        ("mailgun", mailgun, {"reason": "suppress-complaint", "message": ""}, "complaint"),
        ("mailgun", mailgun, {"reason": "suppress-unsubscribe", "message": ""}, "blocked"),
        ("mailgun", mailgun, {"reason": "generic", "message": "5.2.2 full"}, "soft"),
        ("mailgun", mailgun, {"reason": "generic", "message": ""}, "soft"),
        ("postmark", postmark, {"what": "SoftBounce"}, "soft"),
        ("postmark", postmark, {"what": "SpamComplaint", "record": "SpamComplaint"}, "complaint"),
        ("postmark", postmark, {"what": "BadEmailAddress"}, "hard"),
        ("postmark", postmark, {"record": "Delivery"}, "arrived"),
        ("mailjet", mailjet, {"event": "spam"}, "complaint"),
        ("mailjet", mailjet, {"error": "quota exceeded", "hard_bounce": False}, "soft"),
        ("mailjet", mailjet, {"event": "sent", "error": ""}, "arrived"),
    ],
)
def test_what_a_provider_says_is_said_in_our_words(client, anna, provider, write, over, kind):
    assert post(client, provider, write(anna, **over)) == 200
    assert Feedback.objects.get().kind == kind


@pytest.mark.parametrize(
    ("provider", "write", "over"),
    [
        ("brevo", brevo, {"event": "opened"}),
        ("brevo", brevo, {"event": "click"}),
        ("brevo", brevo, {"event": "unsubscribe"}),
        ("brevo", brevo, {"event": "something new"}),
        ("mailgun", mailgun, {"event": "opened"}),
        ("postmark", postmark, {"what": "AutoResponder"}),
        ("postmark", postmark, {"record": "Open"}),
    ],
)
def test_reading_is_not_watched_and_absence_is_no_bounce(client, anna, provider, write, over):
    assert post(client, provider, write(anna, **over)) == 200
    assert not Feedback.objects.exists()


def test_message_that_the_provider_has_is_in_doubt_no_more(client):
    doubt = make_delivery("newsletter:1", state=Delivery.State.UNCERTAIN)
    assert post(client, "mailgun", mailgun(doubt, severity="temporary")) == 200
    assert Delivery.objects.get().state == Delivery.State.SENT
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("secret", [None, "", "convivio:wrong", "convivio", f"{SECRET} "])
@pytest.mark.parametrize(
    ("provider", "write"), [("brevo", brevo), ("mailgun", mailgun), ("postmark", postmark), ("mailjet", mailjet)]
)
def test_notice_without_the_secret_does_nothing(client, anna, provider, write, secret):
    assert post(client, provider, write(anna), secret) == 400
    assert not Feedback.objects.exists()


def test_mailgun_notice_with_a_wrong_signature_does_nothing(client, anna):
    assert post(client, "mailgun", mailgun(anna, key="another")) == 400
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("setting", "provider"),
    [("WEBHOOK_SECRET", "brevo"), ("WEBHOOK_SECRET", "mailgun"), ("MAILGUN_WEBHOOK_SIGNING_KEY", "mailgun")],
)
def test_without_a_secret_there_is_no_page(client, anna, settings, setting, provider):
    settings.ANYMAIL = settings.ANYMAIL | {setting: ""}
    assert post(client, provider, {"brevo": brevo, "mailgun": mailgun}[provider](anna)) == 404
    assert post(client, provider, {"brevo": brevo, "mailgun": mailgun}[provider](anna), None) == 404
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("provider", ["sendgrid", "amazon_ses", "mandrill", "nonsense"])
def test_provider_that_is_not_in_the_list_has_no_page(client, anna, provider):
    assert post(client, provider, brevo(anna)) == 404


def test_notice_about_another_recipient_or_another_message_does_nothing(client, anna, caplog):
    bea = make_delivery("newsletter:2", email="bea@example.org")
    for notice in [
        brevo(anna, email=bea.email),
        brevo(anna, email="zoe@example.org"),
        brevo(anna, email=None),
        brevo(anna, **{"X-Mailin-custom": json.dumps({"mail_id": bea.mail_id})}),
        brevo(anna, **{"X-Mailin-custom": "5", "message-id": "<unknown@testserver>"}),
        brevo(anna, **{"X-Mailin-custom": "no json", "message-id": None}),
        brevo(anna, **{"X-Mailin-custom": "{}", "message-id": {"a": 1}}),
        brevo(anna, **{"X-Mailin-custom": "{}", "message-id": "<\x00>"}),
    ]:
        assert post(client, "brevo", notice) in {200, 400}
    assert not Feedback.objects.exists()
    assert "example.org" not in caplog.text


def test_brevo_that_keeps_our_message_id_needs_no_mark(client, anna):
    assert post(client, "brevo", brevo(anna, **{"X-Mailin-custom": None, "message-id": anna.mail_id})) == 200
    assert Feedback.objects.get().kind == "hard"


def test_details_hold_no_sign_that_a_database_refuses(client, anna):
    assert post(client, "brevo", brevo(anna, reason="550 5.1.1 \x00\n" + "x" * 400)) == 200
    assert len(Feedback.objects.get().detail) == 250


@pytest.mark.parametrize("content", ["", "no json", "[]", "5", '"x"', "[[]]", '{"event-data": 5}', "null", "[" * 9000])
@pytest.mark.parametrize("provider", ["brevo", "mailgun", "postmark", "mailjet"])
def test_what_is_no_notice_is_a_bad_request_and_no_failure(client, anna, provider, content):
    assert post(client, provider, content) in {200, 400}
    assert not Feedback.objects.exists()


def test_get_and_a_foreign_form_do_nothing(client, anna):
    assert client.get("/webhooks/mail/brevo/tracking/").status_code == 405
    assert post(client, "brevo", brevo(anna)) == 200  # no cookie, no token of a form


@pytest.mark.parametrize(
    ("relay", "line"),
    [
        ("smtp-relay.brevo.com", b'X-Mailin-custom: {"mail_id": "abc@testserver"}\r\n'),
        ("in-v3.mailjet.com", b'X-MJ-EventPayload: {"mail_id": "abc@testserver"}\r\n'),
        ("smtp.postmarkapp.com", b"X-PM-Metadata-mail_id: abc@testserver\r\n"),
        ("smtp.eu.mailgun.org", b'X-Mailgun-Variables: {"mail_id": "abc@testserver"}\r\n'),
        ("mail.example.org", b""),
        ("notbrevo.com", b""),
    ],
)
def test_mark_goes_along_to_the_providers_that_need_one(relay, line):
    assert header_for(relay, Delivery(mail_id="<abc@testserver>")) == line
