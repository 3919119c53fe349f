"""A seminar with an agenda, and many people at once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from events.models import Event, Session, Speaker
from registrations.models import Registration
from tests.make import both, make_event, make_venue


@pytest.fixture
def agenda(programme, pisa):
    """Four hours in Pisa in two parts, each with who speaks."""
    programme.project_code = "CUP D11B23000120007"
    programme.funding_note = both("Cofinanziato dall’Unione europea.", "Co-funded by the European Union.")
    programme.save()
    start = datetime(2024, 6, 20, 9, 0, tzinfo=ZoneInfo("Europe/Rome"))
    event = make_event(
        programme,
        slug="seminario-pisa",
        territory=pisa,
        venue=make_venue(programme),
        title=both("Seminario a Pisa", "Seminar in Pisa"),
        starts_at=start,
        ends_at=start + timedelta(hours=4),
        in_person_capacity=1000,
    )
    for number, (italian, english, speaker) in enumerate(
        [("Il progetto", "The project", "Giulia Bianchi"), ("Il welfare", "Welfare", "Marco Neri")]
    ):
        session = Session.objects.create(
            event=event, starts_at=start + timedelta(hours=number), minutes=60, title=both(italian, english)
        )
        Speaker.objects.create(event=event, session=session, name=speaker)
    return event


@pytest.fixture
def several_days(agenda):
    """The same with a morning on the day after: its part begins at nine and lasts an hour and a half."""
    agenda.ends_at += timedelta(days=1)
    agenda.save()
    next_day = agenda.starts_at + timedelta(days=1)
    session = Session.objects.create(event=agenda, starts_at=next_day, minutes=90, title=both("La prova", "The trial"))
    Speaker.objects.create(event=agenda, session=session, name="Anna Rossi")
    return agenda


@pytest.fixture
def crowd():
    """`crowd(event, 500)` registers so many in person, in one statement."""

    def come(event: Event, number: int) -> None:
        rows = [
            Registration(
                event=event,
                state=Registration.State.CONFIRMED,
                mode="in_person",
                first_name="Maria",
                last_name=f"{'BCDFGL'[n % 6]}ossi{n:03d}",
                email=f"m{n}@example.org",
                organisation="CNA Toscana",
                email_confirmed_at=event.starts_at,
            )
            for n in range(number)
        ]
        Registration.objects.bulk_create(rows)
        Event.objects.filter(pk=event.pk).update(in_person_taken=number)

    return come
