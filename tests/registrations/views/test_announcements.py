import pytest
from django.urls import reverse

from mail.models import Delivery
from registrations.models import Announcement
from tests.make import make_announcement, make_event, make_registration

pytestmark = pytest.mark.django_db
WORDS = {
    "subject_0": "Cambio di sala",
    "subject_1": "",
    "body_0": "%%first_name%%, vieni al **piano 2**.",
    "body_1": "",
}


@pytest.fixture
def event(programme, pisa):
    return make_event(programme, slug="lab-pisa", kind="lab", territory=pisa)


@pytest.fixture
def piero(client, cast):
    client.force_login(cast.piero)
    return client


def address(page: str, *arguments) -> str:
    return reverse(f"registrations:staff-announcement{page}", args=arguments)


def test_written_looked_at_sent_and_followed(piero, event):
    one = make_registration(event, first_name="Ottavia")
    data = WORDS | {"event": event.slug, "state": "confirmed"}
    page = piero.post(address("-create"), data, follow=True)
    announcement = Announcement.objects.get()
    assert page.redirect_chain[-1][0] == address("", announcement.pk) == f"/gestione/messaggi/{announcement.pk}/"
    assert (announcement.event, announcement.territory) == (event, event.territory)
    html = page.content.decode()
    assert "Arriva a 1 persona." in html
    frame = piero.get(address("-preview", announcement.pk), {"person": one.pk}).content.decode()
    assert "Ottavia, vieni al <strong" in frame
    assert one.token not in frame + html
    assert not Delivery.objects.exists()
    piero.post(address("-send", announcement.pk), {"people": "1"})
    assert not Delivery.objects.exists()
    for _ in range(2):
        page = piero.post(address("-send", announcement.pk), {"people": "1", "yes": "on"}, follow=True)
    assert Delivery.objects.count() == 1
    assert "0 di 1 partita" in page.content.decode()
    assert "0 di 1 partita" in piero.get(address("s")).content.decode()
    trail = piero.get(reverse("events:staff-event", args=[event.slug])).content.decode()
    assert trail.count("ha scritto alle persone iscritte") == 1
    assert piero.get(address("-edit", announcement.pk)).status_code == 302


def test_wrong_words_are_said_at_the_field_and_stay_typed(piero, event):
    data = WORDS | {"event": event.slug, "state": "confirmed", "body_0": "Il tuo link %%token%%"}
    response = piero.post(address("-create"), data)
    assert response.context["form"].errors.keys() == {"body"}
    assert "Il tuo link %%token%%" in response.content.decode()
    assert not Announcement.objects.exists()


def test_organiser_writes_in_her_province_only(piero, programme, event, lucca):
    make_registration(event)
    elsewhere = make_registration(make_event(programme, slug="lab-lucca", territory=lucca))
    form = piero.get(address("-create")).context["form"]
    assert [slug for slug, _name in form.fields["province"].choices] == ["pisa"]
    assert [pk for pk, _name in form.fields["events"].choices] == [event.pk]
    for wrong in ({"province": "lucca"}, {"province": ""}, {"province": "pisa", "events": [elsewhere.event_id]}):
        response = piero.post(address("-create"), WORDS | {"state": "confirmed"} | wrong)
        assert response.context["form"].errors
        assert response.context["reach"] is None
    assert piero.get(address("-create"), {"event": "lab-lucca"}).status_code == 404
    assert not Announcement.objects.exists()
    piero.post(address("-create"), WORDS | {"state": "confirmed", "province": "pisa"})
    assert Announcement.objects.get().territory == event.territory


def test_coordinator_writes_to_the_whole_programme(client, cast, programme, event, lucca):
    client.force_login(cast.carla)
    make_registration(event)
    make_registration(make_event(programme, territory=lucca))
    response = client.post(address("-create"), WORDS | {"state": "confirmed"}, follow=True)
    assert response.context["reach"].recipients == 2
    assert Announcement.objects.get().territory is None


def test_number_is_counted_while_writing(piero, event):
    make_registration(event, mode="online")
    make_registration(event, email="")
    response = piero.post(address("-count"), {"event": event.slug, "state": "confirmed", "mode": "online"})
    assert "Arriva a 1 persona." in response.content.decode()
    assert "<html" not in response.content.decode()
    response = piero.post(address("-create"), {"event": event.slug, "state": "confirmed", "count": "1"} | WORDS)
    assert response.context["reach"].left_out_total == 1
    assert not Announcement.objects.exists()


def test_message_changes_until_it_is_thrown_away(piero, event):
    announcement = make_announcement(event)
    data = WORDS | {"state": "waiting", "mode": "", "presence": ""}
    piero.post(address("-edit", announcement.pk), data)
    announcement.refresh_from_db()
    assert (str(announcement.subject), announcement.choice["state"]) == ("Cambio di sala", "waiting")
    assert announcement.event == event
    piero.post(address("-discard", announcement.pk))
    assert not Announcement.objects.exists()


def test_changed_number_is_asked_again(piero, event):
    make_registration(event)
    announcement = make_announcement(event)
    page = piero.post(address("-send", announcement.pk), {"people": "7", "yes": "on"}, follow=True)
    assert "Nel frattempo è 1 persona" in page.content.decode()
    assert not Delivery.objects.exists()


def test_pages_take_the_same_queries_with_1_and_3(piero, event, django_assert_num_queries):
    for number in (1, 2):
        for _ in range(number):
            make_registration(event)
            announcement = make_announcement(event)
        with django_assert_num_queries(7):
            piero.get(address("s"))
        with django_assert_num_queries(10):
            piero.get(address("", announcement.pk))
