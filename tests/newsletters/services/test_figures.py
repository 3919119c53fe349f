"""Links that say which newsletter they stand in, and counts of visits that say nothing about anybody."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from mail.models import Message
from mail.services import outbox
from newsletters.models import VisitCount
from newsletters.services import composing, figures, scheduling, sending
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
