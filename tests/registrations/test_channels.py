"""Where people come from: counted by channel, for the events that somebody may see."""

import pytest

from registrations.channels import Channel, by_channel
from registrations.models import Registration
from tests.make import make_event, make_organisation, make_registration

pytestmark = pytest.mark.django_db
PAGE = "/gestione/provenienze/"


@pytest.fixture
def event(programme, pisa):
    return make_event(programme, territory=pisa, slug="seminario-pisa")


@pytest.fixture
def people(event, programme):
    make_organisation(programme, "CNA Toscana", slug="cna")
    came = {"entered_at": event.starts_at}
    make_registration(event, via="cna", **came)
    make_registration(event, via="cna")
    make_registration(event, via="cna", state="pending", held_until=event.starts_at)
    make_registration(event, via="manifesto", state="cancelled", cancelled_at=event.starts_at)
    make_registration(event, via="desk")
    for _ in range(5):
        make_registration(event, **came)


def test_channels_are_named_counted_and_ordered(event, people, programme, django_assert_num_queries):
    organisations = list(programme.organisations.all())
    with django_assert_num_queries(1):
        found = by_channel(Registration.objects.all(), organisations)
    assert found == [
        Channel("cna", "CNA Toscana", 3, 2, 1),
        Channel("desk", "Gestione", 1, 1, 0),
        Channel("manifesto", "manifesto", 1, 0, 0),
        Channel("", "—", 5, 5, 5),
    ]


def test_board_shows_them_once_somebody_came_through_anybody(client, cast, event, programme):
    make_registration(event)
    client.force_login(cast.piero)
    panel = "<h2>Da dove arrivano</h2>"
    assert panel not in client.get("/gestione/eventi/seminario-pisa/").content.decode()
    make_registration(event, via="cna")
    assert panel in client.get("/gestione/eventi/seminario-pisa/").content.decode()


def test_page_counts_only_events_that_somebody_may_see(client, cast, people, programme, lucca):
    make_registration(make_event(programme, territory=lucca), via="cgil")
    words = {}
    for who in ("carla", "piero", "lucia", "vito"):
        client.force_login(getattr(cast, who))
        words[who] = {one.word: one.signed_up for one in client.get(PAGE).context["channels"]}
    mine = {"cna": 3, "manifesto": 1, "desk": 1, "": 5}
    assert words == {"carla": mine | {"cgil": 1}, "piero": mine, "lucia": {"cgil": 1}, "vito": mine | {"cgil": 1}}
    client.force_login(cast.carla)
    assert [one.word for one in client.get(f"{PAGE}?province=lucca").context["channels"]] == ["cgil"]


def test_page_without_people_says_what_to_do(client, cast, event):
    client.force_login(cast.carla)
    page = client.get(PAGE).content.decode()
    assert "Dai ai partner i loro link" in page
    assert "/gestione/siti-partner/" in page


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_a_fixed_number_of_queries(client, cast, event, number, django_assert_num_queries):
    for channel in ("a", "b", "c")[:number]:
        make_registration(event, via=channel)
    client.force_login(cast.carla)
    with django_assert_num_queries(6):
        client.get(PAGE)
