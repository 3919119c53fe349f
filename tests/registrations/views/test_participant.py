import email
import email.policy
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from mail import composing
from mail.models import Delivery
from registrations.models import Group, Registration
from registrations.services import changing, handing_over, places, signup, tickets
from tests.make import make_event, make_registration
from tests.registrations.people import in_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme):
    return make_event(programme, online_url="https://meet.example.org/vlt")


@pytest.fixture
def anna(event):
    return make_registration(event, email="anna@example.org")


def page_of(registration, name="manage"):
    return reverse(f"registrations:{name}", args=[registration.token])


@pytest.mark.parametrize("name", ["manage", "cancel"])
def test_personal_page_is_kept_by_nobody(client, anna, name):
    response = client.get(page_of(anna, name))
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert response["X-Robots-Tag"].startswith("noindex")
    assert response["Referrer-Policy"] == "same-origin"


def test_manage_page_takes_few_queries(client, anna, django_assert_num_queries):
    client.get(page_of(anna))
    with django_assert_num_queries(7):
        client.get(page_of(anna))


def test_manage_page_of_an_unconfirmed_registration_asks_to_confirm(client, event):
    registration = signup.register(
        event=event, first_name="Bea", email="bea@example.org", mode="online", consents={"privacy": True}
    )
    assert client.get(page_of(registration)).url == page_of(registration, "confirm")


def test_mode_is_changed_from_the_page(client, anna):
    response = client.post(page_of(anna, "change-mode"), {"mode": "online"}, follow=True)
    assert "Fatto: partecipi online." in response.content.decode()
    anna.refresh_from_db()
    assert anna.mode == "online"
    assert places.miscounted(anna.event) == {}


@pytest.mark.parametrize("mode", ["", "by_post", "online"])
def test_mode_that_cannot_be_had_changes_nothing(client, programme, mode):
    event = make_event(programme, online_capacity=1)
    make_registration(event, mode="online")
    anna = make_registration(event)
    response = client.post(page_of(anna, "change-mode"), {"mode": mode}, follow=True)
    assert "alert-danger" in response.content.decode()
    anna.refresh_from_db()
    assert anna.mode == "in_person"


def test_cancelling_asks_first_and_then_frees_the_place(client, anna):
    assert "Rinunci al posto?" in client.get(page_of(anna, "cancel")).content.decode()
    anna.refresh_from_db()
    assert anna.state == "confirmed"
    for _ in range(2):
        page = client.post(page_of(anna, "cancel"), follow=True).content.decode()
    assert "annullata" in page
    assert "<path d=" not in page
    assert places.miscounted(anna.event) == {}
    assert Delivery.objects.filter(message__kind="registrations.cancelled").count() == 1


def test_consents_are_given_and_withdrawn_from_the_page(client, anna):
    client.post(page_of(anna, "consents"), {"photos": "on"})
    assert [one.purpose for one in anna.consents.standing()] == ["photos"]
    client.post(page_of(anna, "consents"), {})
    assert not anna.consents.standing().exists()


def test_ticket_is_sent_again_on_demand_but_floods_nobody(client, anna):
    for _ in range(4):
        client.post(page_of(anna, "resend"))
    assert 1 <= Delivery.objects.filter(message__kind="registrations.ticket").count() <= 2


def test_own_appointment_is_a_calendar_file(client, anna):
    response = client.get(page_of(anna, "own-calendar"))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert b"BEGIN:VEVENT" in response.content


def appointment(content):
    calendar = Calendar.from_ical(content)
    (entry,) = calendar.walk("VEVENT")
    return calendar["METHOD"], entry


def mailed(kind):
    message = email.message_from_bytes(
        composing.compose(Delivery.objects.get(message__kind=f"registrations.{kind}")), policy=email.policy.default
    )
    return appointment(
        next(part for part in message.walk() if part.get_content_type() == "text/calendar").get_content()
    )


def test_own_appointment_is_the_entry_of_the_mail_and_leaves_with_its_cancellation(client, event):
    values = {"first_name": "Bea", "email": "bea@example.org", "mode": "in_person", "consents": {"privacy": True}}
    bea = signup.confirm(registration=signup.register(event=event, **values))
    method, own = appointment(client.get(page_of(bea, "own-calendar")).content)
    _request, sent = mailed("ticket")
    assert method == "PUBLISH"
    assert "ATTENDEE" not in own
    assert [own[name] for name in ("UID", "SEQUENCE", "STATUS")] == [
        sent[name] for name in ("UID", "SEQUENCE", "STATUS")
    ]

    changing.cancel(registration=bea)
    method, cancelled = mailed("cancelled")
    assert (method, cancelled["UID"]) == ("CANCEL", own["UID"])
    assert cancelled["SEQUENCE"] > own["SEQUENCE"]
    assert appointment(client.get(page_of(bea, "own-calendar")).content)[1]["STATUS"] == "CANCELLED"


def test_ticket_page_shows_what_the_door_needs(client, anna, event):
    anna.group = Group.objects.create(event=event, number=4)
    anna.save()
    page = client.get(f"/t/{tickets.ticket_of(anna)}").content.decode()
    assert anna.name in page
    assert "Tavolo 4" in page
    assert f"{anna.code[:4]}-{anna.code[4:]}" in page
    assert anna.token not in page, "who photographs the QR gets no power over the registration"
    assert "anna@example.org" not in page


def test_ticket_page_speaks_the_language_of_its_bearer(client, event):
    bea = make_registration(event, language="en")
    assert "Show this at the entrance." in client.get(f"/t/{tickets.ticket_of(bea)}").content.decode()


def test_ticket_page_takes_few_queries(client, anna, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(f"/t/{tickets.ticket_of(anna)}")


def test_ticket_page_offers_changes_to_the_owners_browser(client, anna):
    client.get(page_of(anna))
    assert page_of(anna) in client.get(f"/t/{tickets.ticket_of(anna)}").content.decode()


def test_ticket_page_sends_the_link_to_the_owner_only(client, anna):
    page = client.post(f"/t/{tickets.ticket_of(anna)}", follow=True).content.decode()
    assert anna.token not in page
    assert Delivery.objects.get().email == "anna@example.org"


@pytest.mark.parametrize(
    ("ending", "words"),
    [("cancelled", "è stata annullata"), ("replaced", "uno più recente"), ("handed_over", "un’altra persona")],
)
def test_ticket_that_no_longer_counts_says_why_and_names_nobody(client, anna, ending, words):
    ticket = tickets.ticket_of(anna)
    if ending == "cancelled":
        changing.cancel(registration=anna)
    elif ending == "replaced":
        Registration.objects.filter(pk=anna.pk).update(ticket_version=2)
    else:
        handover = handing_over.offer(registration=anna, first_name="Bea", email="bea@example.org")
        handing_over.accept(handover=handover, first_name="Bea", consents={"privacy": True})
    response = client.get(f"/t/{ticket}")
    page = response.content.decode()
    assert response.status_code == 410
    assert words in page
    assert anna.name not in page
    assert "Bea" not in page
    assert anna.token not in page
    assert client.post(f"/t/{ticket}").status_code == 410


@pytest.mark.parametrize("ending", ["forged", "code", "nonsense"])
def test_ticket_that_is_none_is_not_found(client, anna, ending):
    ticket = tickets.ticket_of(anna)
    ticket = {"forged": ticket[:-4] + "AAAA", "code": anna.code, "nonsense": "è/%00"}[ending]
    response = client.get(f"/t/{ticket}")
    assert response.status_code == 404
    assert anna.name not in response.content.decode()


def test_ticket_qr_is_read_by_another_decoder(anna):
    zxingcpp = pytest.importorskip("zxingcpp")
    from PIL import Image

    from registrations.documents import qr

    image = Image.open(io.BytesIO(qr.png(tickets.ticket_url(anna))))
    assert [one.text for one in zxingcpp.read_barcodes(image)] == [tickets.ticket_url(anna)]


@pytest.fixture
def offered(programme):
    event = make_event(programme, in_person_capacity=1)
    holder = make_registration(event)
    first, second = in_line(event, 2)
    changing.cancel(registration=holder)
    first.refresh_from_db()
    return first, second


def test_offer_is_accepted_by_its_button_and_not_by_its_link(client, offered):
    first, _second = offered
    page = client.get(f"/iscrizioni/{first.token}/offerta/").content.decode()
    assert "Sì, ci sono" in page
    first.refresh_from_db()
    assert first.state == "offered"
    assert "Rispondi sì o no" in client.get(f"/iscrizioni/{first.token}/").content.decode()
    client.post(f"/iscrizioni/{first.token}/offerta/", {"answer": "yes"})
    first.refresh_from_db()
    assert first.state == "confirmed"


def test_offer_that_went_on_says_so(client, offered):
    first, second = offered
    client.post(f"/iscrizioni/{first.token}/offerta/", {"answer": "no"})
    second.refresh_from_db()
    assert second.state == "offered"
    page = client.post(f"/iscrizioni/{first.token}/offerta/", {"answer": "yes"}, follow=True).content.decode()
    assert "Hai lasciato questo posto alla persona dopo di te" in page
    first.refresh_from_db()
    assert first.state == "cancelled"


def test_person_in_line_says_that_either_mode_will_do(client, programme):
    event = make_event(programme, in_person_capacity=1, online_capacity=1)
    make_registration(event)
    make_registration(event, mode="online")
    (waiting,) = in_line(event)
    page = client.get(f"/iscrizioni/{waiting.token}/").content.decode()
    assert "numero 1" in page
    assert "Mi va bene anche un posto online" in page
    client.post(f"/iscrizioni/{waiting.token}/lista/", {"other": "yes"})
    waiting.refresh_from_db()
    assert waiting.accepts_other_mode
    assert "Solo in presenza, per favore" in client.get(f"/iscrizioni/{waiting.token}/").content.decode()


def test_mode_can_no_longer_be_changed_after_the_deadline(client, programme):
    registration = make_registration(make_event(programme, changes_close_at=timezone.now() - timedelta(hours=1)))
    assert "Passa a online" not in client.get(f"/iscrizioni/{registration.token}/").content.decode()
    page = client.post(f"/iscrizioni/{registration.token}/modo/", {"mode": "online"}, follow=True)
    assert "Il tempo per le modifiche è finito" in page.content.decode()
    registration.refresh_from_db()
    assert registration.mode == "in_person"


def test_link_that_was_replaced_makes_nobody_the_owner(client, anna):
    client.get(page_of(anna))
    page = reverse("registrations:ticket", args=[tickets.ticket_of(anna)])
    assert f"/iscrizioni/{anna.token}/" in client.get(page).content.decode()
    Registration.objects.filter(pk=anna.pk).update(token="another")
    assert "/iscrizioni/another/" not in client.get(page).content.decode()


def test_changes_by_the_link_are_limited(client, anna):
    client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    for number in range(22):
        client.post(f"/iscrizioni/{anna.token}/modo/", {"mode": ["online", "in_person"][number % 2]})
    assert Delivery.objects.filter(email=anna.email).count() <= 20
    page = client.post(f"/iscrizioni/{anna.token}/modo/", {"mode": "online"}, follow=True).content.decode()
    assert "Riprova fra un" in page
