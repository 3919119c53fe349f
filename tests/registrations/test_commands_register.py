"""`check_register`: what a script learns about sealed registers."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from registrations.models import Scan
from registrations.services import sealing
from tests.make import make_event, make_registration, make_scan

pytestmark = pytest.mark.django_db


def said(capsys, slug):
    call_command("check_register", slug)
    return capsys.readouterr().out


def test_it_tells_what_holds_and_what_was_changed(programme, capsys):
    event = make_event(starts_at=timezone.now() - timedelta(hours=5))
    make_scan(make_registration(event), note="Porta laterale")
    assert said(capsys, event.slug) == f"No register of {event.slug} is sealed yet.\n"
    kept = sealing.seal(event=event, by=None)
    assert kept.head in said(capsys, event.slug)
    Scan.objects.update(note="altro")
    with pytest.raises(CommandError, match=r"Register no. 1: link 1 was changed \(Why\)"):
        call_command("check_register", event.slug)


def test_an_event_that_is_not_there_is_refused(db):
    with pytest.raises(CommandError, match="no event"):
        call_command("check_register", "niente")
