"""A mistake put right on the way: who has the first text keeps it, nobody gets both, nobody gets the old one after."""

import pytest
from django.utils import timezone

from mail.composing import compose
from mail.models import Delivery
from mail.services import doubts
from mail.services import sending as outbox
from newsletters.models import Newsletter
from newsletters.services import (
    NewsletterError,
    approving,
    archive,
    composing,
    correcting,
    remaining,
    scheduling,
    sending,
    steering,
)
from newsletters.services import progress as counting
from tests.make import both, make_newsletter, make_subscription
from tests.threads import all_at_once

NEW = {"subject": both("Le notizie, corrette", "The news, corrected"), "body": both("A Lucca.", "In Lucca.")}


@pytest.fixture
def paused(programme):
    """One has got it, one in each language is still to come, one left."""
    for number, language in enumerate(("it", "it", "en")):
        make_subscription(programme, email=f"{number}@example.org", language=language)
    make_subscription(programme, state="ended", ended_at=timezone.now())
    newsletter = make_newsletter(programme, slug="luglio")
    scheduling.send_now(newsletter=newsletter)
    sending.dispatch_due()
    Delivery.objects.filter(email="0@example.org").update(state="sent", sent_at=timezone.now())
    newsletter.refresh_from_db()
    steering.pause(newsletter=newsletter)
    return newsletter


def correct(newsletter, **over):
    values = {"note": "Il seminario è a Lucca.", "version": newsletter.version} | NEW | over
    return correcting.correct(newsletter=newsletter, **values)


def subjects():
    return dict(Delivery.objects.exclude(state="excluded").values_list("email", "message__subject"))


def test_correct_changes_what_is_still_to_come(paused, cast):
    assert correct(paused, by=cast.nora) == 2
    assert subjects() == {
        "0@example.org": "Le notizie di luglio",
        "1@example.org": "Le notizie, corrette",
        "2@example.org": "The news, corrected",
    }
    assert (paused.is_paused, paused.version, paused.corrections[0]["note"]) == (True, 2, "Il seminario è a Lucca.")
    assert counting.adds_up(paused)


def test_figures_say_who_has_which_text(paused):
    correct(paused)
    steering.resume(newsletter=paused)
    outbox.drain(seconds=5)
    numbers = counting.of(paused)
    assert [(one.number, one.sent, one.still_open) for one in numbers.editions] == [(0, 1, 0), (1, 2, 0)]
    assert numbers.was_corrected


def test_twice_corrected_is_the_last(paused):
    correct(paused)
    assert correct(paused, subject=both("Due volte", "Twice")) == 2
    assert set(subjects().values()) == {"Le notizie di luglio", "Due volte", "Twice"}
    assert [one.number for one in counting.of(paused).editions if one.sent + one.still_open] == [0, 2]


def test_copy_in_doubt_that_is_sent_again_is_the_same_copy_after_a_correction(paused):
    in_doubt = Delivery.objects.get(email="1@example.org")
    Delivery.objects.filter(pk=in_doubt.pk).update(state="uncertain")
    before = compose(in_doubt)
    in_doubt = doubts.send_again(delivery=in_doubt, by="Nora")
    assert correct(paused) == 1
    in_doubt = Delivery.objects.get(pk=in_doubt.pk)
    assert (in_doubt.state, compose(in_doubt)) == ("pending", before)


def test_message_that_a_worker_had_taken_leaves_only_with_the_new_text(programme, paused, settings):
    steering.resume(newsletter=paused)
    worker = outbox.Sender(outbox.transport())
    taken = worker.claim()
    steering.pause(newsletter=paused)
    correct(paused)
    steering.resume(newsletter=paused)
    worker.send_all(taken)
    worker.close()
    assert not list(settings.MAIL_DIR.rglob("*.eml"))
    assert set(Delivery.objects.filter(message__subject__contains="corre").values_list("state", "leased_by")) == {
        ("pending", "")
    }
    outbox.drain(seconds=5)
    mails = "".join(path.read_text() for path in settings.MAIL_DIR.rglob("*.eml"))
    assert mails.count("Subject: ") == 2
    assert "Lucca" in mails
    assert "Pisa" not in mails


@pytest.mark.parametrize(
    ("code", "over"),
    [
        ("changed", {"version": 9}),
        ("empty", {"note": " "}),
        ("findings", {"body": both("[qui](/nessuna-pagina/)", "")}),
        ("unknown_place", {"body": both("Ciao %%nickname%%", "")}),
        ("empty", {"subject": both("", "")}),
    ],
)
def test_correct_refused_changes_nothing(paused, code, over):
    before, rows = Newsletter.objects.values().get(), list(Delivery.objects.order_by("pk").values())
    with pytest.raises(NewsletterError) as refusal:
        correct(paused, **over)
    assert refusal.value.code == code
    assert (Newsletter.objects.values().get(), list(Delivery.objects.order_by("pk").values())) == (before, rows)


def test_correct_with_the_same_words_is_refused(paused):
    with pytest.raises(NewsletterError) as refusal:
        correct(paused, subject=paused.subject, body=paused.body)
    assert refusal.value.code == "same"


def test_correct_only_while_paused(paused):
    steering.resume(newsletter=paused)
    with pytest.raises(NewsletterError) as refusal:
        correct(paused)
    assert refusal.value.code == "not_paused"
    assert "Le notizie, corrette" not in subjects().values()


def refused(code, act, **arguments):
    before, rows = Newsletter.objects.values().get(), list(Delivery.objects.order_by("pk").values())
    with pytest.raises(NewsletterError) as refusal:
        act(**arguments)
    assert refusal.value.code == code
    assert (Newsletter.objects.values().get(), list(Delivery.objects.order_by("pk").values())) == (before, rows)


@pytest.fixture
def strict(programme, paused, cast):
    """Paused; Nora checked it, Carla approved it, and the programme asks for two."""
    approving.set_rules(programme=programme, needs_approval=True, ask_after_hours=12)
    now = timezone.now()
    Newsletter.objects.update(checked_by=cast.nora, checked_at=now, approved_by=cast.carla, approved_at=now)
    return Newsletter.objects.select_related("programme", "mailing").get()


def test_pause_alone_asks_nobody_again(strict):
    steering.resume(newsletter=strict)
    assert not strict.is_paused


def test_correction_goes_on_only_after_another_person_said_yes(strict, cast):
    correct(strict, by=cast.carla)
    assert (strict.approved_at, strict.approved_by, strict.correction_waits) == (None, None, True)
    assert str(dict(strict.stages)["sending"]) == "Ferma: correzione da approvare"
    refused("needs_approval", steering.resume, newsletter=strict)
    refused("same_person", approving.approve, newsletter=strict, by=cast.carla)
    refused("changed", approving.approve, newsletter=strict, by=cast.nora, version=strict.version - 1)
    assert (approving.may_approve(strict, cast.carla), approving.may_approve(strict, cast.nora)) == (False, True)
    approving.approve(newsletter=strict, by=cast.nora, version=strict.version)
    assert (strict.state, strict.is_paused, strict.approved_by) == ("sending", True, cast.nora)
    steering.resume(newsletter=strict)
    assert not strict.is_paused


def test_correction_is_public_only_after_the_second_yes(strict, cast):
    first = composing.web_version(strict, "it").subject
    correct(strict, by=cast.carla, subject=both("Una volta", "Once"))
    correct(strict, by=cast.carla, subject=both("Due volte", "Twice"))
    assert (composing.web_version(strict, "it").subject, archive.corrections(strict)) == (first, [])
    approving.approve(newsletter=strict, by=cast.nora)
    assert composing.web_version(strict, "it").subject == "Due volte"
    assert len(archive.corrections(strict)) == 2


def test_correction_after_an_approved_one_is_approved_again(strict, cast):
    correct(strict, by=cast.carla)
    approving.approve(newsletter=strict, by=cast.nora)
    correct(strict, by=cast.nora, subject=both("Due volte", "Twice"))
    refused("needs_approval", steering.resume, newsletter=strict)


def test_unapproved_correction_does_not_leave_by_stopping_and_sending_the_rest(strict, cast):
    correct(strict, by=cast.carla)
    steering.cancel(newsletter=strict)
    refused("needs_approval", remaining.send, newsletter=strict)
    approving.approve(newsletter=strict, by=cast.nora)
    assert remaining.send(newsletter=strict) == 2


def test_what_has_left_uncorrected_cannot_be_approved(strict, cast):
    refused("not_editable", approving.approve, newsletter=strict, by=cast.nora)


@pytest.mark.django_db(transaction=True)
def test_go_on_and_correct_at_once_never_let_unapproved_words_leave(strict, cast):
    def act(number):
        mine = Newsletter.objects.select_related("programme", "mailing").get(pk=strict.pk)
        try:
            if number:
                correct(mine, by=cast.carla)
            else:
                steering.resume(newsletter=mine)
        except NewsletterError as error:
            return error.code
        return ""

    went_on, corrected = all_at_once(act, 2)
    now = Newsletter.objects.get()
    assert (went_on, corrected) in [("", "not_paused"), ("needs_approval", "")]
    assert now.is_paused == (corrected == "") == (now.approved_at is None)
