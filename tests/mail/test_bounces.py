"""What is read out of a message that came back; and that no message breaks the reader."""

import random

import pytest

from mail import bounces
from tests.mail.reports import absence, answer, complaint, delivery_status, failed

ANNA = frozenset({"anna@example.org"})


def read(content: bytes):
    return bounces.read(bounces.parse(content))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("5.1.1", "hard"), ("5.1.2", "hard"), ("5.1.10", "hard"), ("5.2.1", "hard"), ("5.4.4", "hard"),
        ("5.2.2", "soft"), ("4.4.7", "soft"), ("4.2.2", "soft"), ("5.0.0", "soft"), ("5.4.1", "soft"), ("", "soft"),
        ("5.7.1", "blocked"), ("5.7.515", "blocked"), ("5.1.8", "blocked"), ("5.3.4", "blocked"), ("5.6.1", "blocked"),
    ],
)  # fmt: skip
def test_status_says_whose_fault_it_is(status, kind):
    assert bounces.kind_of(status) == kind


@pytest.mark.parametrize(
    ("reply", "status", "found"),
    [
        ("550 5.1.1 User unknown", "", "5.1.1"),
        ("550 5.1.1 User unknown", "5.0.0", "5.1.1"),
        ("550 5.1.1 User unknown", "5.7.1", "5.7.1"),
        ("550-5.1.1 The account\n550 5.1.1 does not exist", "", "5.1.1"),
        ("550 no such user here", "", ""),
        ("host 10.5.1.1 said no", "", ""),
        ("", "5.2.2 (mailbox full)", "5.2.2"),
    ],
)
def test_status_is_found_where_it_stands(reply, status, found):
    assert bounces.status_in(reply, status) == found


def test_delivery_status_names_recipient_status_and_our_message():
    report = read(delivery_status(failed(), mail_id="<abc@vlt.example.org>", to="rimbalzi+1.abc@vlt.example.org"))
    assert report.mail_id == "<abc@vlt.example.org>"
    assert "rimbalzi+1.abc@vlt.example.org" in report.addresses
    (notice,) = report.notices
    assert (notice.kind, notice.recipients, notice.status) == ("hard", ANNA, "5.1.1")
    assert notice.detail == "550 5.1.1 User unknown"


def test_each_recipient_of_a_report_has_a_notice_of_its_own():
    report = read(delivery_status(failed(), failed("bea@example.org", "4.4.1", "connection timed out")))
    assert [(notice.kind, *notice.recipients) for notice in report.notices] == [
        ("hard", "anna@example.org"),
        ("soft", "bea@example.org"),
    ]


@pytest.mark.parametrize(
    ("action", "kind"),
    [("failed", "hard"), ("FAILED (bad address)", "hard"), ("delayed", ""), ("delivered", "arrived"), ("relayed", "")],
)
def test_action_decides_before_the_status(action, kind):
    (notice,) = read(delivery_status(failed(action=action))).notices
    assert notice.kind == kind


def test_forwarded_address_is_named_beside_the_first():
    block = """
        Original-Recipient: rfc822; Anna@Example.org
        Final-Recipient: rfc822; anna.verdi@elsewhere.example
        Action: failed
        Status: 5.1.1
    """
    (notice,) = read(delivery_status(block)).notices
    assert notice.recipients == {"anna@example.org", "anna.verdi@elsewhere.example"}


def test_internationalised_report_is_read_as_the_plain_one():
    content = delivery_status(failed()).replace(b"message/delivery-status", b"message/global-delivery-status")
    (notice,) = read(content).notices
    assert (notice.kind, notice.recipients) == ("hard", ANNA)


def test_complaint_names_sender_recipient_and_message():
    report = read(complaint(sender="rimbalzi+1.abc@vlt.example.org", mail_id="<abc@vlt.example.org>"))
    assert "rimbalzi+1.abc@vlt.example.org" in report.addresses
    assert report.mail_id == "<abc@vlt.example.org>"
    assert [(notice.kind, notice.recipients) for notice in report.notices] == [("complaint", ANNA)]


def test_complaint_that_hides_the_recipient_shows_her_in_the_original():
    (notice,) = read(complaint(recipient="")).notices
    assert notice.recipients == ANNA


@pytest.mark.parametrize("about", ["not-spam", "auth-failure", "virus", "", "nonsense"])
def test_what_no_person_said_against_us_is_no_complaint(about):
    assert read(complaint(about=about)) is None


@pytest.mark.parametrize("write", [absence, answer])
def test_other_mail_is_never_a_bounce_whatever_it_says(write):
    mail = bounces.parse(write("rimbalzi+1.abc@vlt.example.org"))
    assert bounces.read(mail) is None
    assert bounces.is_automatic(mail) == (write is absence)


def test_report_inside_a_forwarded_message_is_none():
    inner = delivery_status(failed())
    outer = b'From: a@example.org\r\nContent-Type: multipart/mixed; boundary="o"\r\n\r\n--o\r\n'
    assert read(outer + b"Content-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--o--\r\n") is None


def test_details_hold_no_sign_that_a_database_refuses():
    (notice,) = read(delivery_status(failed(reply="550 5.1.1 a\x00b\x07c" + "x" * 500))).notices
    assert "\x00" not in notice.detail
    assert notice.detail.isprintable()
    assert len(notice.detail) == 250


@pytest.mark.parametrize("seed", range(300))
def test_no_message_breaks_the_reader(seed):
    chance = random.Random(seed)
    content = bytearray(chance.choice([delivery_status(failed(), failed()), complaint()]))
    for _ in range(chance.randint(1, 60)):
        place = chance.randrange(len(content))
        what = chance.choice([bytes([chance.randrange(256)]), b"", b"\r\n", b"=?x?b?%?=", b"\x00", b";", b"--=b\r\n"])
        content[place : place + chance.randint(0, 20)] = what
    read(bytes(content))


def test_nesting_without_end_is_no_report():
    deep = b"".join(b'Content-Type: multipart/report; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(5000))
    assert read(deep) is None
