"""Sealing while somebody else seals, erases or fails: one number, one register, no file left behind."""

from pathlib import Path

import pytest
from django.conf import settings

from events.models import Event
from registrations.models import Seal
from registrations.services import RegistrationError, erasing, sealing
from tests.make import make_registration, make_scan
from tests.registrations.sealed import came, make_more, table
from tests.threads import all_at_once


def test_a_register_that_fails_leaves_no_file(event, cast, monkeypatch):
    came(event, by=cast.piero)
    with monkeypatch.context() as patched:
        patched.setattr(Seal, "save", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sealing.seal(event=event, by=cast.piero)
    assert [one for one in Path(settings.STORAGES["private"]["OPTIONS"]["location"]).rglob("*") if one.is_file()] == []
    assert not Seal.objects.exists()


def test_what_comes_between_makes_the_register_anew(event, cast, monkeypatch):
    """An erasure empties a note, or another register is sealed, while the files are made."""
    came(event, by=cast.piero)
    refused = make_scan(make_registration(event), status="refused", reason="waiting", note="Insiste")
    original, calls = sealing.sealed_pdf.render, []

    def render(register):
        calls.append(1)
        if len(calls) == 1:
            erasing.ask(registration=refused.registration)
        return original(register)

    monkeypatch.setattr(sealing.sealed_pdf, "render", render)
    kept = sealing.seal(event=event, by=cast.piero)
    assert len(calls) == 2
    assert "Insiste" not in str(table(kept, 1))
    assert sealing.check(event) == []


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_get_one_number(event, cast):
    """Each with something new, for the second would otherwise be told that nothing is."""
    came(event, by=cast.piero)

    def work(_number):
        try:
            return sealing.seal(event=make_more(Event.objects.get(pk=event.pk)), by=cast.piero)
        except RegistrationError as refusal:
            return refusal

    results = all_at_once(work, 2)
    kept = [one for one in results if isinstance(one, Seal)]
    refused = [one.code for one in results if isinstance(one, RegistrationError)]
    assert len(kept) + len(refused) == 2
    assert set(refused) <= {"nothing_new", "busy"}
    assert sorted(event.seals.values_list("number", flat=True)) == list(range(1, len(kept) + 1))
    assert sealing.check(event) == []


def test_a_second_register_at_the_same_moment_is_refused_at_once(event, cast, monkeypatch):
    came(event, by=cast.piero)
    original, codes = sealing.sealed_xlsx.render, []

    def render(register):
        with pytest.raises(RegistrationError) as refusal:
            sealing.seal(event=event, by=cast.carla)
        codes.append(refusal.value.code)
        return original(register)

    monkeypatch.setattr(sealing.sealed_xlsx, "render", render)
    assert sealing.seal(event=event, by=cast.piero).number == 1
    assert codes == ["busy"]
    monkeypatch.undo()
    assert sealing.seal(event=make_more(event), by=cast.carla).number == 2
