"""The organiser's board, the sheet for the wall and the facilitator's list."""

import pytest
from django.urls import reverse

from registrations.models import Registration
from registrations.services import groups
from tests.make import make_event, make_registration


@pytest.fixture
def lab(cast, pisa):
    return make_event(kind="lab", slug="laboratorio-pisa", territory=pisa)


def address(name, *more):
    return reverse(f"registrations:{name}", args=["laboratorio-pisa", *more])


@pytest.mark.parametrize("name", ["groups", "groups-print"])
def test_the_board_is_for_organisers_of_the_province(client, cast, lab, name):
    assert client.get(address(name)).status_code == 302
    for who, status in {"piero": 200, "carla": 200, "lucia": 404, "fabio": 403, "dora": 403, "vito": 403}.items():
        client.force_login(getattr(cast, who))
        assert client.get(address(name)).status_code == status, who


def test_the_board_forms_moves_seats_and_dissolves(client, cast, lab):
    client.force_login(cast.piero)
    anna, bea, *_ = [make_registration(lab, organisation="CNA") for _ in range(4)]
    page = client.post(address("groups"), {"facilitators": [cast.fabio.pk], "number": "2"}, follow=True)
    assert page.redirect_chain[-1][1] == 302
    assert lab.groups.count() == 2
    client.post(address("groups-move", anna.pk), {"group": "2"})
    anna.refresh_from_db()
    assert (anna.group.number, anna.is_group_pinned) == (2, True)
    client.post(address("groups-move", bea.pk), {"group": ""})
    client.post(address("groups-late"))
    bea.refresh_from_db()
    assert bea.group is not None
    client.post(address("groups-dissolve"))
    assert not lab.groups.exists()


def test_a_refusal_stands_at_its_field_and_changes_nothing(client, cast, lab):
    client.force_login(cast.piero)
    make_registration(lab)
    page = client.post(address("groups"), {"facilitators": [cast.fabio.pk], "number": "9"})
    assert page.status_code == 422
    assert "number" in page.context["form"].errors
    assert not lab.groups.exists()
    for wrong in ({"number": "0"}, {"number": "many"}, {"facilitators": "999999"}, {"facilitators": "x"}):
        assert client.post(address("groups"), wrong).status_code == 422


def test_moving_somebody_elsewhere_is_not_found(client, cast, lab, lucca):
    client.force_login(cast.piero)
    stranger = make_registration(make_event(kind="lab", territory=lucca))
    assert client.post(address("groups-move", stranger.pk), {"group": ""}).status_code == 404
    anna = make_registration(lab)
    assert client.post(address("groups-move", anna.pk), {"group": "7"}).status_code == 404
    assert client.get(address("groups-move", anna.pk)).status_code == 405
    client.force_login(cast.lucia)
    assert client.post(address("groups-dissolve")).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", ["groups", "groups-print"])
def test_the_board_reads_a_fixed_number_of_times(client, cast, lab, rows, name, django_assert_num_queries):
    client.force_login(cast.piero)
    for _ in range(rows):
        make_registration(lab)
    groups.form_groups(event=lab, number=rows)
    client.get(address(name))
    with django_assert_num_queries({"groups": 11, "groups-print": 8}[name]):
        client.get(address(name))


def test_a_facilitator_sees_her_people_without_addresses(client, cast, lab):
    anna = make_registration(lab, organisation="CNA Toscana")
    make_registration(lab)
    groups.form_groups(event=lab, facilitators=[cast.fabio], number=2)
    hers = Registration.objects.get(group__facilitator=cast.fabio)
    other = Registration.objects.exclude(pk=hers.pk).get()
    client.force_login(cast.fabio)
    page = client.get(reverse("registrations:my-groups")).content.decode()
    assert hers.name in page
    assert other.name not in page
    assert anna.email not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_my_groups_reads_a_fixed_number_of_times(client, cast, pisa, rows, django_assert_num_queries):
    for _ in range(rows):
        event = make_event(kind="lab", territory=pisa)
        make_registration(event)
        groups.form_groups(event=event, facilitators=[cast.fabio])
    client.force_login(cast.fabio)
    client.get(reverse("registrations:my-groups"))
    with django_assert_num_queries(6):
        client.get(reverse("registrations:my-groups"))


def test_my_groups_is_for_those_who_may_lead(client, cast):
    client.force_login(cast.dora)
    assert client.get(reverse("registrations:my-groups")).status_code == 403
