import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from i18nfield.strings import LazyI18nString

from mail.composing import compose
from mail.models import Delivery, Suppression
from mail.services import outbox
from registrations.models import Announcement, Group
from registrations.services import RegistrationError, announcing, correspondence, notices
from registrations.services.announcing import Choice
from tests.make import both, make_announcement, make_event, make_registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme, pisa):
    return make_event(programme, kind="lab", territory=pisa)


def names(announcement, by) -> set[str]:
    return {one.first_name for one in announcing.recipients(announcing.people(announcement, by))}


def send(announcement, by, expected=None):
    number = announcing.reach(announcing.people(announcement, by)).recipients if expected is None else expected
    return announcing.send(announcement=announcement, by=by, expected=number)


def test_filters_choose_whom_it_is_for(programme, event, lucca, cast):
    table = Group.objects.create(event=event, number=1)
    make_registration(event, first_name="Anna", group=table, entered_at=event.starts_at)
    make_registration(event, first_name="Bea", mode="online")
    make_registration(event, first_name="Carla", state="waiting")
    make_registration(event, first_name="Dora", state="waiting", email_confirmed_at=None)
    make_registration(event, first_name="Elena", state="pending", held_until=event.starts_at, email_confirmed_at=None)
    make_registration(event, first_name="Franca", state="cancelled", cancelled_at=event.starts_at)
    other = make_event(programme, kind="seminar", territory=lucca)
    make_registration(other, first_name="Gaia")
    for choice, expected in [
        (Choice(), {"Anna", "Bea", "Gaia"}),
        (Choice(state=""), {"Anna", "Bea", "Carla", "Gaia"}),
        (Choice(state="waiting"), {"Carla"}),
        (Choice(mode="online"), {"Bea"}),
        (Choice(province="lucca"), {"Gaia"}),
        (Choice(kind="lab"), {"Anna", "Bea"}),
        (Choice(events=[other.pk]), {"Gaia"}),
        (Choice(presence="yes"), {"Anna"}),
        (Choice(presence="no"), {"Bea", "Gaia"}),
        (Choice(group=table.pk), {"Anna"}),
        (Choice(state="cancelled"), {"Anna", "Bea", "Carla", "Gaia"}),
    ]:
        announcement = Announcement(programme=programme, choice=choice.as_json())
        assert names(announcement, cast.carla) == expected, choice


def test_organiser_reaches_only_her_province(programme, event, lucca, cast):
    make_registration(event, first_name="Anna")
    make_registration(make_event(programme, territory=lucca), first_name="Gaia")
    everywhere = Announcement(programme=programme, choice=Choice().as_json())
    assert names(everywhere, cast.carla) == {"Anna", "Gaia"}
    assert names(everywhere, cast.piero) == {"Anna"}
    assert names(everywhere, cast.vito) == set()
    of_pisa = make_announcement(event)
    of_all = Announcement.objects.create(programme=programme, subject=both("A tutte", ""), body=both("Ciao", ""))
    assert set(Announcement.objects.visible_to(cast.piero)) == {of_pisa}
    assert set(Announcement.objects.visible_to(cast.lucia)) == set()
    assert set(Announcement.objects.visible_to(cast.carla)) == {of_pisa, of_all}


def test_who_is_left_out_is_counted_with_the_reason(programme, event, cast, django_assert_num_queries):
    make_registration(event, email="anna@example.org")
    again = make_registration(make_event(programme), email="anna@example.org", language="en")
    make_registration(event, email="bea@example.org", language="en")
    make_registration(event, email="")
    silent = make_registration(event)
    Suppression.objects.create(email=silent.email, reason=Suppression.Reason.BOUNCED)
    chosen = announcing.people(Announcement(programme=programme, choice={}), cast.carla)
    with django_assert_num_queries(2):
        reach = announcing.reach(chosen)
    assert (reach.recipients, reach.left_out_total) == (2, 3)
    assert [number for number, _reason in reach.left_out] == [1, 1, 1]
    assert reach.by_language == {"it": 1, "en": 1}
    assert again not in announcing.recipients(chosen)


def test_sent_once_however_often_the_button_is_pressed(event, cast):
    for _ in range(3):
        make_registration(event)
    announcement = make_announcement(event)
    for _ in range(3):
        sent = send(announcement, cast.piero, expected=3)
    deliveries = Delivery.objects.filter(message__kind=announcing.KIND)
    assert (deliveries.count(), deliveries.values("email").distinct().count()) == (3, 3)
    assert sent.sent_at
    assert announcing.progress([sent]) == {sent.pk: {"owed": 3, "sent": 0, "open": 3, "failed": 0}}


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_send_once(event, cast):
    for _ in range(3):
        make_registration(event)
    announcement, gate = make_announcement(event), threading.Barrier(2)

    def press():
        try:
            gate.wait()
            send(announcement, cast.piero, expected=3)
        finally:
            connections.close_all()

    both_hands = [threading.Thread(target=press) for _ in range(2)]
    for one in both_hands:
        one.start()
    for one in both_hands:
        one.join()
    assert Delivery.objects.filter(message__kind=announcing.KIND).count() == 3


def test_copy_speaks_the_persons_language_says_why_and_links_to_her_registration(event, cast):
    anna = make_registration(event, first_name="Anna & Co", email="anna@example.org")
    bea = make_registration(event, first_name="Bea", email="bea@example.org", language="en")
    send(make_announcement(event), cast.piero)
    italian, english = (Delivery.objects.select_related("message").get(email=one.email) for one in (anna, bea))
    raw = compose(italian).decode().replace("=\r\n", "")
    assert "Subject: Da dove si entra" in raw
    assert "Anna & Co, cerca la porta verde." in raw
    assert "Anna &amp; Co, cerca la <strong>porta verde</strong>." in raw
    assert f"/iscrizioni/{anna.token}/" in raw
    assert "Seminario di prova" in raw
    raw = compose(english).decode().replace("=\r\n", "")
    assert "Bea, look for the green door." in raw
    assert f"/en/registrations/{bea.token}/" in raw
    assert "Trial seminar" in raw
    assert italian.message.reply_to == event.programme.contact_email
    assert italian in correspondence.mails_of(anna)


def test_tickets_leave_before_and_newsletters_after(event, cast):
    one = make_registration(event)
    send(make_announcement(event), cast.piero)
    notices.send_ticket(one)
    notice, ticket = Delivery.objects.order_by("pk")
    assert Delivery.Priority.BULK < notice.priority < ticket.priority == Delivery.Priority.SERVICE
    assert next(iter(Delivery.objects.due())) == ticket


@pytest.mark.parametrize(("expected", "code"), [(2, "changed"), (0, "nobody")])
def test_other_number_than_agreed_to_sends_nothing(event, cast, expected, code):
    if code == "changed":
        make_registration(event)
    announcement = make_announcement(event)
    with pytest.raises(RegistrationError) as refusal:
        send(announcement, cast.piero, expected=expected)
    assert refusal.value.code == code
    announcement.refresh_from_db()
    assert announcement.sent_at is None
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("subject", "body", "fields"),
    [
        (both("", "Only English"), both("Testo", ""), {"subject"}),
        (both("Oggetto", ""), both("  ", "Text"), {"body"}),
        (both("Oggetto", ""), both("Il tuo link: %%token%%", ""), {"body"}),
        (both("Oggetto", ""), both("Ciao %%first name%%", ""), {"body"}),
        (both("Oggetto %%email%%", ""), both("Testo", "%%Nome%%"), {"subject", "body"}),
        (both("Due\nrighe", ""), both("Testo", ""), {"subject"}),
        (both("Oggetto", ""), both("[" * 10_001, ""), {"body"}),
    ],
)
def test_words_that_cannot_leave_are_refused_at_their_field(event, cast, subject, body, fields):
    announcement = make_announcement(event)
    with pytest.raises(RegistrationError) as refusal:
        announcing.save(announcement=announcement, choice=Choice(), subject=subject, body=body, by=cast.piero)
    assert (refusal.value.code, refusal.value.fields.keys()) == ("invalid", fields)
    announcement.refresh_from_db()
    assert announcement.subject == LazyI18nString({"it": "Da dove si entra", "en": "Where to come in"})


def test_what_was_sent_is_neither_changed_nor_thrown_away(event, cast):
    make_registration(event)
    announcement = make_announcement(event)
    send(announcement, cast.piero)
    words = {"subject": both("Altro", ""), "body": both("Altro", "")}
    for refused in (
        lambda: announcing.save(announcement=announcement, choice=Choice(), by=cast.piero, **words),
        lambda: announcing.discard(announcement=announcement),
    ):
        with pytest.raises(RegistrationError) as refusal:
            refused()
        assert refusal.value.code == "sent"
    assert str(Announcement.objects.get().subject) == "Da dove si entra"


def test_sending_to_300_asks_nothing_for_each_of_them(programme, cast):
    asked = []
    for number in (1, 300):
        event = make_event(programme, in_person_capacity=400)
        for _ in range(number):
            make_registration(event)
        announcement = make_announcement(event)
        with CaptureQueriesContext(connection) as queries:
            announcing.send(announcement=announcement, by=cast.carla, expected=number)
        asked.append(len(queries))
    assert Delivery.objects.count() == 301
    assert asked[1] <= asked[0] + 10, "only the batches of one statement"


def test_deliveries_of_many_leave_a_key_that_is_there(event):
    message = outbox.add_message(kind=announcing.KIND, language="it", subject="Ciao", text="Ciao")
    for address in ("anna@example.org", "bea@example.org"):
        outbox.add_deliveries([outbox.a_delivery(key="once", message=message, to=address)])
    assert Delivery.objects.get().email == "anna@example.org"
