"""The staff's pages: who may, what the buttons do, what a refusal says."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from newsletters.models import Newsletter
from newsletters.services import approving, correcting, scheduling, sending, steering
from tests.make import both, make_newsletter, make_subscription

LIST = "/gestione/newsletter/"
PAGE = "/gestione/newsletter/luglio/"


@pytest.fixture
def luglio(programme):
    make_subscription(programme)
    return make_newsletter(programme, slug="luglio")


@pytest.fixture
def nora(client, cast):
    client.force_login(cast.nora)
    return client


def words(**over):
    return {
        "subject_it": "Oggetto", "body_it": "Testo", "subject_en": "", "body_en": "", "version": 1, "shown": "it"
    } | over  # fmt: skip


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", response.content.decode()))


@pytest.mark.parametrize("name", ["piero", "dora", "fabio", "vito"])
@pytest.mark.parametrize("page", ["", "luglio/", "luglio/anteprima/", "luglio/invio/", "nuova/"])
def test_who_does_not_write_newsletters_is_refused(client, cast, luglio, name, page):
    client.force_login(getattr(cast, name))
    assert client.get(LIST + page).status_code == 403


def test_stranger_is_sent_to_the_login(client, luglio):
    assert client.get(PAGE).status_code == 302
    assert client.post(PAGE, words(do="send")).status_code == 302
    assert Newsletter.objects.get().state == "draft"


def test_writer_of_another_programme_finds_nothing(client, luglio):
    from tests.make import make_programme, make_staff

    client.force_login(make_staff(make_programme(is_current=False), "communications"))
    assert client.get(PAGE).status_code == 404
    assert "Le notizie" not in text_of(client.get(LIST))


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_database_the_same_for_more(nora, programme, number, django_assert_num_queries):
    for _number in range(number):
        make_newsletter(programme)
    with django_assert_num_queries(5):
        response = nora.get(LIST)
    assert text_of(response).count("Le notizie di luglio") == number


def test_begin_makes_a_draft_and_opens_it(nora, programme):
    response = nora.post(LIST + "nuova/", {"subject": "Novità d’estate", "due_on": "2026-07-01"})
    assert response.url == "/gestione/newsletter/novita-destate/"
    assert "Novità d’estate" in text_of(nora.get(response.url))


def test_save_keeps_text_and_audience(nora, luglio, pisa):
    response = nora.post(PAGE, words(provinces=["pisa"], language="en"), follow=True)
    assert "Salvato." in text_of(response)
    luglio.refresh_from_db()
    assert str(luglio.subject) == "Oggetto"
    assert luglio.audience == {"provinces": ["pisa"], "language": "en"}


def test_save_over_a_colleague_says_so_and_keeps_what_was_typed(nora, luglio):
    nora.post(PAGE, words())
    response = nora.post(PAGE, words(body_it="Il mio lungo testo"))
    assert "Qualcuno ha salvato" in text_of(response)
    assert "Il mio lungo testo" in text_of(response)
    luglio.refresh_from_db()
    assert str(luglio.body) == "Testo"


def test_schedule_says_when_in_words_with_the_zone(nora, luglio):
    response = nora.post(PAGE, words(do="schedule", date="2099-07-16", time="09:00"), follow=True)
    assert "Parte giovedì 16 luglio 2099 alle 9:00 (ora italiana) a 1 persona." in text_of(response)
    luglio.refresh_from_db()
    assert luglio.send_at.isoformat() == "2099-07-16T07:00:00+00:00"


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ({}, "Scegli un giorno e un’ora."),
        ({"date": "2020-01-01", "time": "09:00"}, "già passato"),
        ({"date": "2027-03-28", "time": "02:30"}, "quest’ora non esiste"),
        ({"date": "2027-10-31", "time": "02:30"}, "viene due volte"),
    ],
)
def test_schedule_at_an_impossible_time_says_why_and_changes_nothing(nora, luglio, when, sentence):
    response = nora.post(PAGE, words(do="schedule", **when))
    assert sentence in text_of(response)
    luglio.refresh_from_db()
    assert (luglio.state, str(luglio.subject), luglio.version) == ("draft", "Le notizie di luglio", 1)


def test_schedule_in_the_doubled_hour_takes_the_choice(nora, luglio):
    nora.post(PAGE, words(do="schedule", date="2027-10-31", time="02:30", fold="1"))
    luglio.refresh_from_db()
    assert luglio.send_at.isoformat() == "2027-10-31T01:30:00+00:00"


def test_send_now_and_unschedule(nora, luglio):
    nora.post(PAGE, words(do="send"))
    luglio.refresh_from_db()
    assert luglio.state == "scheduled"
    nora.post(PAGE, words(do="unschedule", version=2))
    luglio.refresh_from_db()
    assert (luglio.state, luglio.send_at) == ("draft", None)


def test_trial_goes_to_her_with_what_is_on_the_screen(nora, cast, luglio):
    response = nora.post(PAGE, words(do="test", body_it="Ciao %%first_name%%!"), follow=True)
    assert "nora@vlt.example" in text_of(response)
    assert "Ciao Nora!" in Delivery.objects.get().message.text


def test_preview_shows_what_is_typed_and_saves_nothing(nora, luglio):
    response = nora.post(PAGE + "anteprima/", words(body_it="Ciao %%first_name%%, <script>x</script> **qui**"))
    page = response.content.decode()
    assert "Ciao Nora, &lt;script&gt;" in page
    assert "<strong>qui</strong>" in page
    assert "script-src 'none'" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    plain = nora.post(PAGE + "anteprima/", words(body_it="**qui**", look="text"))
    assert plain["Content-Type"].startswith("text/plain")
    luglio.refresh_from_db()
    assert luglio.version == 1


def test_reach_counts_what_is_ticked_now(nora, luglio, pisa):
    assert "1 persona" in text_of(nora.post(PAGE + "destinatari/", words()))
    assert "0 persone" in text_of(nora.post(PAGE + "destinatari/", words(language="en")))
    assert "0 persone" in text_of(nora.post(PAGE + "destinatari/", words(provinces=["pisa"], events=["deleted"])))


@pytest.fixture
def leaving(luglio):
    scheduling.send_now(newsletter=luglio)
    sending.dispatch_due()
    return luglio


def test_editor_of_what_has_left_shows_its_way(nora, leaving):
    assert nora.get(PAGE).url == PAGE + "invio/"
    assert nora.post(PAGE, words()).url == PAGE + "invio/"
    assert "Spedite 0 su 1." in text_of(nora.get(PAGE + "invio/"))


def test_steering_from_the_page(nora, leaving):
    for act, sentence in [("pause", "In pausa"), ("resume", "Metti in pausa"), ("cancel", "Escluse")]:
        assert sentence in text_of(nora.post(PAGE + "comandi/", {"do": act}, follow=True))
    assert "è stata fermata: non parte più nulla" in text_of(nora.post(PAGE + "comandi/", {"do": "pause"}, follow=True))
    leaving.refresh_from_db()
    assert leaving.state == "cancelled"


def test_progress_for_htmx_is_the_numbers_only(nora, leaving):
    page = nora.get(PAGE + "invio/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert 'hx-trigger="every 2s"' in page


def test_desk_says_what_waits(nora, programme):
    make_newsletter(programme, due_on=timezone.localdate())
    make_newsletter(programme, due_on=timezone.localdate() + timedelta(days=90), subject="Lontana")
    page = text_of(nora.get("/gestione/"))
    assert "aspetta di essere programmata" in page
    assert page.count("aspetta di essere programmata") == 1


@pytest.mark.parametrize("number", [1, 3])
def test_progress_leads_to_each_refused_address_in_a_fixed_number_of_queries(
    nora, programme, luglio, number, django_assert_num_queries
):
    for _number in range(number):
        make_subscription(programme)
    scheduling.send_now(newsletter=luglio)
    sending.dispatch_due()
    Delivery.objects.update(state="failed", reason="550 5.1.1 unknown")
    sending.finish_sent()
    nora.get(PAGE + "invio/")
    with django_assert_num_queries(16):
        page = nora.get(PAGE + "invio/")
    for delivery in Delivery.objects.all():
        assert f'<a href="/gestione/posta/storia/{delivery.pk}/">{delivery.email}</a>' in page.content.decode()


@pytest.fixture
def half(programme, luglio):
    """Two of five have left; a sixth had unsubscribed."""
    for number in range(4):
        make_subscription(programme, email=f"{number}@example.org")
    make_subscription(programme, state="ended", ended_at=timezone.now())
    scheduling.send_now(newsletter=luglio)
    sending.dispatch_due()
    first = Delivery.objects.filter(state="pending").order_by("pk").values("pk")[:2]
    Delivery.objects.filter(pk__in=list(first.values_list("pk", flat=True))).update(
        state="sent", sent_at=timezone.now(), handed_at=timezone.now()
    )
    return luglio


def test_sums_after_a_stop_half_way_add_up(nora, half):
    nora.post(PAGE + "comandi/", {"do": "cancel"})
    page = nora.get(PAGE + "invio/")
    assert "Spedite 2 su 5, 3 fermate." in text_of(page)
    assert 'value="40"' in page.content.decode()
    for shown in (page, nora.get(PAGE + "numeri/")):
        assert "2 spedite + 3 fermate + 1 escluse = 6" in text_of(shown)


def test_stop_asks_first_and_says_that_the_rest_may_follow(nora, half):
    page = text_of(nora.post(PAGE + "comandi/", {"do": "pause"}, follow=True))
    assert "Ferma: 3 persone per ora non la ricevono. Potrai mandarla più tardi a chi è rimasto fuori." in page
    assert "definitivamente" not in page


def test_page_says_when_nothing_leaves(nora, half):
    assert "non parte niente" not in text_of(nora.get(PAGE + "invio/"))
    before = timezone.now() - timedelta(seconds=20)
    Newsletter.objects.update(sent_at=before, changed_at=before)
    Delivery.objects.update(handed_at=before, not_before=before)
    page = text_of(nora.get(PAGE + "invio/"))
    assert "Da 20 secondi non parte niente" in page
    assert "meno di un minuto" not in page
    nora.post(PAGE + "comandi/", {"do": "pause"})
    assert "non parte niente" not in text_of(nora.get(PAGE + "invio/"))


def test_correction_is_approved_on_the_page_by_another_person(client, cast, half):
    approving.set_rules(programme=half.programme, needs_approval=True, ask_after_hours=12)
    half.refresh_from_db()
    steering.pause(newsletter=half)
    note = {"note": "Lucca", "version": half.version, "by": cast.carla}
    correcting.correct(newsletter=half, subject=half.subject, body=both("A Lucca.", "In Lucca."), **note)
    client.force_login(cast.carla)
    assert "approvo" not in text_of(client.get(PAGE + "invio/"))
    assert "seconda persona" in text_of(client.post(PAGE + "comandi/", {"do": "resume"}, follow=True))
    half.refresh_from_db()
    assert half.is_paused
    client.force_login(cast.nora)
    assert "L’ho letta: approvo" in text_of(client.get(PAGE + "invio/"))
    client.post(PAGE + "comandi/", {"do": "approve", "version": half.version})
    client.post(PAGE + "comandi/", {"do": "resume"})
    half.refresh_from_db()
    assert not half.is_paused


def test_draft_that_needs_a_second_person_offers_no_schedule(nora, luglio):
    approving.set_rules(programme=luglio.programme, needs_approval=True, ask_after_hours=12)
    page = text_of(nora.get(PAGE))
    assert "Prima la seconda persona" in page
    assert "Invia subito" not in page


def test_page_says_that_it_is_about_to_leave(nora, luglio):
    scheduling.send_now(newsletter=luglio)
    assert "Sta per partire." in text_of(nora.get(PAGE + "prima/"))


def test_refused_correction_says_why_once(nora, half):
    nora.post(PAGE + "comandi/", {"do": "pause"})
    half.refresh_from_db()
    words = {
        "note": "Lucca",
        "version": half.version,
        "subject_it": "Le notizie di luglio",
        "subject_en": "The news of July",
    }
    same = words | {"body_it": half.body.data["it"], "body_en": half.body.data["en"]}
    page = text_of(nora.post(PAGE + "correggi/", same))
    assert page.count("correggi l’oggetto o il testo") == 1


def test_stopped_with_an_unapproved_correction_offers_the_rest_to_nobody(nora, cast, half):
    approving.set_rules(programme=half.programme, needs_approval=True, ask_after_hours=12)
    half.refresh_from_db()
    steering.pause(newsletter=half)
    note = {"note": "Lucca", "version": half.version, "by": cast.nora}
    correcting.correct(newsletter=half, subject=half.subject, body=both("A Lucca.", "In Lucca."), **note)
    steering.cancel(newsletter=half)
    assert "Inviala proprio" not in text_of(nora.get(PAGE + "invio/"))
    approving.approve(newsletter=half, by=cast.carla)
    assert "Inviala proprio" in text_of(nora.get(PAGE + "invio/"))
