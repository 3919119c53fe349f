"""Which mail that came back is believed. What is forged, foreign or repeated changes nothing."""

import pytest

from mail.envelope import sender_of
from mail.models import Delivery, Feedback, Suppression
from mail.services import feedback, returns
from tests.mail.reports import absence, answer, complaint, delivery_status, failed
from tests.make import make_delivery

pytestmark = pytest.mark.django_db
PLAIN = "rimbalzi@vlt.example.org"


@pytest.fixture(autouse=True)
def _address(settings):
    settings.BOUNCE_ADDRESS = PLAIN


@pytest.fixture
def anna():
    return make_delivery("newsletter:1")


def kinds():
    return list(Feedback.objects.values_list("email", "kind", "status"))


def test_bounce_to_the_signed_address_is_believed(anna):
    assert returns.take(delivery_status(failed(), to=sender_of(anna))) == "recorded"
    assert kinds() == [("anna@example.org", "hard", "5.1.1")]
    assert Feedback.objects.get().delivery == anna
    assert Suppression.objects.get().email == "anna@example.org"


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To"])
def test_signed_address_is_found_where_mailboxes_note_it(anna, header):
    report = delivery_status(failed(), headers=f"{header}: <{sender_of(anna)}>\n")
    assert returns.take(report) == "recorded"


def test_bounce_at_the_plain_address_is_believed_by_our_message_id_and_its_recipient(anna, settings):
    settings.BOUNCE_ADDRESS = ""
    assert returns.take(delivery_status(failed(), mail_id=anna.mail_id)) == "recorded"
    assert (
        returns.take(delivery_status(failed(), mail_id=anna.mail_id, original_type="message/rfc822")) == "nothing new"
    )
    assert kinds() == [("anna@example.org", "hard", "5.1.1")]


def test_complaint_is_believed_by_the_sender_that_it_names(anna):
    assert returns.take(complaint(sender=sender_of(anna), recipient="", to="hidden@example.org")) == "recorded"
    assert Suppression.objects.get().reason == "complained"


def test_complaint_is_believed_by_our_message_id_and_its_recipient(anna):
    assert returns.take(complaint(mail_id=anna.mail_id)) == "recorded"
    assert Suppression.objects.get().reason == "complained"


def test_the_same_report_again_is_nothing_new(anna):
    report = delivery_status(failed(), to=sender_of(anna))
    assert [returns.take(report) for _ in range(3)] == ["recorded", "nothing new", "nothing new"]
    assert Feedback.objects.count() == 1


def test_delivered_settles_a_doubt():
    doubt = make_delivery("newsletter:1", state=Delivery.State.UNCERTAIN)
    block = failed(action="delivered", status="2.0.0", reply="250 taken")
    assert returns.take(delivery_status(block, to=sender_of(doubt))) == "recorded"
    assert Delivery.objects.get().state == Delivery.State.SENT
    assert kinds() == [("anna@example.org", "arrived", "2.0.0")]


def test_delayed_is_kept_nowhere_and_proves_that_it_was_taken():
    doubt = make_delivery("newsletter:1", state=Delivery.State.UNCERTAIN)
    assert returns.take(delivery_status(failed(action="delayed", status="4.4.1"), to=sender_of(doubt))) == "nothing new"
    assert Delivery.objects.get().state == Delivery.State.SENT
    assert kinds() == []


def test_dead_address_behind_a_forwarding_does_not_condemn_the_one_we_wrote_to(anna):
    report = delivery_status(
        failed("anna.verdi@elsewhere.example").replace("Original-Recipient", "X"), to=sender_of(anna)
    )
    assert returns.take(report) == "recorded"
    assert kinds() == [("anna@example.org", "soft", "5.1.1")]
    assert not Suppression.objects.exists()


def changed(address):
    local, _, domain = address.partition("@")
    return f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"


def forged(anna, bea):
    """Each is one try to silence somebody."""
    signature_of_another = sender_of(bea).partition(".")[2]
    number = sender_of(anna).partition(".")[0]
    return {
        "no address, no message": delivery_status(failed()),
        "a guessed message": delivery_status(failed(), mail_id="<AAAAAAAAAAAAAAAAAAAAAA@testserver>"),
        "a wrong signature": delivery_status(failed(), to=changed(sender_of(anna))),
        "another's signature": delivery_status(failed(), to=f"{number}.{signature_of_another}"),
        "an unsigned number": delivery_status(failed(), to=f"rimbalzi+{anna.pk}@vlt.example.org"),
        "another's message": delivery_status(failed(), mail_id=bea.mail_id),
        "a message without its recipient": delivery_status(failed("zoe@example.org"), mail_id=anna.mail_id),
        "a complaint about nothing": complaint(),
        "a complaint of another": complaint(mail_id=bea.mail_id),
        "a complaint with a wrong signature": complaint(sender=changed(sender_of(anna))),
        "a complaint without recipient": complaint(recipient="", to="hidden@example.org", mail_id=anna.mail_id),
        "an absence note": absence(sender_of(anna)),
        "an answer": answer(sender_of(anna)),
        "a complaint that is none": complaint(about="not-spam", sender=sender_of(anna)),
        "a report without a report": delivery_status(to=sender_of(anna)),
        "nothing": b"",
        "noise": bytes(range(256)) * 40,
    }


@pytest.mark.parametrize("which", range(17))
def test_forged_report_changes_nothing(anna, which, caplog, django_assert_max_num_queries):
    bea = make_delivery("newsletter:2", email="bea@example.org")
    before = list(Delivery.objects.order_by("pk").values())
    name, content = list(forged(anna, bea).items())[which]
    with django_assert_max_num_queries(10):
        what = returns.take(content)
    assert what in {"unproven", "automatic", "other"}, name
    assert not Feedback.objects.exists(), name
    assert not Suppression.objects.exists(), name
    assert list(Delivery.objects.order_by("pk").values()) == before, name
    assert "example.org" not in caplog.text


def test_there_are_as_many_forgeries_as_are_tried(anna):
    assert len(forged(anna, anna)) == 17


def test_signed_address_of_one_and_message_of_another_is_about_the_signed_one(anna):
    bea = make_delivery("newsletter:2", email="bea@example.org")
    returns.take(delivery_status(failed("bea@example.org"), to=sender_of(anna), mail_id=bea.mail_id))
    assert kinds() == [("anna@example.org", "soft", "5.1.1")]
    assert not Suppression.objects.exists()


def test_mail_whose_address_is_forgotten_is_nobodys(anna):
    report = delivery_status(failed(), to=sender_of(anna))
    Delivery.objects.update(email="")
    assert returns.take(report) == "unproven"
    assert not Feedback.objects.exists()


def test_without_a_mailbox_nothing_is_fetched_and_nothing_said(settings):
    settings.BOUNCE_MAILBOX = None
    assert returns.fetch() == {}
    assert returns.mailbox_state() is None
    assert feedback.settle_known() == 0
