"""Draft, checked, approved, and back to draft when the words change."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletters.models import Newsletter
from newsletters.services import NewsletterError, approving, checking, outside, scheduling, writing
from newsletters.services.audiences import Audience
from tests.make import both, make_newsletter, make_subscription

State = Newsletter.State
DEAD = both("[qui](/nessuna-pagina/)", "")


@pytest.fixture
def luglio(programme):
    make_subscription(programme)
    return make_newsletter(programme, slug="luglio")


@pytest.fixture
def strict(programme):
    approving.set_rules(programme=programme, needs_approval=True, ask_after_hours=12)
    return programme


def refused(code, act, **arguments):
    before = Newsletter.objects.values().get()
    with pytest.raises(NewsletterError) as refusal:
        act(**arguments)
    assert refusal.value.code == code
    assert Newsletter.objects.values().get() == before
    return refusal.value


def rewrite(newsletter, **over):
    newsletter.refresh_from_db()
    words = {"subject": newsletter.subject, "body": newsletter.body, "audience": Audience.of(newsletter)}
    return writing.save(newsletter=newsletter, version=newsletter.version, **words | over)


def tomorrow():
    return timezone.now() + timedelta(days=1)


def test_check_makes_a_draft_checked_and_says_by_whom(luglio, cast):
    assert checking.check(newsletter=luglio, by=cast.nora) == []
    assert (luglio.state, luglio.checked_by, luglio.checked_at is None) == (State.CHECKED, cast.nora, False)


def test_check_that_finds_something_blocking_stays_a_draft(programme, cast):
    make_subscription(programme)
    newsletter = make_newsletter(programme, body=DEAD, subject=both("Oggetto", ""))
    (dead,) = checking.check(newsletter=newsletter, by=cast.nora)
    assert (newsletter.state, newsletter.checked_at) == (State.DRAFT, None)
    assert newsletter.findings == [dead.as_json()]


def test_check_of_other_words_than_were_read_is_refused(luglio):
    refused("changed", checking.check, newsletter=luglio, version=7)


@pytest.mark.parametrize("act", [scheduling.send_now, scheduling.schedule])
def test_what_blocks_holds_it_back(programme, act):
    newsletter = make_newsletter(programme, body=DEAD, subject=both("Oggetto", ""))
    when = {"send_at": tomorrow()} if act is scheduling.schedule else {}
    error = refused("findings", act, newsletter=newsletter, **when)
    assert "/nessuna-pagina/" in error.message
    assert "body_it" in error.fields


def test_scheduling_a_draft_checks_it(luglio, cast):
    scheduling.schedule(newsletter=luglio, send_at=tomorrow(), by=cast.nora)
    assert (luglio.state, luglio.checked_by) == (State.SCHEDULED, cast.nora)


def test_approval_is_needed_where_the_programme_asks(luglio, strict, cast):
    refused("needs_approval", scheduling.send_now, newsletter=luglio)
    refused("not_checked", approving.approve, newsletter=luglio, by=cast.carla)
    checking.check(newsletter=luglio, by=cast.nora)
    refused("needs_approval", scheduling.schedule, newsletter=luglio, send_at=tomorrow())
    refused("same_person", approving.approve, newsletter=luglio, by=cast.nora)
    refused("not_allowed", approving.approve, newsletter=luglio, by=cast.piero)
    refused("changed", approving.approve, newsletter=luglio, by=cast.carla, version=5)
    approving.approve(newsletter=luglio, by=cast.carla, version=1)
    approving.approve(newsletter=luglio, by=cast.carla)
    assert (luglio.state, luglio.approved_by) == (State.APPROVED, cast.carla)
    scheduling.schedule(newsletter=luglio, send_at=tomorrow(), by=cast.nora)
    scheduling.schedule(newsletter=luglio, send_at=tomorrow(), by=cast.nora)
    assert luglio.state == State.SCHEDULED


def test_who_wrote_it_last_cannot_approve(luglio, strict, cast):
    luglio.versions.create(number=1, subject=luglio.subject, body=luglio.body, saved_by=cast.carla)
    checking.check(newsletter=luglio, by=cast.nora)
    refused("same_person", approving.approve, newsletter=luglio, by=cast.carla)


@pytest.mark.parametrize("over", [{"body": both("Altro", "")}, {"audience": Audience(language="it")}])
def test_change_of_words_or_audience_undoes_check_and_approval(luglio, strict, cast, over):
    checking.check(newsletter=luglio, by=cast.nora)
    approving.approve(newsletter=luglio, by=cast.carla)
    kept = rewrite(luglio, **over)
    assert (kept.state, kept.checked_at, kept.approved_at, kept.approved_by) == (State.DRAFT, None, None, None)


def test_saving_the_same_words_undoes_nothing(luglio, strict, cast):
    checking.check(newsletter=luglio, by=cast.nora)
    assert rewrite(luglio).state == State.CHECKED


def test_change_takes_an_approved_one_off_the_schedule(luglio, strict, cast):
    checking.check(newsletter=luglio, by=cast.nora)
    approving.approve(newsletter=luglio, by=cast.carla)
    scheduling.schedule(newsletter=luglio, send_at=tomorrow(), by=cast.nora)
    kept = rewrite(luglio, body=both("Altro", ""))
    assert (kept.state, kept.send_at, kept.approved_at) == (State.DRAFT, None, None)


def test_change_without_approval_stays_scheduled_or_is_refused(luglio, cast):
    scheduling.schedule(newsletter=luglio, send_at=tomorrow(), by=cast.nora)
    assert rewrite(luglio, body=both("Altro", "Other")).state == State.SCHEDULED
    luglio.refresh_from_db()
    before = Newsletter.objects.values().get()
    with pytest.raises(NewsletterError) as refusal:
        rewrite(luglio, body=DEAD)
    assert (refusal.value.code, list(refusal.value.fields)) == ("findings", ["body_it"])
    assert Newsletter.objects.values().get() == before


def test_unscheduling_undoes_check_and_approval(luglio, strict, cast):
    checking.check(newsletter=luglio, by=cast.nora)
    approving.approve(newsletter=luglio, by=cast.carla)
    scheduling.schedule(newsletter=luglio, send_at=tomorrow())
    scheduling.unschedule(newsletter=luglio)
    assert (luglio.state, luglio.checked_at, luglio.approved_at) == (State.DRAFT, None, None)


def test_answers_of_other_sites_are_kept_as_long_as_the_link_is_there(luglio):
    address = "https://127.0.0.1.invalid/pagina"
    kept = rewrite(luglio, subject=both("Luglio", ""), body=both(f"[qui]({address})", ""))
    assert [one.code for one in checking.check_links(newsletter=kept)] == ["unreachable_outside"]
    checking.check(newsletter=kept)
    assert "unreachable_outside" in [one["code"] for one in kept.findings]
    kept = rewrite(luglio, body=both("Senza link", ""))
    assert "unreachable_outside" not in [one.code for one in checking.findings(kept)]
    assert outside.ask([]) == {}
