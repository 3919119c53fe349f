"""Sister events: made together, and each taking over what changed in the template unless somebody wrote it by hand."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from events.models import Event, Question, Session, Speaker
from events.services import EventError, editing, inheritance, series
from events.services.series import Wish
from tests.events.services.test_editing import bells  # noqa: F401 (a fixture)
from tests.make import both, make_event, make_organisation, make_territory, make_venue

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")


@pytest.fixture
def template(programme, pisa):
    venue = make_venue(programme, town="Pontedera", territory=pisa)
    starts_at = (
        (timezone.now() + timedelta(days=40)).astimezone(ROME).replace(hour=9, minute=0, second=0, microsecond=0)
    )
    event = make_event(
        programme,
        slug="seminario-pisa",
        territory=pisa,
        venue=venue,
        starts_at=starts_at,
        title=both("Seminario di Pisa", "Seminar in Pisa"),
        summary=both("A Pontedera, per Pisa e dintorni. Pisani benvenuti.", "In Pontedera"),
    )
    session = Session.objects.create(event=event, starts_at=starts_at, minutes=30, title=both("Pisa oggi", "Pisa"))
    Speaker.objects.create(event=event, session=session, name="Ada Neri", title=both("Università di Pisa", ""))
    diet = Question.objects.create(
        event=event, key="lunch", kind="yes_no", label=both("Pranzi con noi?", "Lunch with us?"), order=1
    )
    Question.objects.create(
        event=event, key="table", kind="text", label=both("Con chi?", "With whom?"), shown_if=diet,
        shown_if_answer="yes", order=2,
    )  # fmt: skip
    return event


@pytest.fixture
def massa(programme):
    return make_territory(programme, "Massa-Carrara", slug="massa-carrara", sigla="MS")


def wish(territory, template, **over) -> Wish:
    values = {
        "territory": territory,
        "starts_at": template.starts_at + timedelta(days=20, hours=5),
        "venue": None,
        "slug": f"seminario-{territory.slug}",
    }
    return Wish(**values | over)


def sister_of(template, territory, **over) -> Event:
    return series.create_sisters(template=template, wishes=[wish(territory, template, **over)])[0]


def offered(template) -> set[tuple[str, str]]:
    return {(one.sister.slug, one.field) for one in series.offered_changes(template=template).offered}


def kept(template) -> set[tuple[str, str]]:
    return {(one.sister.slug, one.field) for one in series.offered_changes(template=template).kept}


def change(template, **changes) -> Event:
    return editing.update_event(event=template, changes=changes)


def take_over(template, *choices):
    return series.apply_changes(template=template, choices=choices)


def test_sisters_speak_of_their_own_province_and_town(template, lucca, massa, programme):
    carrara = make_venue(programme, town="Carrara")
    first, second = series.create_sisters(
        template=template, wishes=[wish(lucca, template), wish(massa, template, venue=carrara)]
    )
    assert first.title.data == {"it": "Seminario di Lucca", "en": "Seminar in Lucca"}
    assert str(first.summary) == "A Pontedera, per Lucca e dintorni. Pisani benvenuti."
    assert str(second.summary) == "A Carrara, per Massa-Carrara e dintorni. Pisani benvenuti."
    assert [str(one.title) for one in second.sessions.all()] == ["Massa-Carrara oggi"]
    assert str(second.speakers.get().title) == "Università di Pisa"
    assert (first.published_at, first.venue, second.venue) == (None, None, carrara)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Massa-Carrara e Carrara", "Pisa e Calci"),
        ("(Massa-Carrara), “Carrara”.", "(Pisa), “Calci”."),
        ("Carraresi, la Massa-Carrara-Pisa, info@Carrara.it, https://Carrara.it", "Carraresi, la Massa-Carrara-Pisa, "
         "info@Carrara.it, https://Carrara.it"),
        ("dell’Massa-Carrara", "dell’Pisa"),
        ("carrara", "carrara"),
    ],
)  # fmt: skip
def test_only_whole_names_are_replaced(programme, massa, pisa, text, expected):
    here = Event(territory=massa, venue=make_venue(programme, town="Carrara"))
    there = Event(territory=pisa, venue=make_venue(programme, town="Calci"))
    assert inheritance.renaming(here, there)(text) == expected


def test_sister_has_questions_audience_and_mails_of_the_template(template, lucca, programme):
    cna = make_organisation(programme)
    template.audience_organisations.add(cna)
    change(template, access="audience", audience_role="socia", mails={"week_before": {"on": False}}, offer_hours=12)
    sister = sister_of(template, lucca)
    assert (sister.access, sister.audience_role, sister.offer_hours) == ("audience", "socia", 12)
    assert sister.mails == {"week_before": {"on": False}}
    assert sister.audience_organisations.get() == cna
    lunch, table = sister.questions.all()
    assert (lunch.key, table.shown_if, table.shown_if_answer) == ("lunch", lunch, "yes")
    assert template.questions.count() == 2


def test_registration_opens_and_closes_as_long_before_on_the_clock_on_the_wall(programme, pisa, lucca):
    template = make_event(
        programme,
        territory=pisa,
        starts_at=datetime(2027, 2, 10, 9, tzinfo=ROME),
        registration_opens_at=datetime(2027, 1, 10, 9, tzinfo=ROME),
        registration_closes_at=datetime(2027, 2, 10, 8, tzinfo=ROME),
    )
    summer = sister_of(template, lucca, starts_at=datetime(2027, 4, 10, 14, 30, tzinfo=ROME))
    assert summer.registration_opens_at == datetime(2027, 3, 10, 9, tzinfo=ROME)
    assert summer.registration_closes_at == datetime(2027, 4, 10, 13, 30, tzinfo=ROME)
    assert offered(template) == set()


def test_sister_of_a_sister_points_to_the_first(template, lucca, massa):
    sister = sister_of(template, lucca)
    third = sister_of(sister, massa)
    assert third.template == template
    assert str(third.title) == "Seminario di Massa-Carrara"
    assert offered(template) == set()


def test_sisters_are_made_together_or_not_at_all(template, lucca, massa):
    wishes = [wish(lucca, template), wish(massa, template, slug="nuovo", starts_at=timezone.now() - timedelta(days=1))]
    with pytest.raises(EventError) as refusal:
        series.create_sisters(template=template, wishes=wishes)
    assert refusal.value.code == "invalid"
    assert set(refusal.value.fields) == {"massa-carrara-starts_at", "massa-carrara-slug"}
    assert Event.objects.get() == template


def test_address_that_is_taken_is_refused_at_its_field(template, lucca, massa):
    wishes = [
        wish(lucca, template, slug="seminario-pisa"),
        wish(massa, template, slug="x"),
        wish(lucca, template, slug="x"),
    ]
    with pytest.raises(EventError) as refusal:
        series.create_sisters(template=template, wishes=wishes)
    assert set(refusal.value.fields) == {"lucca-slug"}
    assert Event.objects.count() == 1


def test_missing_provinces_are_those_without_a_living_event_of_the_series(template, lucca, massa):
    assert series.missing_provinces(template) == [lucca, massa]
    sister = sister_of(template, lucca)
    assert series.missing_provinces(template) == series.missing_provinces(sister) == [massa]
    Event.objects.filter(pk=sister.pk).update(cancelled_at=timezone.now())
    assert series.missing_provinces(template) == [lucca, massa]


def test_nothing_is_offered_as_long_as_nothing_changed(template, lucca):
    sister = sister_of(template, lucca)
    assert (offered(template), kept(template)) == (set(), set())
    change(sister, threshold=90)
    assert (offered(template), kept(template)) == (set(), set())


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"title": both("Pisa al lavoro", "Pisa at work")}, "title", "Lucca al lavoro"),
        ({"description": both("**Nuovo**", "")}, "description", "**Nuovo**"),
        ({"in_person_capacity": 80}, "in_person_capacity", 80),
        ({"online_capacity": None}, "online_capacity", None),
        ({"total_capacity": 90}, "total_capacity", 90),
        ({"has_waiting_list": False}, "has_waiting_list", False),
        ({"threshold": 60}, "threshold", 60),
        ({"offer_hours": 6}, "offer_hours", 6),
        ({"needs_approval": True}, "needs_approval", True),
        ({"access": "invitation"}, "access", "invitation"),
        ({"asks_dietary_needs": True}, "asks_dietary_needs", True),
        ({"asks_access_needs": False}, "asks_access_needs", False),
        ({"survey_url": "https://survey.example"}, "survey_url", "https://survey.example"),
        ({"mails": {"thanks": {"on": False}}}, "mails", {"thanks": {"on": False}}),
    ],
)
def test_change_of_the_template_is_offered_and_taken_over(template, lucca, changes, field, value):
    sister = sister_of(template, lucca)
    change(template, **changes)
    assert offered(template) == {("seminario-lucca", field)}
    outcome = take_over(template, (sister.pk, field))
    assert (outcome.changed, outcome.refused) == ([sister], [])
    sister.refresh_from_db()
    stored = getattr(sister, field)
    assert (str(stored) if field in inheritance.TEXTS else stored) == value
    assert offered(template) == set()


def test_length_and_registration_are_taken_over_as_seen_from_the_sisters_day(template, lucca, bells):  # noqa: F811
    sister = sister_of(template, lucca)
    change(
        template,
        ends_at=template.starts_at + timedelta(hours=2),
        registration_closes_at=template.starts_at - timedelta(hours=3),
        changes_close_at=template.starts_at - timedelta(days=2),
    )
    editing.publish(event=sister)
    bells.clear()
    fields = ["minutes", "registration_closes_at", "changes_close_at"]
    assert offered(template) == {("seminario-lucca", field) for field in fields}
    take_over(template, *((sister.pk, field) for field in fields))
    sister.refresh_from_db()
    assert sister.duration == timedelta(hours=2)
    assert sister.registration_closes_at == sister.starts_at - timedelta(hours=3)
    assert sister.changes_close_at.astimezone(ROME).date() == sister.local_start.date() - timedelta(days=2)
    assert (sister.sequence, bells) == (1, ["event_rescheduled"])


def test_what_was_written_by_hand_is_kept_and_told(template, lucca, massa):
    by_hand = sister_of(template, lucca)
    sister_of(template, massa)
    change(by_hand, title=both("Lucca, città aperta", "Lucca, open town"))
    change(template, title=both("Pisa al lavoro", "Pisa at work"))
    assert offered(template) == {("seminario-massa-carrara", "title")}
    assert kept(template) == {("seminario-lucca", "title")}
    outcome = take_over(template, (by_hand.pk, "title"))
    assert outcome.changed == []
    assert [one for one, _why in outcome.refused] == [by_hand]
    by_hand.refresh_from_db()
    assert str(by_hand.title) == "Lucca, città aperta"


def test_a_browsers_line_ends_are_no_change(template, lucca):
    change(template, description=both("Uno\n\nDue", ""))
    sister = sister_of(template, lucca)
    change(sister, description=both("Uno\r\n\r\nDue\r\n", ""))
    change(template, description=both("Uno\n\nTre", ""))
    assert offered(template) == {("seminario-lucca", "description")}


@pytest.mark.parametrize("what", [{"cancelled_at": timezone.now()}, "over"])
def test_over_or_cancelled_sister_is_left_alone(template, lucca, what):
    sister = sister_of(template, lucca)
    day = timezone.now() - timedelta(days=3)
    Event.objects.filter(pk=sister.pk).update(
        **({"starts_at": day, "ends_at": day + timedelta(hours=4)} if what == "over" else what)
    )
    change(template, threshold=60)
    assert offered(template) == kept(template) == set()
    take_over(template, (sister.pk, "threshold"))
    sister.refresh_from_db()
    assert sister.threshold == 75


def test_date_venue_and_address_are_never_offered(template, lucca, programme):
    sister = sister_of(template, lucca)
    venue = make_venue(programme, town="Pontedera", slug="altra")
    change(template, starts_at=template.starts_at + timedelta(days=2), ends_at=template.ends_at + timedelta(days=2),
           venue=venue, online_url="https://sala.example/pisa")  # fmt: skip
    Event.objects.filter(pk=template.pk).update(slug="altro")
    assert offered(template) == set()
    take_over(template, (sister.pk, "starts_at"), (sister.pk, "venue"))
    moved = Event.objects.get(pk=sister.pk)
    assert (moved.starts_at, moved.venue, moved.sequence) == (sister.starts_at, None, 0)


@pytest.mark.parametrize(
    ("field", "new"), [("in_person_capacity", 4), ("in_person_capacity", None), ("total_capacity", 7)]
)
def test_fewer_places_than_taken_are_shown_as_impossible_and_stop_no_other(template, lucca, massa, field, new):
    full, empty = sister_of(template, lucca), sister_of(template, massa)
    Event.objects.filter(pk=full.pk).update(in_person_taken=5, online_taken=3)
    change(template, **{field: new})
    comparison = series.offered_changes(template=template)
    assert {one.sister.slug: bool(one.refusal) for one in comparison.offered} == {
        "seminario-lucca": True,
        "seminario-massa-carrara": False,
    }
    assert comparison.sisters == 1
    before = getattr(full, field)
    outcome = take_over(template, (full.pk, field), (empty.pk, field))
    assert outcome.changed == [empty]
    assert [one for one, _why in outcome.refused] == [full]
    full.refresh_from_db()
    empty.refresh_from_db()
    assert (getattr(full, field), getattr(empty, field)) == (before, new)


def test_more_places_ring_for_the_waiting_list(template, lucca, bells):  # noqa: F811
    sister = sister_of(template, lucca)
    change(template, online_capacity=120)
    bells.clear()
    take_over(template, (sister.pk, "online_capacity"))
    assert bells == ["capacity_raised"]


def test_agenda_is_one_thing(template, lucca, massa):
    as_received, by_hand = sister_of(template, lucca), sister_of(template, massa)
    Session.objects.filter(event=by_hand).update(minutes=45)
    later = template.starts_at + timedelta(minutes=30)
    Session.objects.create(event=template, starts_at=later, minutes=60, title=both("Domande da Pisa", "Questions"))
    assert offered(template) == {("seminario-lucca", "agenda")}
    assert kept(template) == {("seminario-massa-carrara", "agenda")}
    take_over(template, (as_received.pk, "agenda"))
    sessions = as_received.sessions.all()
    assert [str(one.title) for one in sessions] == ["Lucca oggi", "Domande da Lucca"]
    assert sessions[1].starts_at == as_received.starts_at + timedelta(minutes=30)
    assert [one.name for one in sessions[0].speakers.all()] == ["Ada Neri"]
    assert offered(template) == set()


@pytest.mark.parametrize("hours", [2, 6])
def test_agenda_and_length_fit_each_other_in_either_direction(template, lucca, hours):
    sister = sister_of(template, lucca)
    minutes = 30 if hours == 2 else 330
    Session.objects.filter(event=template).update(minutes=minutes)
    Session.objects.filter(event=sister).update(minutes=200 if hours == 2 else 30)
    Event.objects.filter(pk=template.pk).update(ends_at=template.starts_at + timedelta(hours=hours))
    fresh = inheritance.reading(Event.objects.get(pk=sister.pk))
    Event.objects.filter(pk=sister.pk).update(template_values=fresh)
    outcome = take_over(template, (sister.pk, "agenda"), (sister.pk, "minutes"))
    assert outcome.refused == []
    sister.refresh_from_db()
    assert (sister.duration, sister.sessions.get().minutes) == (timedelta(hours=hours), minutes)


def test_length_alone_that_cuts_the_agenda_is_refused_with_its_reason(template, lucca):
    sister = sister_of(template, lucca)
    Session.objects.filter(event=template).update(minutes=10)
    change(template, ends_at=template.starts_at + timedelta(minutes=15))
    outcome = take_over(template, (sister.pk, "minutes"))
    assert "agenda" in outcome.refused[0][1].lower() or "programma" in outcome.refused[0][1].lower()
    sister.refresh_from_db()
    assert sister.duration == timedelta(hours=4)


def test_questions_are_one_thing_and_what_may_be_answered_is_retired(template, lucca):
    sister = sister_of(template, lucca)
    editing.publish(event=sister)
    template.questions.get(key="table").delete()
    Question.objects.create(event=template, key="train", kind="text", label=both("Arrivi in treno?", ""), order=3)
    assert offered(template) == {("seminario-lucca", "questions")}
    take_over(template, (sister.pk, "questions"))
    asked = sister.questions.filter(retired_at=None)
    assert [one.key for one in asked] == ["lunch", "train"]
    assert sister.questions.get(key="table").retired_at
    sister.refresh_from_db()
    assert sister.questions_version == 2
    assert offered(template) == set()


def test_question_that_may_be_answered_keeps_its_kind(template, lucca):
    sister = sister_of(template, lucca)
    editing.publish(event=sister)
    template.questions.filter(key="table").update(kind="number")
    outcome = take_over(template, (sister.pk, "questions"))
    assert [one for one, _why in outcome.refused] == [sister]
    assert sister.questions.get(key="table").kind == "text"


def test_taking_over_twice_is_once(template, lucca):
    sister = sister_of(template, lucca)
    change(template, threshold=60)
    take_over(template, (sister.pk, "threshold"))
    outcome = take_over(template, (sister.pk, "threshold"))
    assert outcome.refused == []
    sister.refresh_from_db()
    assert (sister.threshold, sister.sequence) == (60, 0)


def test_only_the_sisters_that_somebody_may_change_are_compared(template, lucca, massa, cast):
    sister_of(template, lucca)
    sister = sister_of(template, massa)
    change(template, threshold=60)
    hers = Event.objects.visible_to(cast.lucia, "events.change")
    found = series.offered_changes(template=template, sisters=hers)
    assert [one.sister.slug for one in found.offered] == ["seminario-lucca"]
    series.apply_changes(template=template, choices=[(sister.pk, "threshold")], sisters=hers)
    sister.refresh_from_db()
    assert sister.threshold == 75


@pytest.mark.parametrize("number", [1, 3])
def test_comparison_asks_a_fixed_number_of_queries(template, programme, number, django_assert_num_queries):
    for name in ["Lucca", "Siena", "Prato"][:number]:
        sister_of(template, make_territory(programme, name))
    change(template, threshold=60)
    with django_assert_num_queries(12):
        assert series.offered_changes(template=template).sisters == number
