import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from accounts import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry(monkeypatch):
    """An empty desk, so that a test says what is on it."""
    monkeypatch.setattr(desk, "_registry", desk._Registry())


def test_nav_shows_only_what_a_role_allows_in_order(registry, cast):
    desk.nav("People", "accounts:desk", permission="accounts.view", order=20)
    desk.nav("Events", "accounts:desk", permission="events.view", order=10)
    assert [entry.label for entry in desk.entries_for(cast.carla)] == ["Events", "People"]
    assert [entry.label for entry in desk.entries_for(cast.vito)] == ["Events"]


def test_home_shows_panels_in_order_without_the_empty_ones(registry):
    desk.panel(order=50)(lambda request: ("board.html", {}))
    desk.panel(order=10)(lambda request: ("today.html", {}))
    desk.panel(order=20)(lambda request: None)
    assert desk.panels_for(None) == [("today.html", {}), ("board.html", {})]


def test_search_leaves_out_rooms_that_found_nothing(registry, cast):
    desk.search("People", order=1)(lambda user, words: [])
    desk.search("Events", order=2)(lambda user, words: [desk.Hit(words, "/")])
    assert desk.find(cast.carla, "pisa") == [("Events", [desk.Hit("pisa", "/")])]


def test_page_refuses_who_holds_the_permission_nowhere(cast):
    request = RequestFactory().get("/")
    request.user = cast.dora
    with pytest.raises(PermissionDenied):
        desk.page("accounts.view")(lambda request: None)(request)


def test_desk_sends_a_stranger_to_the_login(client):
    response = client.get("/gestione/")
    assert response.status_code == 302
    assert "login" in response["Location"]


def test_desk_greets_by_name(client, cast):
    client.force_login(cast.piero)
    page = client.get("/gestione/").content.decode()
    assert "Ciao Piero" in page
    assert client.get("/gestione/cerca/?q=x").status_code == 200
