"""A programme's file that is wrong: told by line and field, and nothing is changed."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from config import programme as loading
from core.catalogue import CatalogueError
from events.models import Event
from programmes.models import Programme
from tests.config.catalogue import everything, row_counts
from tests.make import make_event, make_programme

pytestmark = pytest.mark.django_db

WRONG = [
    ("claim]\nit = ", "claim]\nitt = ", 0, "programme.claim: is missing in it"),
    (
        'time_zone = "Europe/Rome"',
        'time_zone = "Europe/Roma"',
        0,
        "programme.time_zone: “Europe/Roma” is not a time zone",
    ),
    ("ends_on = 2024-12-31", "ends_on = 2023-11-30", 0, "programme.ends_on: is before the start (2023-12-01)"),
    ("starts_on = 2023-12-01", 'starts_on = "1 dicembre"', 0, "programme.starts_on: must be a valid date"),
    ('main_colour = "#1F4D3A"', 'main_colour = "verde"', 0, "programme.main_colour: "),
    (
        'contact_email = "info@vlt.example"',
        'contact_email = "info"',
        0,
        "programme.contact_email: “info” is not an e-mail",
    ),
    (
        'short_name = "VLT"',
        'sort_name = "VLT"',
        0,
        "programme.sort_name: is not a known field (did you mean “short_name”?)",
    ),
    ('istat = "045"', "istat = 45", 0, "provinces[0].istat: must be a valid string, not 45"),
    ('istat = "046"', 'istat = "045"', 0, "provinces[1].istat: “045” stands already in provinces[0]"),
    (
        "tile_row = 1\ntile_column = 2",
        "tile_row = 1\ntile_column = 1",
        1,
        "provinces[1].tile_column: “1, 1” stands already",
    ),
    ('role = "lead"', 'role = "boss"', 0, "organisations[4].role: must be 'funder', 'lead'"),
    ('role = "partner"', 'role = "lead"', 0, "organisations[5].role: “lead” stands already in organisations[4]"),
    (
        'action = "fabbisogni"',
        'action = "fabbisogno"',
        0,
        "targets[1].action: “fabbisogno” is not one of actions (did you mean",
    ),
    (
        'indicator = "labs_held"',
        'indicator = "labs"',
        0,
        "targets[3].indicator: “labs” is not counted here; known are:",
    ),
    ("goal = 400", "goal = 0", 0, "targets[1].goal: "),
    (
        '[[venues]]\nslug = "prato"\nprovince = "prato"',
        '[[venues]]\nslug = "prato"\nprovince = "parto"',
        2,
        "venues[0].province: “parto”",
    ),
    ('lab = "participant"', 'lab = "everything"', 0, "programme.monitoring.lab: "),
    ('lab = "participant"', 'tea = "off"', 0, "programme.monitoring.tea: “tea” is not a kind of event"),
    ('kind = "seminar"', 'kind = "seminario"', 0, "templates.seminar.kind: “seminario” is not a kind of event"),
    ("minutes = 75", "minutes = 175", 0, "is longer than the event"),
    (
        "starts_at = 2024-04-16T09:30:00",
        "starts_at = 2042-04-16T09:30:00",
        0,
        "events[0].starts_at: 2042-04-16 is outside the programme",
    ),
    (
        "starts_at = 2024-04-16T09:30:00",
        "starts_at = 2024-03-31T02:30:00",
        0,
        "events[0].starts_at: does not exist in Europe/Rome",
    ),
    ("starts_at = 2024-04-16T09:30:00", "starts_at = 2024-04-16T09:30:00Z", 0, "events[0].starts_at: "),
    (
        "starts_at = 2024-04-16T09:30:00",
        "starts_at = 2024-04-16T09:30:00\nends_at = 2024-04-16T08:00:00",
        1,
        "events[0].ends_at: is not after the start",
    ),
    (
        'slug = "laboratorio-prato"',
        'slug = "seminario-prato"',
        0,
        "events[1].slug: “seminario-prato” stands already in events[0]",
    ),
    (
        'template = "lab"',
        'template = "labb"',
        0,
        "events[1].template: “labb” is not one of templates (did you mean “lab”?)",
    ),
    ('venue = "grosseto"', 'venue = "sala-eden"', 0, "events[2].venue: “sala-eden” is not one of venues"),
    (
        'organiser = "cna"',
        'organiser = "cnaa"',
        0,
        "events[2].organiser: “cnaa” is not one of organisations (did you mean “cna”?)",
    ),
    (
        'slug = "evento-finale"\nkind = "final"',
        'slug = "evento-finale"',
        -1,
        "events[20].kind: is missing, here and in the template",
    ),
    ('month = "2024-02"', 'month = "febbraio"', 0, "newsletters[0].month: "),
    ('month = "2024-02"', 'month = "2034-02"', 0, "newsletters[0].month: 2034-02-15 is outside the programme"),
    ('theme = { it = "I risultati", en = "The results" }\n', "", -3, "newsletters[3].theme: is missing"),
]


@pytest.mark.parametrize(("old", "new", "offset", "told"), WRONG, ids=[one[3][:40] for one in WRONG])
def test_a_wrong_file_names_line_and_field_and_changes_nothing(written, old, new, offset, told):
    loading.load("vlt")
    before = everything()
    path, line = written(old, new)
    with pytest.raises(CommandError) as caught:
        call_command("load_programme", path, shift_to=date(2026, 1, 1))
    problems = str(caught.value).splitlines()
    mine = [problem for problem in problems if told in problem]
    assert mine, problems
    if "longer" not in told and "claim" not in told:
        assert mine[0].startswith(f"vlt.toml, line {line + offset}, ")
    assert problems[-1].endswith("Nothing was changed.")
    assert everything() == before


def test_a_wrong_file_leaves_an_empty_database_empty(written):
    path, _line = written('organiser = "cna"', 'organiser = "nobody"')
    with pytest.raises(CatalogueError):
        loading.load(path)
    assert set(row_counts().values()) == {0}


def test_fewer_places_than_are_taken_is_refused_and_changes_nothing(written):
    loading.load("vlt")
    Event.objects.filter(slug="seminario-lucca").update(in_person_taken=12)
    before = everything()
    path, _line = written("in_person = 60", "in_person = 10")
    with pytest.raises(CatalogueError, match=r"events\[4\]\.in_person: is 10, but 12 places are taken"):
        loading.load(path)
    assert everything() == before


def test_an_event_of_another_programme_is_refused():
    make_event(make_programme(slug="altro"), slug="seminario-pisa")
    with pytest.raises(CatalogueError, match="“seminario-pisa” is an event of another programme"):
        loading.load("vlt")
    assert not Programme.objects.filter(slug="vlt").exists()


def test_an_unknown_name_tells_the_names_there_are():
    with pytest.raises(CatalogueError, match="there is no such programme; there are: .*vlt"):
        loading.load("vtl")
