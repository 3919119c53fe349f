"""Links that say which newsletter they stand in, and counts of visits that say nothing about anybody."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from mail.models import Delivery, Feedback, Message
from mail.services import outbox
from newsletters.models import Proof, VisitCount
from newsletters.services import composing, figures, scheduling, sending, subscriptions
from programmes.indicators import INDICATORS
from tests.make import both, make_newsletter, make_subscription


@pytest.fixture
def luglio(programme):
    mailing = outbox.open_mailing(key="newsletter:luglio")[0]
    return make_newsletter(programme, slug="luglio", state="sent", sent_at=timezone.now(), mailing=mailing)


@pytest.mark.parametrize(
    ("address", "marked"),
    [
        ("http://testserver/eventi/", "http://testserver/eventi/?n=luglio"),
        ("http://testserver/", "http://testserver/?n=luglio"),
        ("http://testserver/eventi/?province=pisa#map", "http://testserver/eventi/?province=pisa&n=luglio#map"),
        ("http://testserver/en/events/lab-pisa/", "http://testserver/en/events/lab-pisa/?n=luglio"),
    ],
)
def test_link_to_our_own_page_says_the_newsletter(luglio, address, marked):
    assert figures.tagged(address, luglio) == marked


@pytest.mark.parametrize(
    "address",
    [
        "https://www.regione.toscana.it/",
        "http://testserver.example.org/",
        "http://testserver/newsletter/preferenze/%%token%%/",
        "http://testserver/media/newsletters/piazza.jpg",
        "http://testserver/eventi.ics",
        "http://testserver/t/abc",
        "mailto:info@vlt.example",
    ],
)
def test_other_links_stay_as_they_are(luglio, address):
    assert figures.tagged(address, luglio) == address


def test_copies_of_all_readers_carry_the_same_marks_and_their_own_links_none(programme):
    for name in ("anna", "beth"):
        make_subscription(programme, email=f"{name}@example.org")
    newsletter = make_newsletter(
        programme, slug="luglio", body=both("[Iscriviti](/eventi/?province=pisa) o [leggi](https://example.org/)", "")
    )
    scheduling.send_now(newsletter=newsletter)
    sending.start(newsletter.pk)
    message = Message.objects.get(mailing__key=f"newsletter:{newsletter.pk}", language="it")
    assert 'href="http://testserver/eventi/?province=pisa&amp;n=luglio"' in message.html
    assert 'href="http://testserver/newsletter/luglio/?n=luglio"' in message.html
    assert 'href="http://testserver/newsletter/preferenze/%%token%%/"' in message.html
    assert 'href="http://testserver/newsletter/disiscriviti/%%token%%/"' in message.html
    assert 'href="https://example.org/"' in message.html
    assert "n=luglio" not in message.text
    assert "n=luglio" not in composing.web_version(newsletter, "it").body


def test_visits_of_a_page_on_a_day_are_one_row_in_one_statement(luglio, django_assert_num_queries):
    for _visit in range(3):
        with django_assert_num_queries(1):
            figures.count_visit(slug="luglio", page="/eventi/")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        figures.count_visit(slug="luglio", page="/eventi/")
    figures.count_visit(slug="luglio", page="/")
    today = timezone.localdate()
    kept = VisitCount.objects.order_by("day", "page").values_list("newsletter__slug", "day", "page", "number")
    tomorrow = today + timedelta(days=1)
    assert list(kept) == [
        ("luglio", today, "/", 1),
        ("luglio", today, "/eventi/", 3),
        ("luglio", tomorrow, "/eventi/", 1),
    ]


def test_nothing_is_counted_for_unknown_or_unsent_newsletters_or_endless_addresses(luglio, programme):
    make_newsletter(programme, slug="agosto")
    figures.count_visit(slug="agosto", page="/")
    figures.count_visit(slug="never-heard-of", page="/")
    figures.count_visit(slug="luglio", page="/" + "x" * 200)
    assert not VisitCount.objects.exists()


def sent(programme, slug, days_ago, readers, **over):
    """A newsletter that left `days_ago` to `readers`, each with a copy that was accepted."""
    moment = timezone.now() - timedelta(days=days_ago)
    newsletter = make_newsletter(programme, slug=slug, **over)
    with time_machine.travel(moment, tick=False):
        scheduling.send_now(newsletter=newsletter)
        newsletter = sending.start(newsletter.pk)
    Delivery.objects.filter(message__mailing=newsletter.mailing).exclude(state="excluded").update(
        state="sent", sent_at=moment
    )
    assert Delivery.objects.filter(message__mailing=newsletter.mailing, state="sent").count() == len(readers)
    return newsletter


def copy_of(newsletter, subscription):
    return Delivery.objects.get(key=f"newsletter:{newsletter.pk}:{subscription.pk}")


def came_back(delivery, kind, number=1):
    digest = f"{delivery.pk}-{kind}-{number}"
    return Feedback.objects.create(delivery=delivery, email=delivery.email, kind=kind, source="mailbox", digest=digest)


def test_figures_count_copies_returns_and_visits(programme):
    readers = [make_subscription(programme) for _number in range(4)]
    luglio = sent(programme, "luglio", 5, readers)
    refused, doubtful, bounced, angry = (copy_of(luglio, reader) for reader in readers)
    Delivery.objects.filter(pk=refused.pk).update(state="failed")
    Delivery.objects.filter(pk=doubtful.pk).update(state="uncertain")
    came_back(refused, "hard")  # said at once: it is counted as refused
    came_back(bounced, "hard")
    came_back(bounced, "hard", number=2)
    came_back(bounced, "blocked")
    came_back(bounced, "soft")
    came_back(angry, "complaint")
    figures.count_visit(slug="luglio", page="/")
    [it] = figures.table(programme)
    assert (it.recipients, it.accepted, it.refused, it.in_doubt) == (4, 2, 1, 1)
    assert (it.came_back, it.delayed, it.complaints, it.visits) == (1, 1, 1, 1)


def test_who_left_counts_for_the_newsletter_before_if_it_was_addressed_to_them(programme):
    before = make_subscription(programme)
    anna, beth, carla = readers = [make_subscription(programme) for _number in range(3)]
    subscriptions.unsubscribe(subscription=before)
    Proof.objects.filter(subscription=before).update(ended_at=timezone.now() - timedelta(days=90))
    sent(programme, "marzo", 60, readers)
    with time_machine.travel(timezone.now() - timedelta(days=30)):
        subscriptions.unsubscribe(subscription=anna)
        new = make_subscription(programme)
        subscriptions.unsubscribe(subscription=new)
    sent(programme, "luglio", 5, [beth, carla])
    subscriptions.unsubscribe(subscription=beth)
    assert [(it.newsletter.slug, it.unsubscribed) for it in figures.table(programme)] == [("luglio", 1), ("marzo", 1)]


@pytest.mark.parametrize("number", [1, 3])
def test_table_asks_the_database_the_same_for_more(programme, number, django_assert_num_queries):
    readers = [make_subscription(programme)]
    for one in range(number):
        sent(programme, f"numero-{one}", one + 1, readers)
    with django_assert_num_queries(5):
        assert len(figures.table(programme)) == number


def test_visits_by_day_have_the_days_without_any(luglio):
    with time_machine.travel(luglio.sent_at + timedelta(days=2)):
        figures.count_visit(slug="luglio", page="/")
    first = timezone.localdate(luglio.sent_at)
    days = [first + timedelta(days=number) for number in range(3)]
    assert figures.visits_by_day(luglio) == list(zip(days, [0, 0, 1], strict=True))


def test_visits_of_years_are_drawn_up_to_a_month(luglio):
    with time_machine.travel(luglio.sent_at + timedelta(days=800)):
        figures.count_visit(slug="luglio", page="/")
    assert len(figures.visits_by_day(luglio)) == figures.DAYS


def test_indicators_count_copies_and_visits(programme):
    sent(programme, "luglio", 5, [make_subscription(programme)])
    figures.count_visit(slug="luglio", page="/")
    assert INDICATORS["newsletter_copies"].count(programme) == 1
    assert INDICATORS["newsletter_visits"].count(programme) == 1
