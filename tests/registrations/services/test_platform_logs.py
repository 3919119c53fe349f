"""A platform's attendance file becomes presence: once, for the right people, and taken back without a trace lost."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from events.models import Event
from registrations.logs import people
from registrations.models import Correction, Evidence, Scan
from registrations.services import RegistrationError, attendance, log_plans, platform_logs
from tests.make import make_event, make_registration, make_scan
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")
NINE = datetime(2026, 5, 12, 9, 0, tzinfo=ROME)
FILES = Path(__file__).parent.parent / "logs"
LEFT_OUT = log_plans.LEFT_OUT


@pytest.fixture
def event(programme):
    return make_event(programme, slug="webinar", starts_at=NINE, ends_at=NINE + timedelta(hours=4))


@pytest.fixture
def anna(event):
    return make_registration(event, last_name="Verdi", email="anna.verdi@example.org", mode="online")


@pytest.fixture
def bruna(event):
    return make_registration(event, first_name="Bruna", last_name="Rossi", email="b.rossi@example.org", mode="online")


def kept(event, name="zoom_english.csv", by=None):
    return platform_logs.keep(event=event, name=name, content=(FILES / name).read_bytes(), by=by).evidence


def table(*rows):
    """A file of Zoom with rows such as `Anna Verdi, anna@example.org, 09:00, 10:00`."""
    lines = ["Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest"]
    for row in rows:
        name, email, joined, left = row.split(", ")
        lines.append(f"{name},{email},05/12/2026 {joined}:00,05/12/2026 {left}:00,1,Yes")
    return "\n".join([*lines, ""]).encode()


def brought(event, *rows):
    return platform_logs.keep(event=event, name="zoom.csv", content=table(*rows), by=None).evidence


def entries(evidence):
    return {entry.somebody.name: entry for entry in log_plans.plan(evidence=evidence).entries}


def facts(registration):
    """`in 8:55` of every fact that stands, in order of time."""
    standing = registration.scans.with_annulments().filter(is_annulled=False).order_by("at", "pk")
    return [f"{one.direction} {one.at.astimezone(ROME):%-H:%M}" for one in standing]


def minutes(registration):
    registration.refresh_from_db()
    return registration.minutes


def test_the_file_is_kept_as_it_came_and_once(event, cast):
    evidence = kept(event, by=cast.piero)
    assert (evidence.kind, evidence.added_by, len(evidence.sha256)) == (Evidence.Kind.LOG, cast.piero, 64)
    assert evidence.file.open().read() == (FILES / "zoom_english.csv").read_bytes()
    assert kept(event) == evidence
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize("name", ["empty.csv", "zoom_unique_users.csv", "no_attendance.csv"])
def test_a_file_that_nobody_can_read_is_not_kept(event, name):
    with pytest.raises(RegistrationError) as refusal:
        kept(event, name)
    assert refusal.value.fields["file"]
    assert not Evidence.objects.exists()


def test_addresses_match_and_names_propose(event, anna, bruna):
    carlo = make_registration(event, first_name="Carlo", last_name="Bianchi", mode="in_person")
    found = entries(kept(event))
    assert (found["Anna Verdi"].match, found["Anna Verdi"].registration) == ("address", anna)
    assert found["Anna Verdi"].minutes == 240
    proposed = found["iPhone (Bruna Rossi)"]
    assert (proposed.match, proposed.candidates, proposed.registration) == ("name", [bruna], None)
    assert (found["Bianchi, Carlo"].candidates, found["Bianchi, Carlo"].is_decided) == ([carlo], False)


@pytest.mark.parametrize(
    "shown",
    ["NICCOLO D'ALO", "D’Alò Niccolò", "Tablet (Niccolò D’Alò)", "niccolò d'alò (Guest)", "D’Alò Niccolò - CNA Pisa",
     "Niccolò D’Alò | CNA", "Nicco\u0300lo\u0300 D’Alo\u0300".replace("Nicco\u0300", "Nicco")],
)  # fmt: skip
def test_names_are_alike_without_accents_order_and_what_stands_around(event, shown):
    niccolo = make_registration(event, first_name="Niccolò", last_name="D’Alò")
    assert entries(brought(event, f"{shown}, , 09:00, 10:00"))[shown].candidates == [niccolo]


def test_several_of_one_name_wait_for_a_choice_and_a_stranger_for_a_name(event):
    both = [make_registration(event, last_name="Verdi", mode=mode) for mode in ("in_person", "online")]
    evidence = brought(event, "Anna Verdi, , 09:00, 10:00", "Zoe Altra, zoe@example.org, 09:00, 10:00")
    found = entries(evidence)
    assert (found["Anna Verdi"].match, found["Anna Verdi"].candidates) == ("names", both[::-1])
    assert (found["Zoe Altra"].match, found["Zoe Altra"].candidates) == ("", [])
    assert platform_logs.carry_out(evidence=evidence, by=None).added == 0
    choices = {found["Anna Verdi"].key: both[0].pk, found["Zoe Altra"].key: both[1].pk}
    platform_logs.decide(evidence=evidence, choices=choices)
    evidence.refresh_from_db()
    assert entries(evidence)["Anna Verdi"].is_expected_in_person
    assert platform_logs.carry_out(evidence=evidence, by=None).added == 4
    assert [minutes(one) for one in both] == [60, 60]


@pytest.mark.parametrize(("state", "word"), [("cancelled", "Annullata"), ("waiting", "lista d’attesa")])
def test_who_holds_no_place_is_nobody_and_one_sees_why(event, state, word):
    over = {"cancelled_at": NINE} if state == "cancelled" else {}
    make_registration(event, email="z@example.org", last_name="Z", state=state, **over)
    entry = entries(brought(event, "Anna Z, z@example.org, 09:00, 10:00"))["Anna Z"]
    assert (entry.registration, entry.candidates) == (None, [])
    assert word.casefold().replace("’", "'") in entry.hint.casefold().replace("’", "'")


def test_merged_intervals_become_an_entry_and_an_exit_each(event, anna, cast):
    evidence = kept(event)
    outcome = platform_logs.carry_out(evidence=evidence, by=cast.piero)
    assert (outcome.added, outcome.taken_back, outcome.changes) == (2, 0, [(anna.pk, 0, 240)])
    assert facts(anna) == ["in 8:55", "out 13:05"]
    assert minutes(anna) == 240
    scan = anna.scans.first()
    assert (scan.mode, scan.source, scan.evidence, scan.by) == ("online", Scan.Source.LOG, evidence, cast.piero)
    assert anna.is_inside is False
    assert anna.entered_at == scan.at


def test_twice_the_same_file_changes_nothing(event, anna):
    platform_logs.carry_out(evidence=kept(event), by=None)
    before = list(Scan.objects.values())
    changed_at = anna.changed_at = event.registrations.get(pk=anna.pk).changed_at
    outcome = platform_logs.carry_out(evidence=kept(event), by=None)
    assert (outcome.added, outcome.taken_back, outcome.changes) == (0, 0, [])
    assert list(Scan.objects.values()) == before
    assert event.registrations.get(pk=anna.pk).changed_at == changed_at
    assert Evidence.objects.get().options["carried_out"]["changes"] == [[anna.pk, 0, 240]]


def test_another_file_with_the_same_minutes_counts_once(event, anna):
    platform_logs.carry_out(evidence=brought(event, "A, anna.verdi@example.org, 09:00, 10:00"), by=None)
    platform_logs.carry_out(evidence=brought(event, "A, anna.verdi@example.org, 09:30, 11:00"), by=None)
    make_scan(anna, direction="in", at=NINE + timedelta(minutes=90))
    make_scan(anna, direction="out", at=NINE + timedelta(minutes=150))
    attendance.recompute(anna)
    assert len(facts(anna)) == 6
    assert minutes(anna) == 150


def test_two_entries_of_one_person_are_one(event, anna):
    evidence = brought(event, "Anna Verdi, anna.verdi@example.org, 09:00, 10:00", "Anna Verdi, , 09:30, 11:00")
    assert platform_logs.accept_proposals(evidence=evidence) == 1
    evidence.refresh_from_db()
    platform_logs.carry_out(evidence=evidence, by=None)
    assert (facts(anna), minutes(anna)) == (["in 9:00", "out 11:00"], 120)


def test_out_of_hours_nothing_becomes_of_it(event, anna):
    evidence = brought(event, "A, anna.verdi@example.org, 07:00, 08:00", "A, anna.verdi@example.org, 08:30, 08:50")
    planned = log_plans.plan(evidence=evidence)
    assert [entry.somebody.email for entry in planned.outside] == ["anna.verdi@example.org"]
    assert platform_logs.carry_out(evidence=evidence, by=None).added == 0
    anna.refresh_from_db()
    assert (anna.minutes, anna.entered_at) == (0, None)


def test_a_second_look_with_other_decisions_replaces_the_first(event, anna, bruna):
    evidence = brought(event, "Sconosciuta, , 09:00, 10:00")
    key = entries(evidence)["Sconosciuta"].key
    for right, wrong in ((anna, bruna), (bruna, anna), (anna, bruna)):
        evidence = platform_logs.decide(evidence=evidence, choices={key: right.pk})
        platform_logs.carry_out(evidence=evidence, by=None)
        assert (minutes(right), minutes(wrong)) == (60, 0)
    assert Scan.objects.count() == 6
    evidence = platform_logs.decide(evidence=evidence, choices={key: LEFT_OUT})
    assert platform_logs.carry_out(evidence=evidence, by=None).taken_back == 2
    assert (minutes(anna), minutes(bruna)) == (0, 0)


def test_another_zone_moves_the_facts(event, anna):
    evidence = brought(event, "A, anna.verdi@example.org, 09:00, 10:00")
    platform_logs.carry_out(evidence=evidence, by=None)
    evidence = platform_logs.decide(evidence=evidence, zone="Europe/London")
    platform_logs.carry_out(evidence=evidence, by=None)
    assert facts(anna) == ["in 10:00", "out 11:00"]


def test_what_was_taken_back_by_hand_stays_taken_back(event, anna):
    evidence = brought(event, "A, anna.verdi@example.org, 09:00, 10:00", "A, anna.verdi@example.org, 11:00, 12:00")
    platform_logs.carry_out(evidence=evidence, by=None)
    for scan in anna.scans.filter(at__lt=NINE + timedelta(hours=2)):
        Correction.objects.create(scan=scan, kind="annulled", reason="It was her daughter.")
    attendance.recompute(anna)
    evidence.refresh_from_db()
    assert platform_logs.carry_out(evidence=evidence, by=None).added == 0
    assert minutes(anna) == 60


def test_undo_takes_all_facts_of_one_file_back_and_it_may_come_again(event, anna, cast):
    evidence = kept(event)
    platform_logs.carry_out(evidence=evidence, by=None)
    with pytest.raises(RegistrationError) as refusal:
        platform_logs.undo(evidence=evidence, by=cast.piero, reason=" ")
    assert refusal.value.code == "no_reason"
    assert minutes(anna) == 240
    outcome = platform_logs.undo(evidence=evidence, by=cast.piero, reason="Wrong meeting")
    assert (outcome.taken_back, outcome.changes) == (2, [(anna.pk, 240, 0)])
    evidence.refresh_from_db()
    assert (evidence.withdrawn_by, evidence.withdrawn_because) == (cast.piero, "Wrong meeting")
    assert set(Correction.objects.values_list("kind", "reason", "by")) == {("annulled", "Wrong meeting", cast.piero.pk)}
    assert Scan.objects.count() == 2
    for act in (platform_logs.carry_out, platform_logs.decide):
        with pytest.raises(RegistrationError) as refusal:
            act(evidence=evidence, **({"by": None} if act is platform_logs.carry_out else {"zone": "UTC"}))
        assert refusal.value.code == "withdrawn_already"
    again = kept(event)
    assert again != evidence
    platform_logs.carry_out(evidence=again, by=None)
    assert minutes(anna) == 240


def test_columns_of_a_foreign_file_are_said_by_a_person_first(event, anna):
    evidence = kept(event, "zoom_swedish.csv")
    with pytest.raises(RegistrationError) as refusal:
        platform_logs.carry_out(evidence=evidence, by=None)
    assert refusal.value.code == "columns_unseen"
    with pytest.raises(RegistrationError) as refusal:
        platform_logs.decide(evidence=evidence, columns=["name", "email"])
    assert "columns" in refusal.value.fields
    evidence.refresh_from_db()
    assert "columns" not in evidence.options
    guessed = [column.meaning for column in log_plans.plan(evidence=evidence).log.columns]
    evidence = platform_logs.decide(evidence=evidence, columns=guessed)
    platform_logs.carry_out(evidence=evidence, by=None)
    assert minutes(anna) == 240


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"zone": "Mars/Base"}, "zone"),
        ({"order": "ymd"}, "invalid"),
        ({"columns": ["age"]}, "invalid"),
        ({"choices": {"x": 999999}}, "unknown_person"),
    ],
)
def test_decisions_that_mean_nothing_are_refused(event, said, code):
    evidence = kept(event)
    with pytest.raises(RegistrationError) as refusal:
        platform_logs.decide(evidence=evidence, **said)
    assert refusal.value.code == code
    evidence.refresh_from_db()
    assert evidence.options == {}


def test_somebody_of_another_event_cannot_be_chosen(event, programme):
    stranger = make_registration(make_event(programme))
    with pytest.raises(RegistrationError) as refusal:
        platform_logs.decide(evidence=kept(event), choices={"x": stranger.pk})
    assert refusal.value.code == "unknown_person"


def test_nothing_becomes_of_a_file_of_a_cancelled_event(event, anna):
    evidence = kept(event)
    Event.objects.filter(pk=event.pk).update(cancelled_at=NINE)
    with pytest.raises(RegistrationError) as refusal:
        platform_logs.carry_out(evidence=evidence, by=None)
    assert refusal.value.code == "cancelled"
    assert not Scan.objects.exists()


def test_a_file_that_changed_in_its_place_is_refused(event, anna):
    evidence = kept(event)
    Path(evidence.file.path).write_bytes(table("A, anna.verdi@example.org, 09:00, 13:00"))
    with pytest.raises(RegistrationError) as refusal:
        platform_logs.carry_out(evidence=evidence, by=None)
    assert refusal.value.code == "changed_file"


def test_who_is_meant(event, anna, bruna):
    make_registration(event, first_name="Bruna", last_name="Rossi")
    everybody = list(event.registrations.all())
    for written in (f"Anna Verdi · {anna.code}", anna.code.lower(), "ANNA.VERDI@example.org", "verdi anna"):
        assert log_plans.person_meant(written, everybody) == anna
    for written, code in {"Bruna Rossi": "several_people", "Zoe": "unknown_person", "·": "unknown_person"}.items():
        with pytest.raises(RegistrationError) as refusal:
            log_plans.person_meant(written, everybody)
        assert refusal.value.code == code


@pytest.mark.parametrize("number", [1, 3])
def test_a_fixed_number_of_queries(event, number, django_assert_num_queries):
    rows = []
    for n in range(number):
        make_registration(event, email=f"p{n}@example.org")
        rows += [f"P{n}, p{n}@example.org, 09:00, 10:00", f"P{n}, p{n}@example.org, 11:00, 12:00"]
    evidence = brought(event, *rows)
    with django_assert_num_queries(2):
        log_plans.plan(evidence=evidence)
    with django_assert_num_queries(12):
        platform_logs.carry_out(evidence=evidence, by=None)
    with django_assert_num_queries(12):
        platform_logs.undo(evidence=evidence, by=None, reason="Wrong")


@pytest.mark.django_db(transaction=True)
def test_many_presses_at_once_are_one(programme):
    event = make_event(programme, starts_at=NINE, ends_at=NINE + timedelta(hours=4))
    anna = make_registration(event, email="anna.verdi@example.org", mode="online")
    content = table("A, anna.verdi@example.org, 09:00, 10:00")

    def work(n):
        evidence = platform_logs.keep(event=event, name="zoom.csv", content=content, by=None).evidence
        return platform_logs.carry_out(evidence=evidence, by=None).added

    assert sorted(all_at_once(work, 6)) == [0] * 5 + [2]
    assert (Evidence.objects.count(), Scan.objects.count(), minutes(anna)) == (1, 2, 60)


moments = st.integers(min_value=-60, max_value=300)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(moments, moments).map(sorted), max_size=12))
def test_merged_minutes_are_those_of_a_count_minute_by_minute(pairs):
    event = Event(starts_at=NINE, ends_at=NINE + timedelta(hours=4))
    intervals = people.merged((NINE + timedelta(minutes=a), NINE + timedelta(minutes=b)) for a, b in pairs)
    kept_ones = people.during(intervals, event.starts_at, event.ends_at)
    sightings = [
        Scan(mode="online", source="log", direction=direction, at=at, evidence_id=1)
        for interval in kept_ones
        for direction, at in zip(("in", "out"), interval, strict=True)
    ]
    counted = attendance.minutes_within(attendance.stays(event, sightings), event.starts_at, event.ends_at)
    naive = len({minute for a, b in pairs for minute in range(a, b)} & set(range(240)))
    assert counted == naive <= 240
    clipped = people.clipped(intervals, event.starts_at, event.ends_at)
    assert sum((end - start).total_seconds() for start, end in clipped) == naive * 60
    assert all(one[1] < other[0] for one, other in zip(intervals, intervals[1:], strict=False))


@pytest.mark.parametrize(
    ("joined", "left", "words"),
    [
        ("12/31/9999 09:00:00", "12/31/9999 23:59:59", "non è dei giorni"),
        ("01/01/1900 09:00:00", "01/01/1900 10:00:00", "non è dei giorni"),
        ("05/12/2026 09:00:00", "12/31/9999 23:59:59", "non è dei giorni"),
        ("05/11/2026 09:00:00", "05/12/2026 12:00:00", "24 ore"),
        ("05/12/2026 10:00:00", "05/12/2026 09:00:00", "prima"),
    ],
)
def test_what_cannot_have_been_is_told_and_becomes_no_fact(event, anna, joined, left, words):
    whole = table("Anna Verdi, anna.verdi@example.org, 09:00, 10:00")
    line = f"Anna Verdi,anna.verdi@example.org,{joined},{left},1,Yes\n".encode()
    evidence = platform_logs.keep(event=event, name="zoom.csv", content=whole + line, by=None).evidence
    assert [words in one.sentence for one in log_plans.plan(evidence=evidence).log.broken] == [True]
    platform_logs.carry_out(evidence=evidence, by=None)
    anna.refresh_from_db()
    assert (anna.minutes, Scan.objects.count()) == (60, 2)


def test_nobody_leaves_later_than_now(programme):
    now = timezone.now()
    event = make_event(programme, slug="now", starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=3))
    make_registration(event, email="anna.verdi@example.org", mode="online")
    joined, early, late = ((now + timedelta(minutes=n)).astimezone(ROME) for n in (-50, -20, 30))
    head = table().decode()
    lines = [
        f"Anna,anna.verdi@example.org,{joined:%m/%d/%Y %H:%M:%S},{left:%m/%d/%Y %H:%M:%S},1,Yes\n"
        for left in (early, late)
    ]
    kept = platform_logs.keep(event=event, name="zoom.csv", content=(head + "".join(lines)).encode(), by=None)
    log = log_plans.plan(evidence=kept.evidence).log
    assert len(log.rows) == 1
    assert ["più tardi di adesso" in one.sentence for one in log.broken] == [True]
