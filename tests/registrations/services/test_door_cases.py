"""The door's table on the server. `tests/browser/test_door_offline.py` puts the same cases to the phone's."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from registrations.services import checkin, tickets
from registrations.services.checkin import Reading
from tests.make import make_event, make_registration

CASES = json.loads((Path(__file__).parents[1] / "door_cases.json").read_text(encoding="utf-8"))
DATES = {
    "cancelled": {"cancelled_at": timezone.now()},
    "pending": {"held_until": timezone.now()},
    "offered": {"held_until": timezone.now()},
}


def of_one_day():
    starts_at = timezone.now() - timedelta(days=5)
    return make_event(starts_at=starts_at, ends_at=starts_at + timedelta(hours=4))


def of_several_days():
    """As on the phone: from nine to one the day after next; the mornings are twenty and forty-four hours later."""
    starts_at = datetime(2024, 5, 14, 9, tzinfo=ZoneInfo("Europe/Rome"))
    return make_event(starts_at=starts_at, ends_at=starts_at + timedelta(hours=52))


def code_of(person, read):
    ticket = tickets.ticket_of(person)
    match read:
        case "ticket" | "newer" | "newcomer":
            return ticket
        case "typed":
            return person.code
        case "old":
            person.ticket_version += 1
            person.save(update_fields=["ticket_version"])
            return ticket
        case "other":
            return tickets.ticket_of(make_registration(make_event()))
        case "forged":
            return f"{ticket[:-5]}AAAA{ticket[-1]}"
        case "stranger":
            return "ABCDEFGH"
    return "WIFI:S:casa;;"


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_case(programme, case):
    event = of_several_days() if case.get("nights") else of_one_day()
    state = case.get("state", "confirmed")
    person = make_registration(event, state=state, mode=case.get("mode", "in_person"), **DATES.get(state, {}))
    at = event.starts_at + timedelta(hours=case.get("hours", 1))
    for minutes, direction in enumerate(case.get("past", [])):
        moment = at - timedelta(hours=case.get("ago", 0.5), minutes=-minutes)
        checkin.check_in_scan(event=event, code=person.code, nonce=f"n{minutes}", direction=direction, at=moment)
    code = code_of(person, case.get("read", "ticket"))
    if "left" in case:
        event.refresh_from_db()
        event.in_person_capacity = event.in_person_taken + case["left"]
        event.save(update_fields=["in_person_capacity"])
    how = {name: case[name] for name in ("direction", "force", "admit") if name in case}
    reading = Reading("now", code, at, **how)
    answer = checkin.check_in(event=event, readings=[reading])[0]
    assert [answer.status, answer.reason or None] == case["expected"]
