"""The coordinator's page about the funder's indicators."""

import pytest

from accounts.services import trail
from registrations.models import MonitoringRecord
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db
PAGE = "/gestione/monitoraggio/"


@pytest.fixture
def carla(client, cast):
    """Who coordinates, logged in."""
    client.force_login(cast.carla)
    return client


def told(programme, **over):
    event = make_event(programme, kind="lab")
    registration = make_registration(event, last_name="Verdi", entered_at=event.starts_at)
    values = {"sex": "female", "birth_date": "1980-01-01", "employment": "employed", "education": "isced_5_8"}
    record = {"profile": "participant", "values": values, "sensitive": '{"disability": "yes"}'}
    return MonitoringRecord.objects.create(registration=registration, **record | over)


def test_page_shows_sums_and_hides_small_ones(carla, programme):
    told(programme)
    page = carla.get(PAGE)
    lines = {one.code: one for one in page.context["report"].lines}
    assert (lines["EECO01"].total, lines["EECO12"].total) == (1, None)
    assert "Verdi" not in page.content.decode()


def test_profiles_are_chosen_by_kind(carla, programme):
    chosen = {"seminar": "off", "lab": "participant", "final": "organisation", "meeting": "off"}
    carla.post(PAGE, chosen)
    programme.refresh_from_db()
    assert programme.monitoring == chosen
    assert [line.what for line in trail.lines(programme)] == ["ha cambiato che cosa si chiede per il finanziatore"]


def test_unknown_profile_is_refused(carla, programme):
    page = carla.post(PAGE, {"seminar": "everything", "lab": "off", "final": "off", "meeting": "off"})
    assert list(page.context["form"].errors) == ["seminar"]
    programme.refresh_from_db()
    assert programme.monitoring == {}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_plain_answers_are_taken_home_and_noted(carla, programme, kind):
    told(programme)
    response = carla.get(f"{PAGE}esporta/", {"format": kind})
    content = b"".join(response.streaming_content)
    assert len(content) > 100
    if kind == "csv":
        assert "Verdi" in content.decode()
        assert "disabil" not in content.decode()
    assert [line.what for line in trail.lines(programme)] == ["ha esportato le risposte per il finanziatore (1)"]


def test_organisers_do_not_find_it(client, cast, programme):
    client.force_login(cast.piero)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"seminar": "off", "lab": "off", "final": "off", "meeting": "off"}).status_code == 403
