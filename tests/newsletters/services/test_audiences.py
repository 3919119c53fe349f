"""Who gets it, who does not, and why: the sums always add up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Suppression
from newsletters.models import Subscription
from newsletters.services.audiences import REASONS, Audience, candidates, reach, reason_of
from registrations.models import Group
from tests.make import (
    make_event,
    make_newsletter,
    make_organisation,
    make_programme,
    make_registration,
    make_staff,
    make_subscription,
)


def addresses(programme, **narrowing):
    """Who is in the audience, by the first part of the address."""
    found = candidates(programme, Audience(**narrowing)).values_list("email", flat=True)
    return {email.partition("@")[0] for email in found}


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
        (Audience(provinces=("pisa",)), 2, {"suppressed": 1}),
        (Audience(provinces=("pisa", "lucca")), 2, {"unconfirmed": 1, "unsubscribed": 1, "suppressed": 1}),
        (Audience(language="en"), 1, {}),
        (Audience(provinces=("lucca",)), 0, {"unconfirmed": 1, "unsubscribed": 1, "suppressed": 1}),
        (Audience(provinces=("siena",)), 0, {"suppressed": 1}),
        (Audience(language="xx"), 0, {}),
        (Audience(events=("deleted",)), 0, {}),
        (Audience(organisation_kinds=("gone",)), 0, {}),
    ],
)
def test_reach_by_audience(programme, audience, recipients, left_out, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = reach(programme, audience)
    assert (found.recipients, found.left_out) == (recipients, left_out)
    assert found.candidates == recipients + sum(left_out.values())
    assert all(str(reason) for _number, reason in found.reasons)


@pytest.mark.usefixtures("readers")
def test_reach_by_event_is_who_registered_for_it_and_subscribed(programme):
    event = make_event(programme, slug="seminario-pisa")
    make_registration(event, email="anna@example.org")
    make_registration(event, email="not.subscribed@example.org")
    make_registration(make_event(programme), email="dead@example.org")
    assert reach(programme, Audience(events=("seminario-pisa",))).recipients == 1


@pytest.fixture
def parts(programme, pisa):
    """Readers called after what they did: in the seminar that is over, in one to come, or by whom they belong to."""
    now = timezone.now()
    over = make_event(programme, slug="finito", starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1))
    lab = make_event(programme, slug="laboratorio", kind="lab")
    make_organisation(programme, "CNA Toscana")
    for name in ("came", "absent", "coming", "leads", "may.lead", "partner", "worker", "waiting", "stranger"):
        make_subscription(programme, email=f"{name}@example.org")
    make_registration(over, email="came@example.org", entered_at=over.starts_at)
    make_registration(over, email="absent@example.org")
    make_registration(lab, email="coming@example.org")
    make_registration(lab, email="waiting@example.org", state="waiting")
    make_registration(lab, email="partner@example.org", organisation=" cna TOSCANA ")
    make_staff(programme, "viewer", email="worker@example.org", organisation="CNA Toscana")
    make_staff(programme, "facilitator", pisa, email="may.lead@example.org")
    leader = make_staff(programme, "facilitator", pisa, email="leads@example.org")
    Group.objects.create(event=lab, number=1, facilitator=leader)


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize(
    ("narrowing", "found"),
    [
        ({"parts": ("registered",)}, {"came", "absent", "coming", "partner"}),
        ({"parts": ("present",)}, {"came"}),
        ({"parts": ("absent",)}, {"absent"}),
        ({"parts": ("facilitator",)}, {"leads", "may.lead"}),
        ({"parts": ("partner",)}, {"partner", "worker"}),
        ({"parts": ("present", "facilitator")}, {"came", "leads", "may.lead"}),
        ({"parts": ("present", "gone")}, {"came"}),
        ({"parts": ("gone",)}, set()),
        ({"events": ("finito",)}, {"came", "absent"}),
        ({"events": ("finito", "deleted")}, {"came", "absent"}),
        ({"events": ("finito",), "parts": ("absent",)}, {"absent"}),
        ({"events": ("laboratorio",), "parts": ("absent",)}, set()),
        ({"events": ("laboratorio",), "parts": ("facilitator",)}, {"leads"}),
        ({"events": ("finito",), "parts": ("facilitator",)}, set()),
        ({"events": ("laboratorio",), "parts": ("partner",)}, {"partner"}),
        ({"events": ("finito", "laboratorio"), "parts": ("registered",)}, {"came", "absent", "coming", "partner"}),
    ],
)
def test_candidates_by_part(programme, narrowing, found):
    assert addresses(programme, **narrowing) == found


def test_candidates_by_part_know_nobody_of_another_programme(programme):
    other = make_programme(is_current=False)
    make_organisation(other, "CNA Toscana")
    make_staff(other, "facilitator", email="anna@example.org", organisation="CNA Toscana")
    event = make_event(other, slug="altrove")
    make_registration(event, email="anna@example.org", entered_at=event.starts_at, organisation="CNA Toscana")
    make_subscription(programme, email="anna@example.org")
    for part in ("registered", "present", "absent", "facilitator", "partner"):
        assert addresses(programme, parts=(part,)) == set()
    assert addresses(programme, events=("altrove",)) == set()


@pytest.mark.parametrize("number", [1, 3])
def test_reach_is_one_query_however_many_and_whatever_is_ticked(programme, number, django_assert_num_queries):
    event = make_event(programme, slug="seminario")
    for place in range(number):
        make_registration(event, email=f"anna{place}@example.org")
        make_subscription(programme, email=f"anna{place}@example.org", organisation_kind="union")
    everything = Audience(
        ("pisa",), ("seminario",), ("registered", "present", "absent", "facilitator", "partner"), ("union",), "it",
        "events",
    )  # fmt: skip
    with django_assert_num_queries(1):
        assert reach(programme, everything).recipients == number


def test_candidates_by_where_they_work(programme):
    make_subscription(programme, email="anna@example.org", organisation_kind="company")
    make_subscription(programme, email="beth@example.org", organisation_kind="union")
    make_subscription(programme, email="carol@example.org")
    assert addresses(programme, organisation_kinds=("company", "union")) == {"anna", "beth"}


def test_who_chose_other_topics_is_left_out_and_says_so(programme):
    make_subscription(programme, email="all@example.org")
    make_subscription(programme, email="this@example.org", topics=["results", "events"])
    make_subscription(programme, email="other@example.org", topics=["results"])
    make_subscription(programme, email="gone@example.org", topics=["no longer a topic"])
    found = candidates(programme, Audience(topic="events"))
    assert {one.email.partition("@")[0] for one in found if one.left_out == "other_topics"} == {"other", "gone"}
    assert {str(reason_of(one)) for one in found} == {"", str(REASONS["other_topics"])}
    assert reach(programme, Audience()).left_out == {}
    counted = reach(programme, Audience(topic="events"))
    assert (counted.recipients, counted.left_out, counted.candidates) == (2, {"other_topics": 2}, 4)


def test_who_left_and_chose_other_topics_has_one_reason(programme):
    make_subscription(programme, topics=["results"], state="ended", ended_at=timezone.now())
    dead = make_subscription(programme, topics=["events"])
    Suppression.objects.create(email=dead.email, reason="bounced")
    assert reach(programme, Audience(topic="events")).left_out == {"unsubscribed": 1, "suppressed": 1}


def test_reach_counts_nobody_of_another_programme(programme):
    make_subscription(make_programme(is_current=False))
    assert reach(programme, Audience()).candidates == 0


def test_audience_is_kept_and_read_again(programme):
    audience = Audience(("pisa",), ("seminario",), ("present",), ("union",), "en")
    newsletter = make_newsletter(programme, audience=audience.as_json(), topic="results")
    newsletter.refresh_from_db()
    assert Audience.of(newsletter).as_json() == audience.as_json()
    assert Audience.of(newsletter).topic == "results"


@pytest.mark.parametrize(
    "kept",
    [
        [], None, "pisa", {"provinces": "pisa"}, {"provinces": [1, None, "pi\0sa"]}, {"events": {"a": 1}},
        {"parts": 7, "language": ["it"]}, {"organisation_kinds": [["union"]], "colour": "red"},
    ],
)  # fmt: skip
def test_stored_audience_that_nobody_understands_breaks_nothing(programme, kept):
    make_subscription(programme)
    counted = reach(programme, Audience.read(kept))
    assert counted.candidates in {0, 1}


def test_search_wants_every_word(programme):
    make_subscription(programme, first_name="Anna", last_name="Verdi", email="av@example.org")
    make_subscription(programme, first_name="Anna", last_name="Rossi", email="ar@example.org")
    assert Subscription.objects.search("anna verdi").count() == 1
    assert Subscription.objects.search("ar@ anna\0").count() == 1
    assert Subscription.objects.search("").count() == 2
