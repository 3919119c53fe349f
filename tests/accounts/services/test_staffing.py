import pytest

from accounts.models import Membership, User
from accounts.services import AccountError, staffing
from tests.make import make_event, make_programme, make_staff, make_territory

pytestmark = pytest.mark.django_db


def refused(code, function, **arguments):
    """The call is refused with this code, and nobody's roles or account changed."""
    before = list(Membership.objects.values().order_by("pk")), list(User.objects.values().order_by("pk"))
    with pytest.raises(AccountError) as refusal:
        function(**arguments)
    assert refusal.value.code == code
    assert before == (list(Membership.objects.values().order_by("pk")), list(User.objects.values().order_by("pk")))
    return refusal.value


def give(by, programme, **over):
    values = {"email": "Nuova@vlt.example", "first_name": "Nuova", "role": "door"}
    return staffing.give_role(by=by, programme=programme, **values | over)


def test_coordinator_adds_a_person_with_a_role_in_a_province(cast, programme, pisa):
    membership = give(cast.carla, programme, territory=pisa)
    assert membership.user.email == "nuova@vlt.example"
    assert membership.user.has_perm("registrations.check_in", make_event(programme, territory=pisa))


def test_a_second_role_goes_to_the_same_account(cast, programme, lucca):
    give(cast.carla, programme, email="DORA@vlt.example", role="facilitator", territory=lucca)
    assert sorted(cast.dora.memberships.values_list("role", flat=True)) == ["door", "facilitator"]
    assert User.objects.get(pk=cast.dora.pk).first_name == "Dora"


@pytest.mark.parametrize("who", ["piero", "dora", "fabio", "nora", "vito"])
def test_nobody_but_a_coordinator_gives_roles(cast, programme, who):
    refused("beyond_yours", give, by=getattr(cast, who), programme=programme, role="viewer")


def test_coordinator_of_a_province_gives_no_role_beyond_it(cast, programme, pisa, lucca):
    local = make_staff(programme, "coordinator", pisa)
    give(local, programme, territory=pisa)
    for territory in (None, lucca):
        refused("beyond_yours", give, by=local, programme=programme, role="coordinator", territory=territory)


def test_coordinator_of_another_programme_gives_no_role_here(cast, programme):
    stranger = make_staff(make_programme(is_current=False), "coordinator")
    refused("beyond_yours", give, by=stranger, programme=programme)


def test_province_of_another_programme_is_refused(cast, programme):
    elsewhere = make_territory(make_programme(is_current=False), "Oslo")
    refused("invalid", give, by=cast.carla, programme=programme, territory=elsewhere)


def test_the_same_role_twice_is_refused(cast, programme, pisa):
    twice = {"email": "dora@vlt.example", "territory": pisa}
    refusal = refused("already_has_role", give, by=cast.carla, programme=programme, **twice)
    assert list(refusal.fields) == ["role"]


def test_a_role_for_a_closed_account_is_refused(cast, programme):
    staffing.set_active(by=cast.carla, user=cast.dora, is_active=False)
    refused("closed", give, by=cast.carla, programme=programme, email="dora@vlt.example")


def test_last_coordinator_cannot_be_removed_or_closed(cast, programme):
    own = cast.carla.memberships.get()
    refused("last_coordinator", staffing.take_role, by=cast.carla, membership=own)
    refused("last_coordinator", staffing.set_active, by=cast.carla, user=cast.carla, is_active=False)
    second = make_staff(programme, "coordinator")
    staffing.set_active(by=cast.carla, user=second, is_active=False)
    refused("last_coordinator", staffing.take_role, by=cast.carla, membership=own)


def test_one_of_two_coordinators_can_leave(cast, programme):
    make_staff(programme, "coordinator")
    staffing.take_role(by=cast.carla, membership=cast.carla.memberships.get())
    assert not cast.carla.memberships.exists()


def test_organiser_cannot_take_a_role_away(cast):
    refused("beyond_yours", staffing.take_role, by=cast.piero, membership=cast.dora.memberships.get())


def test_who_works_elsewhere_too_is_closed_only_by_who_reaches_both(cast, programme):
    other = make_programme(is_current=False)
    Membership.objects.create(user=cast.dora, programme=other, role="door")
    refused("beyond_yours", staffing.set_active, by=cast.carla, user=cast.dora, is_active=False)


def test_a_closed_account_is_out_at_once_and_may_come_back(client, cast):
    client.force_login(cast.dora)
    staffing.set_active(by=cast.carla, user=cast.dora, is_active=False)
    assert client.get("/gestione/").status_code == 302
    staffing.set_active(by=cast.carla, user=cast.dora, is_active=True)
    assert User.objects.get(pk=cast.dora.pk).is_active
