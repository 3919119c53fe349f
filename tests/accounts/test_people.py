import pytest

from accounts.models import Membership, User

pytestmark = pytest.mark.django_db
PEOPLE = "/gestione/chi-lavora/"


@pytest.fixture
def carla(client, cast):
    """Who coordinates, logged in."""
    client.force_login(cast.carla)
    return client


def test_people_are_shown_once_with_all_their_roles(carla, cast, programme, lucca, django_assert_num_queries):
    Membership.objects.create(user=cast.dora, programme=programme, role="facilitator", territory=lucca)
    with django_assert_num_queries(5):
        page = carla.get(PEOPLE).content.decode()
    assert page.count("<h2>Dora") == 1


def test_person_is_added_and_a_refusal_stands_at_its_field(carla, cast, pisa):
    data = {"email": "nuova@vlt.example", "first_name": "Nuova", "role": "door", "territory": pisa.pk}
    assert carla.post(f"{PEOPLE}aggiungi/", data).status_code == 302
    again = carla.post(f"{PEOPLE}aggiungi/", data)
    assert again.context["form"].has_error("role", "already_has_role")
    assert User.objects.get(email="nuova@vlt.example").memberships.get().territory == pisa


def test_role_is_taken_and_account_closed_by_a_post_only(carla, cast):
    membership = cast.dora.memberships.get()
    assert carla.get(f"{PEOPLE}ruoli/{membership.pk}/togli/").status_code == 405
    carla.post(f"{PEOPLE}{cast.dora.pk}/account/", {"to": "close"})
    assert not User.objects.get(pk=cast.dora.pk).is_active
    carla.post(f"{PEOPLE}ruoli/{membership.pk}/togli/")
    assert not cast.dora.memberships.exists()


def test_last_coordinator_stays_and_is_told_why(carla, cast):
    page = carla.post(f"{PEOPLE}ruoli/{cast.carla.memberships.get().pk}/togli/", follow=True).content.decode()
    assert "almeno una persona che coordina" in page
    assert cast.carla.memberships.exists()
