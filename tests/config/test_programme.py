"""The whole VLT programme from its file: complete, repeatable, movable, and never half loaded."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from icalendar import Calendar

from config import programme as loading
from events import calendars
from events.models import Event, Session, Speaker
from events.services import editing, series
from events.signals import event_rescheduled
from mail.models import Delivery
from newsletters.models import Newsletter
from programmes.indicators import progress
from programmes.models import Action, Organisation, Programme, Target, Territory
from registrations.services import notices
from tests.config.catalogue import FILE, everything
from tests.make import both, make_registration

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")


def test_vlt_is_complete():
    merge = loading.load("vlt")
    vlt = merge.programme
    assert vlt.is_current
    assert [vlt.monitoring_of(kind) for kind in ("seminar", "lab", "meeting", "tea")] == [
        "organisation", "participant", "off", "off",
    ]  # fmt: skip
    assert (vlt.starts_on, vlt.ends_on, vlt.time_zone) == (date(2023, 12, 1), date(2024, 12, 31), "Europe/Rome")
    assert dict(vlt.territories.values_list("slug", "istat_code")) == {
        "massa-carrara": "045", "lucca": "046", "pistoia": "047", "firenze": "048", "livorno": "049", "pisa": "050",
        "arezzo": "051", "siena": "052", "grosseto": "053", "prato": "100",
    }  # fmt: skip
    assert set(vlt.territories.values_list("sigla", "iso_code")) >= {("FI", "IT-FI"), ("MS", "IT-MS")}
    roles = list(vlt.organisations.values_list("role", flat=True))
    assert [roles.count(role) for role in ("funder", "lead", "partner", "supporter")] == [4, 1, 7, 5]
    funders = vlt.organisations.filter(role="funder")
    assert [one.name for one in funders] == [
        "Coesione Italia 21-27 Regione Toscana",
        "Unione europea",
        "Repubblica Italiana",
        "Regione Toscana",
    ]
    assert vlt.organisations.get(role="lead").name == "Confartigianato Imprese Toscana"
    provinces = set(vlt.territories.values_list("slug", flat=True))
    wanted = {f"{kind}-{province}" for kind in ("seminario", "laboratorio") for province in provinces}
    assert set(vlt.events.values_list("slug", flat=True)) == wanted | {"evento-finale"}
    assert Action.objects.filter(programme=vlt).count() == 7
    goals = dict(Target.objects.filter(action__programme=vlt).values_list("slug", "goal"))
    assert goals == {
        "catalogo": 1, "questionari": 400, "seminari": 10, "laboratori": 10, "newsletter": 4, "evento-finale": 1,
        "pubblicazione": 1,
    }  # fmt: skip
    assert [one.due_on.month for one in vlt.newsletters.order_by("due_on")] == [2, 3, 7, 12]
    assert set(vlt.newsletters.values_list("state", flat=True)) == {"draft"}


def test_vlt_seminars_take_four_hours_in_both_modes_with_the_four_parts():
    loading.load("vlt")
    for seminar in Event.objects.filter(kind="seminar"):
        assert seminar.duration == timedelta(hours=4)
        assert (seminar.in_person_capacity, seminar.online_capacity) == (60, 100)
        parts = list(seminar.sessions.all())
        assert len(parts) == 4
        assert parts[0].starts_at == seminar.starts_at
        assert parts[-1].starts_at + timedelta(minutes=parts[-1].minutes) == seminar.ends_at
        assert seminar.organiser
        assert seminar.venue.territory == seminar.territory
        assert seminar.territory.name in str(seminar.title)
    labs = Event.objects.filter(kind="lab")
    assert {(lab.in_person_capacity, lab.online_capacity) for lab in labs} == {(40, None)}


def test_vlt_known_days_are_real_and_the_others_assumed():
    loading.load("vlt")
    grosseto = Event.objects.get(slug="seminario-grosseto")
    assert grosseto.starts_at.astimezone(ROME).date() == date(2024, 5, 21)
    assert grosseto.venue.name == "Sala Eden"
    carrara = Event.objects.get(slug="seminario-massa-carrara")
    assert carrara.starts_at == datetime(2024, 12, 6, 9, tzinfo=ROME)
    assert carrara.venue.address == "piazza 2 Giugno 16"
    assert Event.objects.get(slug="evento-finale").starts_at.astimezone(ROME).date() == date(2025, 5, 26)
    known = set(Event.objects.filter(is_date_assumed=False).values_list("slug", flat=True))
    assert known == {"seminario-grosseto", "seminario-massa-carrara", "evento-finale"}


def test_vlt_texts_are_in_italian_and_english():
    loading.load("vlt")
    for text in [*(one.title for one in Event.objects.all()), *(one.body for one in Newsletter.objects.all())]:
        assert text.data["it"]
        assert text.data["en"]
        assert text.data["it"] != text.data["en"]
        assert "{" not in text.data["it"]


def test_loading_twice_is_loading_once():
    loading.load("vlt")
    before = everything()
    merge = loading.load("vlt")
    assert (merge.created, merge.changed, merge.kept) == ([], [], [])
    assert everything() == before


def test_events_of_one_template_are_a_series_that_has_nothing_to_take_over():
    loading.load("vlt")
    for kind, first in (("seminar", "seminario-prato"), ("lab", "laboratorio-prato")):
        root = Event.objects.get(slug=first)
        assert (root.template, root.sisters.count()) == (None, 9)
        assert set(root.sisters.values_list("kind", flat=True)) == {kind}
        comparison = series.offered_changes(template=root)
        assert (comparison.offered, comparison.kept) == ([], [])
    assert Event.objects.get(slug="evento-finale").template is None


def test_a_change_of_the_first_event_is_offered_to_the_others_and_stays_when_the_file_is_loaded_again():
    loading.load("vlt", shift_to=timezone.localdate())
    root = Event.objects.get(slug="seminario-prato")
    editing.update_event(event=root, changes={"in_person_capacity": 70, "title": both("A Prato", "In Prato")})
    by_hand = Event.objects.get(slug="seminario-pisa")
    editing.update_event(event=by_hand, changes={"in_person_capacity": 40})
    comparison = series.offered_changes(template=root)
    assert comparison.sisters == 9
    assert {(one.sister.slug, one.field) for one in comparison.kept} == {("seminario-pisa", "in_person_capacity")}
    lucca = Event.objects.get(slug="seminario-lucca")
    series.apply_changes(template=root, choices=[(lucca.pk, "title"), (lucca.pk, "in_person_capacity")])
    before = everything()
    loading.load("vlt")
    assert everything() == before
    lucca.refresh_from_db()
    assert (str(lucca.title), lucca.in_person_capacity) == ("A Lucca", 70)


def test_a_changed_template_of_the_file_reaches_the_series_and_is_no_change_by_hand(written):
    loading.load("vlt", shift_to=timezone.localdate())
    loading.load(written("minutes = 240", "minutes = 245")[0])
    root = Event.objects.get(slug="seminario-prato")
    assert root.duration == timedelta(minutes=245)
    assert series.offered_changes(template=root).offered == []
    editing.update_event(event=root, changes={"ends_at": root.ends_at + timedelta(minutes=5)})
    comparison = series.offered_changes(template=root)
    assert (comparison.sisters, comparison.kept) == (9, [])


def test_loading_again_keeps_what_people_did(programme):
    programme.delete()
    loading.load("vlt")
    event = Event.objects.get(slug="seminario-pisa")
    make_registration(event)
    event.title = both("Titolo scritto da Piero", "Title written by Piero")
    event.save()
    letter = Newsletter.objects.get(slug="i-risultati")
    letter.body = both("Testo di Nora", "Nora's text")
    letter.save()
    Target.objects.filter(slug="questionari").update(recorded=287)
    Event.objects.filter(slug="laboratorio-pisa").update(cancelled_at=timezone.now())

    merge = loading.load("vlt")

    assert sorted(merge.kept) == ["events/seminario-pisa: title", "newsletters/i-risultati: body"]
    event.refresh_from_db()
    assert str(event.title) == "Titolo scritto da Piero"
    assert event.in_person_taken == 1
    assert event.registrations.count() == 1
    assert str(Newsletter.objects.get(slug="i-risultati").body) == "Testo di Nora"
    assert Target.objects.get(slug="questionari").recorded == 287
    assert Event.objects.get(slug="laboratorio-pisa").cancelled_at


def test_loading_a_changed_file_updates_what_nobody_touched(written):
    loading.load("vlt")
    path, _line = written('name = "CIA Toscana"', 'name = "CIA Agricoltori Italiani Toscana"')
    merge = loading.load(path)
    assert merge.changed == ["organisations/cia"]
    assert Organisation.objects.get(slug="cia").name == "CIA Agricoltori Italiani Toscana"


def test_loading_leaves_a_newsletter_alone_that_is_no_draft_any_more(written):
    loading.load("vlt")
    Newsletter.objects.filter(slug="i-questionari").update(state="scheduled", send_at=timezone.now())
    path, _line = written("Di che cosa hai bisogno? Bastano dieci minuti per dirlo", "Un altro oggetto")
    assert loading.load(path).changed == []
    assert "dieci minuti" in str(Newsletter.objects.get(slug="i-questionari").subject)


def test_an_agenda_changed_by_hand_is_kept_as_a_whole(written):
    loading.load("vlt")
    session = Session.objects.filter(event__slug="seminario-pisa").first()
    session.title = both("Saluti", "Greetings")
    session.save()
    Speaker.objects.create(event=session.event, session=session, name="Una relatrice vera")
    path, _line = written("Il progetto VLT: perché, che cosa, con chi", "Il progetto")
    merge = loading.load(path)
    assert merge.kept == ["events/seminario-pisa/agenda: sessions"]
    assert Session.objects.filter(event__slug="seminario-pisa").first().title.data["it"] == "Saluti"
    assert Session.objects.filter(event__slug="seminario-lucca").first().title.data["it"] == "Il progetto"
    assert Speaker.objects.filter(name="Una relatrice vera").exists()


def test_the_first_programme_is_on_show_and_a_second_is_not(tmp_path):
    loading.load("vlt")
    text = FILE.read_text(encoding="utf-8").replace('slug = "vlt"', 'slug = "altro"', 1)
    text = text.replace('slug = "seminario-', 'slug = "incontro-').replace('slug = "laboratorio-', 'slug = "officina-')
    path = tmp_path / "altro.toml"
    text = text.replace('slug = "evento-finale"\nkind', 'slug = "chiusura"\nkind')
    path.write_text(
        text.replace("\nmonth =", '-altrove"\nmonth =').replace('"-altrove"', '-altrove"'), encoding="utf-8"
    )
    loading.load(str(path))
    assert Programme.objects.current().slug == "vlt"
    assert Event.objects.count() == 42


def test_shift_moves_by_whole_weeks_and_keeps_the_wall_clock_across_daylight_saving():
    loading.load("vlt")
    before = {one.slug: one.starts_at.astimezone(ROME) for one in Event.objects.all()}
    vlt = loading.load("vlt", date(2026, 6, 10)).programme
    days = (vlt.starts_on - date(2023, 12, 1)).days
    assert days % 7 == 0
    assert abs((vlt.starts_on - date(2026, 6, 10)).days) <= 3
    for event in Event.objects.all():
        local = event.starts_at.astimezone(ROME)
        assert local.time() == before[event.slug].time()
        assert local.date() == before[event.slug].date() + timedelta(days=days)
        assert event.sessions.first().starts_at == event.starts_at
    offsets = {
        (one.starts_at.astimezone(ROME).utcoffset() != before[one.slug].utcoffset()) for one in Event.objects.all()
    }
    assert True in offsets  # some moved from winter to summer time or back
    assert Newsletter.objects.get(slug="il-progetto-parte").due_on == date(2024, 2, 15) + timedelta(days=days)
    assert Event.objects.count() == 21


def test_loading_again_keeps_the_shift():
    loading.load("vlt", date(2026, 6, 10))
    before = everything()
    merge = loading.load("vlt")
    assert (merge.created, merge.changed, merge.kept) == ([], [], [])
    assert everything() == before


def test_shift_to_the_start_of_the_file_moves_back():
    loading.load("vlt")
    before = dict(Event.objects.values_list("slug", "starts_at"))
    loading.load("vlt", date(2027, 1, 1))
    loading.load("vlt", date(2023, 12, 1))
    assert Programme.objects.get().shifted_by_days == 0
    assert dict(Event.objects.values_list("slug", "starts_at")) == before


@pytest.fixture
def heard():
    """The events for which `event_rescheduled` rang."""
    events = []
    event_rescheduled.connect(lambda event, **kwargs: events.append(event), weak=False, dispatch_uid="test")
    yield events
    event_rescheduled.disconnect(dispatch_uid="test")


def test_moving_an_event_to_come_rings_and_raises_its_sequence(heard):
    loading.load("vlt", timezone.localdate())
    loading.load("vlt", timezone.localdate() + timedelta(days=7))
    assert len(heard) == 21
    assert set(Event.objects.values_list("sequence", flat=True)) == {1}


def uid_and_revision(event: Event) -> tuple:
    (entry,) = Calendar.from_ical(calendars.single(event=event)).walk("VEVENT")
    return entry["UID"], entry["SEQUENCE"], entry["DTSTAMP"].dt


@pytest.mark.parametrize(
    ("old_days", "new_days", "told"), [(-30, 30, True), (30, -30, True), (30, 60, True), (-60, -30, False)]
)
def test_a_move_into_or_out_of_the_past_is_a_new_line_in_every_calendar(old_days, new_days, told, heard):
    start = date(2023, 12, 1)
    final = date(2025, 5, 26)
    today = timezone.localdate()
    with time_machine.travel(timezone.now() - timedelta(days=1), tick=False):
        loading.load("vlt", start + (today + timedelta(days=old_days) - final))
    event = Event.objects.get(slug="evento-finale")
    make_registration(event, email="anna@example.org")
    uid, sequence, stamp = uid_and_revision(event)
    loading.load("vlt", start + (today + timedelta(days=new_days) - final))
    assert (event in heard) == told
    for moved in heard:
        notices.tell_changes_of_events(moved.pk)
    event.refresh_from_db()
    assert abs((event.starts_at.date() - today).days - new_days) <= 4
    assert uid_and_revision(event)[:2] == (uid, sequence + 1)
    assert uid_and_revision(event)[2] > stamp
    assert Delivery.objects.filter(message__kind="registrations.event_moved").count() == told


def test_provinces_may_change_places_on_the_map(written):
    loading.load("vlt")
    text = FILE.read_text(encoding="utf-8")
    path, _line = written(
        text, text.replace("tile_column = 2", "tile_column = 9").replace("tile_column = 1\n", "tile_column = 2\n")
    )
    loading.load(path)
    assert Territory.objects.get(slug="massa-carrara").tile_column == 2


def test_progress_counts_what_was_held_and_what_was_recorded(django_assert_num_queries):
    vlt = loading.load("vlt").programme
    Target.objects.filter(slug="questionari").update(recorded=287)
    Event.objects.filter(slug="seminario-pisa").update(cancelled_at=datetime(2024, 1, 1, tzinfo=UTC))
    found = {one.target.slug: one for one in progress(vlt)}
    assert (found["seminari"].reached, found["seminari"].goal, found["seminari"].share) == (9, 10, 90)
    assert found["laboratori"].is_met
    assert (found["questionari"].reached, found["questionari"].share) == (287, 71)
    assert found["newsletter"].reached == 0
    with django_assert_num_queries(1):
        assert len(progress(vlt)) == 7
