import pytest
from django.urls import reverse
from django.utils import timezone

from mail.models import Delivery
from registrations import kinds
from registrations.services import notices
from tests.make import make_certificate, make_delivery, make_event, make_registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme, pisa):
    return make_event(programme, slug="lab-pisa", kind="lab", territory=pisa)


@pytest.fixture
def piero(client, cast):
    client.force_login(cast.piero)
    return client


def page(event) -> str:
    return reverse("registrations:staff-mails", args=[event.slug])


def filled(event, **over) -> dict[str, str]:
    """The form as it stands, with `over`."""
    data = {}
    for kind in kinds.KINDS.values():
        if kind.is_on(event) and not kind.needed_because:
            data[f"on_{kind.key}"] = "on"
        if kind.plan:
            data |= {f"minutes_{kind.key}_0": str(kind.minutes(event)), f"minutes_{kind.key}_1": "minutes"}
    return {name: value for name, value in (data | over).items() if value is not None}


def test_mails_stand_in_the_order_of_a_life_with_their_time_in_words(piero, event):
    event.starts_at = event.starts_at.replace(year=2034, month=5, day=15, hour=7, minute=0, second=0)
    event.ends_at = event.starts_at.replace(hour=11)
    event.save()
    html = piero.get(page(event)).content.decode()
    assert page(event) == "/gestione/eventi/lab-pisa/mail/"
    shown = [html.index(f"/mail/{key}/") for key in ("confirm", "ticket", "event_moved", "day_before", "certificate")]
    assert shown == sorted(shown)
    assert "domenica 14 maggio 2034 alle 9:00" in html
    assert 'name="on_confirm"' not in html
    assert 'name="on_ticket"' in html
    assert str(kinds.KINDS["confirm"].needed_because) in html


def test_switches_and_times_are_kept(piero, event):
    data = filled(event, on_ticket=None, minutes_day_before_0="2", minutes_day_before_1="days", on_missed="on")
    assert piero.post(page(event), data).status_code == 302
    event.refresh_from_db()
    assert event.mails == {"ticket": {"on": False}, "day_before": {"minutes": 2880}, "missed": {"on": True}}
    assert (
        "ha scelto quali mail partono" in piero.get(reverse("events:staff-event", args=[event.slug])).content.decode()
    )


@pytest.mark.parametrize("amount", ["", "-3", "molto", "100000"])
def test_wrong_time_is_said_at_the_field_and_nothing_changes(piero, event, amount):
    response = piero.post(page(event), filled(event, on_ticket=None, minutes_day_before_0=amount))
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {"minutes_day_before"}
    assert f"{kinds.KINDS['day_before'].label}, quanto tempo prima dell’inizio</a>: " in response.content.decode()
    assert f'value="{amount}"' in response.content.decode() or not amount
    event.refresh_from_db()
    assert event.mails == {}


def test_how_many_have_gone_is_counted_for_this_event_alone(piero, event, programme):
    people = [make_registration(event) for _ in range(3)]
    for number, one in enumerate(people):
        make_delivery(kind="registrations.ticket", key=f"registrations.ticket:{one.pk}:1:0", email=one.email)
        certificate = make_certificate(one)
        key = f"registrations.certificate:{certificate.pk}:1"
        make_delivery(kind="registrations.certificate", key=key, email=one.email)
        other = make_registration(make_event(programme), email=one.email)
        make_delivery(kind="registrations.ticket", key=f"registrations.ticket:{other.pk}:1:{number}", email=one.email)
    notices.send_ticket_again(people[0])
    rows = {row["kind"].key: row["sent"] for row in piero.get(page(event)).context["rows"]}
    assert (rows["ticket"], rows["certificate"], rows["day_before"]) == (3, 3, 0)


def test_page_takes_the_same_queries_with_1_and_3_people(piero, event, django_assert_num_queries):
    for number in (1, 2):
        for _ in range(number):
            one = make_registration(event)
            make_delivery(kind="registrations.ticket", key=f"registrations.ticket:{one.pk}:1", email=one.email)
        with django_assert_num_queries(6):
            piero.get(page(event))


def test_preview_shows_a_real_person_in_both_languages_and_writes_nothing(piero, event):
    one = make_registration(event, first_name="Ottavia")
    address = reverse("registrations:staff-mail-preview", args=[event.slug, "ticket"])
    frame = reverse("registrations:staff-mail-preview-html", args=[event.slug, "ticket"])
    assert "Ottavia" in piero.get(address).content.decode()
    english = {"person": one.pk, "language": "en"}
    assert piero.get(address, english).context["rendered"].subject.startswith("See you on ")
    html = piero.get(frame, english)
    assert "Ottavia" in html.content.decode()
    assert one.token not in html.content.decode()
    assert "default-src 'none'" in html["Content-Security-Policy"]
    assert "Anna" in piero.get(frame, {"person": "sample"}).content.decode()
    assert not Delivery.objects.exists()


def test_person_whose_data_are_erased_is_called_so(piero, event):
    make_registration(
        event,
        first_name="",
        last_name="",
        email="",
        state="cancelled",
        cancelled_at=timezone.now(),
        erased_at=timezone.now(),
    )
    address = reverse("registrations:staff-mail-preview", args=[event.slug, "ticket"])
    assert "dati cancellati, Annullata" in piero.get(address).content.decode()


def test_preview_of_somebody_elses_people_is_not_found(piero, event, programme, lucca):
    stranger = make_registration(make_event(programme, territory=lucca))
    address = reverse("registrations:staff-mail-preview", args=[event.slug, "ticket"])
    for wrong in ({"person": stranger.pk}, {"person": "x"}, {"person": "9" * 40}, {"language": "de"}):
        assert piero.get(address, wrong).status_code == 404
    assert piero.get(reverse("registrations:staff-mail-preview", args=[event.slug, "nothing"])).status_code == 404
