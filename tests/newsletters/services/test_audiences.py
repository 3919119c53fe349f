"""Who gets it, who does not, and why: the sums always add up."""

import pytest
from django.utils import timezone

from mail.models import Suppression
from newsletters.services.audiences import Audience, reach
from tests.make import make_event, make_newsletter, make_registration, make_subscription


@pytest.fixture
def readers(programme, pisa, lucca):
    make_subscription(programme, territory=pisa, email="anna@example.org")
    make_subscription(programme, territory=pisa, language="en")
    make_subscription(programme, territory=lucca, state="pending", confirmed_at=None)
    make_subscription(programme, territory=lucca, state="ended", ended_at=timezone.now())
    make_subscription(programme, email="dead@example.org")
    Suppression.objects.create(email="dead@example.org", reason="complained")


@pytest.mark.usefixtures("readers")
@pytest.mark.parametrize(
    ("audience", "recipients", "left_out"),
    [
        (Audience(), 2, {"unconfirmed": 1, "unsubscribed": 1, "suppressed": 1}),
        (Audience(provinces=("pisa",)), 2, {}),
        (Audience(provinces=("pisa", "lucca")), 2, {"unconfirmed": 1, "unsubscribed": 1}),
        (Audience(language="en"), 1, {}),
        (Audience(provinces=("lucca",)), 0, {"unconfirmed": 1, "unsubscribed": 1}),
        (Audience(provinces=("siena",)), 0, {}),
    ],
)
def test_reach_by_audience(programme, audience, recipients, left_out, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = reach(programme, audience)
    assert (found.recipients, found.left_out) == (recipients, left_out)
    assert found.candidates == recipients + sum(left_out.values())


@pytest.mark.usefixtures("readers")
def test_reach_by_event_is_who_registered_for_it_and_subscribed(programme):
    event = make_event(programme, slug="seminario-pisa")
    make_registration(event, email="anna@example.org")
    make_registration(event, email="not.subscribed@example.org")
    make_registration(make_event(programme), email="dead@example.org")
    assert reach(programme, Audience(events=("seminario-pisa",))).recipients == 1


def test_reach_counts_nobody_of_another_programme(programme):
    from tests.make import make_programme

    make_subscription(make_programme(is_current=False))
    assert reach(programme, Audience()).candidates == 0


def test_audience_is_kept_and_read_again(programme):
    audience = Audience(provinces=("pisa",), language="en")
    newsletter = make_newsletter(programme, audience=audience.as_json())
    newsletter.refresh_from_db()
    assert Audience.of(newsletter) == audience
