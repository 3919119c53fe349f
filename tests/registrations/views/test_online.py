"""The person's own page of the online room, by plain requests."""

import email
import email.policy
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mail import composing
from mail.models import Delivery
from registrations.models import Scan
from registrations.services import attendance, notices, reminding, room_codes
from registrations.services.room_codes import Moment
from tests.make import make_event, make_registration, make_running_event

pytestmark = pytest.mark.django_db
ROOM = "https://meet.example.org/vlt?pwd=a&b=c"


@pytest.fixture
def running(programme):
    return make_running_event(programme, online_url=ROOM)


@pytest.fixture
def bea(running):
    return make_registration(running, mode="online", first_name="Bea")


def page_of(registration, name="online"):
    return reverse(f"registrations:{name}", args=[registration.token])


def read(client, registration, name="online"):
    return client.get(page_of(registration, name)).content.decode()


def send(client, registration, **data):
    return client.post(page_of(registration), data, follow=True)


def test_coming_in_is_noted_before_the_room_opens(client, bea):
    page = read(client, bea)
    assert "Entra" in page
    assert "meet.example.org" not in page, "the room is not shown before coming in"
    assert client.get(page_of(bea, "online-room")).url == page_of(bea)
    response = client.post(page_of(bea), {"enter": "1"})
    assert response.url == page_of(bea, "online-room")
    assert bea.scans.get().direction == "in"
    way = read(client, bea, "online-room")
    assert '<meta http-equiv="refresh" content="0;url=https://meet.example.org/vlt?pwd=a&amp;b=c">' in way
    assert "Sei nella stanza dalle" in read(client, bea)


def test_way_to_the_room_is_closed_to_who_left(client, bea):
    send(client, bea, enter="1")
    page = send(client, bea, leave="1").content.decode()
    assert "In questo momento la tua presenza non viene contata" in page
    assert client.get(page_of(bea, "online-room")).url == page_of(bea)
    assert list(bea.scans.order_by("at").values_list("direction", flat=True)) == ["in", "out"]


def test_opening_the_page_notes_nothing(client, bea):
    read(client, bea)
    read(client, bea, "online-room")
    assert not Scan.objects.exists()


def test_heartbeat_is_answered_with_what_counts(client, bea):
    send(client, bea, enter="1")
    response = client.post(page_of(bea), {"stay": "1"}, headers={"X-Heartbeat": "1"})
    assert response.status_code == 200
    assert "Contati finora" in response.content.decode()
    assert "<html" not in response.content.decode()


def test_heartbeat_of_who_left_elsewhere_says_so_and_notes_nothing(client, bea):
    send(client, bea, enter="1")
    send(client, bea, leave="1")
    assert client.post(page_of(bea), {"stay": "1"}, headers={"X-Heartbeat": "1"}).status_code == 204
    assert bea.scans.count() == 2


def test_heartbeat_after_the_end_leaves_no_message_behind(client, programme):
    event = make_event(programme, starts_at=timezone.now() - timedelta(hours=5), online_url=ROOM)
    bea = make_registration(event, mode="online")
    assert client.post(page_of(bea), {"stay": "1"}, headers={"X-Heartbeat": "1"}).status_code == 204
    page = read(client, bea)
    assert "Questo evento è finito" in page
    assert "solo intorno all’orario" not in page
    assert not Scan.objects.exists()


def test_page_that_slept_says_what_was_not_counted(client, bea):
    for minutes, direction in ((50, "in"), (1, "in")):
        at = timezone.now() - timedelta(minutes=minutes)
        values = {"direction": direction, "mode": "online", "source": "page", "status": "ok", "at": at}
        Scan.objects.create(event=bea.event, registration=bea, nonce=f"n{minutes}", **values)
    page = read(client, bea)
    since = timezone.localtime(timezone.now() - timedelta(minutes=35))
    until = timezone.localtime(timezone.now() - timedelta(minutes=1))
    assert f"dalle {since.hour}:{since:%M} alle {until.hour}:{until:%M}" in page
    assert "Scrivi i codici che devono ancora arrivare" in page
    send(client, bea, code=room_codes.code(bea.event, Moment.START))
    assert "Scrivi anche il codice di fine" in read(client, bea)


def test_page_says_that_she_left_herself(client, bea):
    for minutes, direction in ((40, "in"), (30, "out")):
        at = timezone.now() - timedelta(minutes=minutes)
        values = {"direction": direction, "mode": "online", "source": "page", "status": "ok", "at": at}
        Scan.objects.create(event=bea.event, registration=bea, nonce=f"n{minutes}", **values)
    attendance.recompute(bea)
    page = read(client, bea)
    at = timezone.localtime(at)
    assert f"Hai scelto «Esco» alle {at.hour}:{at:%M}" in page
    assert "nessun segno" not in page


def test_codes_are_taken_and_shown(client, bea):
    page = send(client, bea, code=room_codes.code(bea.event, Moment.START)).content.decode()
    assert "Grazie, abbiamo il tuo codice d’inizio." in page
    assert page.count("non ancora scritto") == 1
    page = send(client, bea, code=room_codes.code(bea.event, Moment.END)).content.decode()
    assert "Grazie, abbiamo il tuo codice di fine." in page
    assert 'name="code"' not in page
    assert sorted(bea.scans.values_list("source", "direction")) == [("code", "in"), ("code", "out")]


@pytest.mark.parametrize(
    ("typed", "sentence"), [("", "Scrivi le sei cifre"), ("12ab", "Non è il codice di questa stanza")]
)
def test_wrong_code_is_told_at_the_field_and_still_there(client, bea, typed, sentence):
    response = send(client, bea, code=typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert 'aria-invalid="true"' in page
    assert not typed or f'value="{typed}"' in page
    assert not Scan.objects.exists()


def test_too_many_wrong_codes_are_told_at_the_field(client, bea):
    for _ in range(10):
        send(client, bea, code="x")
    response = send(client, bea, code=room_codes.code(bea.event, Moment.START))
    assert response.status_code == 429
    assert "Troppi codici sbagliati" in response.content.decode()
    assert not Scan.objects.exists()


def test_end_code_is_taken_just_after_the_end(client, programme):
    event = make_event(programme, starts_at=timezone.now() - timedelta(hours=4, minutes=5), online_url=ROOM)
    bea = make_registration(event, mode="online")
    page = read(client, bea)
    assert "Questo evento è finito" in page
    assert 'name="code"' in page
    send(client, bea, code=room_codes.code(event, Moment.END))
    assert bea.scans.get().direction == "out"
    event.starts_at -= timedelta(hours=1)
    event.ends_at -= timedelta(hours=1)
    event.save()
    assert 'name="code"' not in read(client, bea)


def test_room_before_its_time_counts_nobody(client, programme):
    bea = make_registration(make_event(programme, online_url=ROOM), mode="online")
    page = send(client, bea, enter="1").content.decode()
    assert "La stanza online è aperta solo intorno" in page
    assert "meet.example.org" not in page
    assert 'name="code"' not in page
    assert not Scan.objects.exists()


def test_room_of_a_cancelled_event_says_so(client, running, bea):
    running.cancelled_at = timezone.now()
    running.save()
    page = send(client, bea, enter="1").content.decode()
    assert "Questo evento non si terrà" in page
    assert not Scan.objects.exists()


def test_event_without_an_address_counts_all_the_same(client, running, bea):
    running.online_url = ""
    running.save()
    page = send(client, bea, enter="1").content.decode()
    assert "L’indirizzo della stanza online non c’è ancora" in page
    assert "Sei nella stanza dalle" in page
    assert "_blank" not in page.partition("<main")[2].partition("</main>")[0]
    assert bea.scans.count() == 1


@pytest.mark.parametrize("data", [{"enter": "1"}, {"stay": "1"}, {"code": "123456"}])
def test_who_comes_in_person_is_told_what_to_do(client, running, data):
    carlo = make_registration(running)
    page = read(client, carlo)
    assert "La tua iscrizione è in presenza" in page
    assert "info@vlt.example" in page
    assert "meet.example.org" not in page
    assert client.post(page_of(carlo), data).status_code == 409
    assert client.get(page_of(carlo, "online-room")).url == page_of(carlo)
    assert not Scan.objects.exists()


def test_who_can_still_change_is_sent_to_her_registration(client, programme):
    carlo = make_registration(make_event(programme, online_url=ROOM))
    assert "puoi passare a online" in read(client, carlo)


@pytest.mark.parametrize("state", ["waiting", "pending"])
def test_who_has_no_place_is_sent_to_her_registration(client, running, state):
    held = {"held_until": timezone.now() + timedelta(hours=1)}
    carlo = make_registration(running, mode="online", state=state, **held)
    assert client.post(page_of(carlo), {"enter": "1"}).url == page_of(carlo, "manage")
    assert not Scan.objects.exists()


@pytest.mark.parametrize("signs", [1, 3])
def test_queries_of_the_page(client, bea, signs, django_assert_num_queries):
    read(client, bea)
    for number in range(signs):
        at = timezone.now() - timedelta(minutes=20 * number)
        values = {"direction": "in", "mode": "online", "source": "page", "status": "ok", "at": at}
        Scan.objects.create(event=bea.event, registration=bea, nonce=f"n{number}", **values)
    with django_assert_num_queries(4):
        assert "Contati finora" in read(client, bea)


def test_mails_lead_to_the_personal_page_and_not_to_the_bare_room(programme):
    event = make_event(programme, online_url=ROOM, published_at=timezone.now() - timedelta(days=90))
    long_ago = {"created_at": event.published_at, "email_confirmed_at": event.published_at}
    bea = make_registration(event, mode="online", **long_ago)
    notices.send_ticket(bea)
    for before in (timedelta(days=7), timedelta(days=1), timedelta(hours=1)):
        reminding.owe_due(event.starts_at - before)
    copies = Delivery.objects.filter(email=bea.email)
    kinds = {copy.message.kind.partition(".")[2] for copy in copies}
    assert kinds == {"ticket", "week_before", "day_before", "online_soon"}
    for copy in copies:
        mail = email.message_from_bytes(composing.compose(copy), policy=email.policy.default)
        for kind in ("plain", "html"):
            words = " ".join(mail.get_body([kind]).get_content().split())
            assert page_of(bea) in words
            assert "conta la tua presenza" in words
            assert "meet.example.org" not in words


def test_who_leaves_with_both_codes_is_thanked_and_may_come_back(client, running, bea):
    send(client, bea, enter="1")
    for moment in (Moment.START, Moment.END):
        send(client, bea, code=room_codes.code(running, moment))
    page = send(client, bea, leave="1").content.decode()
    assert "A presto, e grazie" in page
    assert "non viene contata" not in page
    assert "Rientra" in page


def test_the_personal_page_says_that_the_room_is_open(client, bea):
    page = read(client, bea, "manage")
    assert "È aperta. Entra da qui" in page
    assert "mezz’ora prima" not in page
