"""The tile map: where a province's tile stands, and which of its events is on it."""

from datetime import timedelta

from django.utils import timezone

from events.board import board
from events.models import Event
from tests.make import make_event, make_territory


def lines(programme, people=None):
    tiles = board(programme.territories.all(), Event.objects.all(), people or {}).tiles
    return [[(line.event.slug, line.standing.tone) for line in tile.lines] for tile in tiles]


def days(number):
    return timezone.now() + timedelta(days=number)


def test_board_shows_of_each_kind_the_event_that_matters(programme):
    pisa = make_territory(programme, "Pisa")
    make_event(programme, territory=pisa, slug="passato", starts_at=days(-9), ends_at=days(-8))
    make_event(programme, territory=pisa, slug="lontano", starts_at=days(20), ends_at=days(21))
    make_event(programme, territory=pisa, slug="prossimo", starts_at=days(2), ends_at=days(3))
    make_event(programme, territory=pisa, slug="annullato", starts_at=days(1), ends_at=days(2), cancelled_at=days(0))
    make_event(programme, territory=pisa, kind="lab", slug="lab-1", starts_at=days(-9), ends_at=days(-8))
    make_event(programme, territory=pisa, kind="lab", slug="lab-2", starts_at=days(-5), ends_at=days(-4))
    assert lines(programme) == [[("prossimo", "good"), ("lab-2", "over")]]


def test_board_begins_at_the_first_row_and_column(programme):
    make_territory(programme, "Lucca", tile_row=4, tile_column=7)
    make_territory(programme, "Pisa", tile_row=5, tile_column=8)
    places = [(tile.row, tile.column) for tile in board(programme.territories.all(), [], {}).tiles]
    assert places == [(1, 1), (2, 2)]


def test_board_says_how_many_came(programme):
    pisa = make_territory(programme, "Pisa")
    event = make_event(programme, territory=pisa, starts_at=days(-9), ends_at=days(-8))
    (tile,) = board([pisa], [event], {event.pk: 84}).tiles
    assert tile.spoken == "Pisa. Seminario: 84 persone presenti."


def test_board_without_events_says_so(programme):
    (tile,) = board([make_territory(programme, "Pisa")], [], {}).tiles
    assert tile.spoken == "Pisa. Ancora nessun evento."


def test_board_without_provinces_is_empty(programme):
    assert board([], [], {}).tiles == []


def test_fingerprint_changes_with_every_word_of_the_map(programme):
    pisa = make_territory(programme, "Pisa")
    event = make_event(programme, territory=pisa)
    before = board([pisa], [event], {}).fingerprint
    assert board([pisa], [event], {}).fingerprint == before
    event.online_taken += 1
    assert board([pisa], [event], {}).fingerprint != before
