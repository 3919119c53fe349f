import re

import pytest
from cryptography.exceptions import InvalidSignature

from registrations.services import tickets
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db


def test_ticket_url_is_read_back():
    registration = make_registration(make_event())
    assert tickets.read(tickets.ticket_url(registration)) == tickets.Ticket(
        registration.event_id, registration.ticket_version, registration.code
    )


def test_ticket_with_any_character_changed_is_not_genuine():
    ticket = tickets.ticket_of(make_registration(make_event()))
    for position in range(0, len(ticket), 7):
        other = "A" if ticket[position] != "A" else "B"
        assert tickets.read(ticket[:position] + other + ticket[position + 1 :]) is None


def test_ticket_of_another_key_is_not_genuine(settings):
    ticket = tickets.ticket_of(make_registration(make_event()))
    settings.SECRET_KEY = "another key"
    assert tickets.read(ticket) is None
    settings.SECRET_KEY_FALLBACKS = ["a key for tests only"]
    assert isinstance(tickets.read(ticket), tickets.Ticket)


@pytest.mark.parametrize("typed", ["abcd-efgh", " ABCD EFGH ", "abcdefgh"])
def test_readable_code_is_taken_however_it_is_typed(typed):
    assert tickets.read(typed) == "ABCDEFGH"


@pytest.mark.parametrize("typed", ["", "abc", "https://example.org/t/", "é" * 500, "\x00"])
def test_anything_else_is_nothing(typed):
    assert tickets.read(typed) is None


def test_what_can_be_ours_is_kept_whole(settings):
    ticket = tickets.ticket_of(make_registration(make_event()))
    forged = ticket[:-8] + "AAAAAAAA"
    for text in (ticket, forged, f"{settings.SITE_URL}/t/{forged}", "ABCD-EFGH", "abc", ""):
        assert tickets.as_kept(f" {text}\n") == text


@pytest.mark.parametrize(
    ("text", "kind", "secret"),
    [
        ("BEGIN:VCARD\nVERSION:3.0\nN:Verdi;Anna\nEND:VCARD", "vcard", "Verdi"),
        ("HC1:NCFOXN%TS3DH3ZSUZK+.V0ETD%65NL", "hc1", "NCFOX"),
        ("https://Anna:secret@example.org/badge/VRDNNA80A41G702X", "https://example.org", "VRDNNA"),
        ("http://[/t/x", "http://", "/t/x"),
        ("mailto:anna.verdi@example.org", "mailto", "anna"),
        ("VRDNNA80A41G702X", "text", "VRDNNA"),
        ("Anna: 333 1234567", "text", "Anna"),
        ("8012345678901", "number", "801234"),
        ("é" * 4000, "text", "é"),
    ],
)
def test_of_anything_else_only_a_sign(text, kind, secret):
    kept = tickets.as_kept(text)
    assert re.fullmatch(rf"{re.escape(kind)} #[0-9a-f]{{12}} \({len(text)}\)", kept)
    assert secret not in kept
    assert tickets.as_kept(text) == kept != tickets.as_kept(text + "1")


def test_a_personal_link_of_ours_opens_nothing_from_what_is_kept(settings):
    assert "geheim" not in tickets.as_kept(f"{settings.SITE_URL}/iscrizioni/geheim-geheim-geheim/")


def test_the_sign_cannot_be_tried_out_without_our_key(settings):
    kept = tickets.as_kept("VRDNNA80A41G702X")
    settings.SECRET_KEY = "another key"
    assert tickets.as_kept("VRDNNA80A41G702X") != kept


def test_example_in_the_documentation_tells_a_real_ticket_from_a_forged_one(settings):
    page = (settings.BASE_DIR / "docs" / "door.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    found = {}
    exec(example, found)  # noqa: S102  our own page
    registration = make_registration(make_event())
    event, version, code = found["read_ticket"](tickets.ticket_url(registration), tickets.public_key())
    assert (event, version, code) == (registration.event_id, registration.ticket_version, registration.code)
    ticket = tickets.ticket_of(registration)
    forged = ticket[:-6] + ("A" if ticket[-6] != "A" else "B") + ticket[-5:]
    with pytest.raises(InvalidSignature):
        found["read_ticket"](forged, tickets.public_key())
