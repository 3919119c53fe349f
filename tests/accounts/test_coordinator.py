"""The command that makes the first coordinator, whom nobody inside can appoint."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership, User

pytestmark = pytest.mark.django_db


def appoint(email: str = "Carla@vlt.example", name: str = "Carla Bonaccorsi") -> None:
    call_command("coordinator", email, name=name)


def test_first_coordinator_may_do_what_a_coordinator_may(programme, client):
    appoint()
    carla = User.objects.get()
    assert (carla.email, carla.first_name, carla.last_name) == ("carla@vlt.example", "Carla", "Bonaccorsi")
    assert carla.has_perm("accounts.change", programme)
    client.force_login(carla)
    assert client.get("/gestione/").status_code == 200


def test_coordinator_twice_is_the_same_as_once(programme):
    appoint()
    appoint("carla@vlt.example", "Carla")
    assert Membership.objects.get().user == User.objects.get()
    assert User.objects.get().last_name == "Bonaccorsi"


def test_somebody_who_works_here_is_made_coordinator(cast):
    appoint("dora@vlt.example", "Dora")
    assert sorted(cast.dora.memberships.values_list("role", flat=True)) == ["coordinator", "door"]


@pytest.mark.parametrize("email", ["carla", "", "a@b"])
def test_coordinator_without_a_right_address_is_refused(programme, email):
    with pytest.raises(CommandError, match="not an e-mail address"):
        appoint(email)
    assert not User.objects.exists()


def test_coordinator_of_nothing_is_refused(db):
    with pytest.raises(CommandError, match="no programme yet"):
        appoint()
    assert not User.objects.exists()


def test_closed_account_is_not_opened_by_it(cast):
    User.objects.filter(pk=cast.vito.pk).update(is_active=False)
    with pytest.raises(CommandError):
        appoint("vito@vlt.example", "Vito")
    assert list(cast.vito.memberships.values_list("role", flat=True)) == ["viewer"]
