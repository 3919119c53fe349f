"""Who seals and the coordinators hold the receipt of a register, and so know of one that was removed."""

import re

import pytest
from django.template.loader import render_to_string

from accounts.models import Membership, User
from mail.models import Delivery
from registrations.models import Seal
from registrations.services import sealing, witnessing
from tests.every_mail import parsed
from tests.registrations.sealed import came, make_more


def receipts(register=None):
    found = Delivery.objects.filter(message__kind="registrations.sealed").select_related("message").order_by("email")
    return list(found.filter(key__contains=register.head) if register else found)


def test_who_sealed_and_the_coordinators_of_the_place_get_the_receipt_once(event, cast, lucca):
    elsewhere = User.objects.create_user("altrove@example.org", first_name="Altra")
    Membership.objects.create(user=elsewhere, programme=event.programme, territory=lucca, role="coordinator")
    here = User.objects.create_user("qui@example.org", first_name="Questa")
    Membership.objects.create(user=here, programme=event.programme, territory=event.territory, role="coordinator")
    gone = User.objects.create_user("ex@example.org", first_name="Ex", is_active=False)
    Membership.objects.create(user=gone, programme=event.programme, role="coordinator")
    came(event)
    kept = sealing.seal(event=event, by=cast.piero)
    assert [one.email for one in receipts()] == sorted([cast.piero.email, cast.carla.email, here.email])
    witnessing.tell(kept)
    assert len(receipts()) == 3
    second = sealing.seal(event=make_more(event), by=cast.carla)
    assert [one.email for one in receipts(second)] == sorted([cast.carla.email, here.email])


def test_receipt_says_all_that_proves_it_and_nothing_about_who_took_part(event, cast):
    anna = came(event, last_name="Segretissima", organisation="Ditta Nascosta", by=cast.piero)
    kept = sealing.seal(event=event, by=cast.piero)
    User.objects.filter(pk=cast.carla.pk).update(language="en")
    other = sealing.seal(event=make_more(event), by=cast.carla)
    (to_carla,) = [one for one in receipts(other) if one.email == cast.carla.email]
    assert "is sealed" in to_carla.message.text
    (to_piero,) = [one for one in receipts(kept) if one.email == cast.piero.email]
    mail = parsed(to_piero)
    html, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
    for part in (html, text):
        for words in (
            kept.head, kept.xlsx_sha256, kept.pdf_sha256, str(event.title), "n. 1", "Piero", "Persone: 1",
            "Fatti, correzioni e file: 2", "Europe/Rome", f"check_register {event.slug} --number 1 --head {kept.head}",
            "Conserva questa mail", f"/gestione/eventi/{event.slug}/",
        ):  # fmt: skip
            assert words in part, words
        for words in ("Segretissima", "Nascosta", anna.email, anna.code):
            assert words not in part, words
    assert mail["Reply-To"] == event.programme.contact_email


def test_a_register_is_sealed_though_its_receipt_cannot_be_written(event, cast, monkeypatch, caplog):
    """As when a template is broken."""
    came(event)
    monkeypatch.setattr(witnessing.emails, "sealed", lambda register: render_to_string("niente.txt"))
    kept = sealing.seal(event=event, by=cast.piero)
    assert Seal.objects.get() == kept
    assert sealing.check(event) == []
    assert receipts() == []
    assert "receipt" in caplog.text
    monkeypatch.undo()
    assert len(receipts(sealing.seal(event=make_more(event), by=cast.piero))) == 2


def test_nothing_is_told_of_a_register_that_was_not_sealed(event, cast, monkeypatch):
    """Somebody changed the facts while the files were made, each time: it gives up."""
    came(event)
    monkeypatch.setattr(sealing, "hash_of", lambda head, lines: "0" * 64)
    with pytest.raises(sealing.RegistrationError):
        sealing.seal(event=event, by=cast.piero)
    assert not Seal.objects.exists()
    assert receipts() == []


def test_what_somebody_kept_is_recognised_until_its_register_is_removed_or_made_anew(event, cast):
    came(event)
    first = sealing.seal(event=event, by=cast.piero)
    last = sealing.seal(event=make_more(event), by=cast.piero)
    registers = list(event.seals.all())
    for kind, column in witnessing.KINDS.items():
        assert witnessing.recognised(registers, getattr(last, column)) == (last, kind)
    assert witnessing.recognised(registers, first.head) == (first, "head")
    last.delete()
    assert sealing.check(event) == [], "from inside nobody sees it"
    anew = sealing.seal(event=event, by=cast.piero)
    assert anew.number == last.number
    registers = list(event.seals.all())
    assert [witnessing.recognised(registers, getattr(last, column)) for column in witnessing.KINDS.values()] == [
        None
    ] * 3
    assert len(receipts(anew)) == 2


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("AB" * 32, "ab" * 32), (" ab" * 32, "ab" * 32), ("ab" * 16 + "\u200b\n" + "ab" * 16, "ab" * 32),
        ("ab" * 31, ""), ("ag" * 32, ""), ("", ""), ("ab" * 33, ""), ("٣" * 64, ""),
    ],
)  # fmt: skip
def test_a_fingerprint_is_read_however_it_was_copied(typed, read):
    assert witnessing.as_typed(typed) == read
    assert not read or re.fullmatch("[0-9a-f]{64}", read)
