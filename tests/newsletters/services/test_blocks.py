"""Blocks take from the programme what is there, refuse what is not, and ask the same few questions however many."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from newsletters.models import Newsletter
from newsletters.services import NewsletterError, blocks, composing, writing
from newsletters.services.audiences import Audience
from programmes.models import Target
from tests.make import both, make_event, make_newsletter, make_organisation, make_venue

SITE = "http://testserver"


@pytest.fixture
def facts(programme, pisa, lucca):
    make_event(
        programme,
        slug="seminario-pisa",
        territory=pisa,
        venue=make_venue(programme),
        title=both("Vita e lavoro", "Life"),
    )
    make_event(programme, slug="seminario-lucca", territory=lucca, title=both("Orari <b>", "Hours"))
    make_event(programme, slug="bozza", territory=pisa, published_at=None)
    make_event(programme, slug="annullato", territory=pisa, cancelled_at=timezone.now(), title=both("Saltato", ""))
    make_event(programme, slug="finito", territory=pisa, starts_at=timezone.now() - timedelta(days=9))
    return blocks.Facts(programme)


def text(source, facts, **options):
    return blocks.render(source, facts, site=SITE, **options)


def test_events_are_the_coming_ones_of_the_provinces_named(facts):
    everywhere = text("Ecco:\n[[events]]\nCiao", facts)
    assert everywhere.html.count('class="event-title"') == 2
    assert "Orari &lt;b&gt;" in everywhere.html
    assert "Saltato" not in everywhere.html
    assert "Stazione Leopolda, Pisa" in everywhere.text
    assert f"{SITE}/eventi/seminario-pisa/" in everywhere.text
    only = text("[[eventi pisa]]", facts)
    assert only.html.count('class="event-title"') == 1
    assert "Vita e lavoro" in only.text


def test_events_of_a_province_without_any_say_so(facts, programme):
    programme.events.filter(slug="seminario-lucca").delete()
    assert "Al momento non ci sono incontri in programma." in text("[[events lucca]]", facts).html


def test_event_shows_one_also_when_it_is_over(facts):
    assert "Concluso" in text("[[evento finito]]", facts).text
    assert "Vita e lavoro" in text("[[event seminario-pisa]]", facts).html


def test_results_show_what_was_reached_and_partners_who_is_behind(facts, programme):
    action = programme.actions.create(slug="seminari", name=both("Seminari", "Seminars"))
    Target.objects.create(action=action, slug="a", name=both("Questionari", "Questionnaires"), goal=400, recorded=287)
    Target.objects.create(action=action, slug="b", name=both("Pubblicazione", "Publication"), goal=1, recorded=0)
    shown = text("[[risultati]]\n\n[[partner]]", facts)
    assert "- Questionari: 287 di 400" in shown.text
    assert "Pubblicazione" not in shown.text
    assert 'width="71%"' in shown.html
    assert "Capofila: Confartigianato Imprese Toscana" in shown.text


def test_button_leads_to_a_page_with_its_whole_address_in_the_text(facts):
    shown = text("[[button Iscriviti ora | /eventi/]]", facts)
    assert '<a class="button" href="/eventi/">Iscriviti ora</a>' in shown.html
    assert f"Iscriviti ora: {SITE}/eventi/" in shown.text


@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        ("[[evnti]]", "unknown_block", "eventi, evento, risultati"),
        ("[[]]", "unknown_block", ""),
        ("Testo\r\n[[events pisa atlantide]]", "unknown_province", "lucca, pisa"),
        ("[[event seminario-roma]]", "unknown_event", "seminario-pisa"),
        ("[[event bozza]]", "unknown_event", "bozza"),
        ("[[button Iscriviti]]", "bad_button", "bottone"),
        ("[[button Iscriviti | javascript:alert(1)]]", "bad_button", ""),
        ("[[button Iscriviti | //evil.example/]]", "bad_button", ""),
        ("[[button Ciao %%first_name%% | /eventi/]]", "place_in_address", ""),
        ("Vieni: [[events]]", "block_in_a_line", "[[events]]"),
        ("> [[eventi pisa]]", "block_in_a_line", ""),
    ],
)
def test_block_that_cannot_be_is_refused_at_its_field_and_changes_nothing(facts, programme, source, code, says):
    newsletter = make_newsletter(programme)
    before = Newsletter.objects.values().get()
    with pytest.raises(NewsletterError) as refusal:
        writing.save(
            newsletter=newsletter, subject=both("A", ""), body=both(source, ""), audience=Audience(), version=1
        )
    assert refusal.value.code == code
    assert says in refusal.value.fields["body_it"]
    assert Newsletter.objects.values().get() == before
    assert not newsletter.versions.exists()


def test_block_in_code_is_only_shown(facts):
    source = "Scrivi `[[events]]` oppure\n\n```\n[[evnti]]\n```\n"
    blocks.check(source, facts)
    assert "[[evnti]]" in text(source, facts).text


def test_block_that_is_gone_is_left_out_and_says_so_in_the_preview(facts, programme):
    assert "roma" not in text("Prima\n\n[[event roma]]\n\nDopo", facts).html
    assert "Non c’è un incontro pubblicato" in text("[[event roma]]", facts, shows_errors=True).html


def test_title_with_a_place_in_it_fills_nothing(facts, programme):
    programme.events.filter(slug="seminario-pisa").update(title=both("%%first_name%%", ""))
    assert "%%first_name%%" not in text("[[events]]", facts).html


@pytest.mark.parametrize("number", [1, 3])
def test_composing_asks_a_fixed_number_of_queries(programme, pisa, number, django_assert_num_queries):
    for one in range(number):
        make_event(programme, slug=f"seminario-{one}-pisa", territory=pisa)
        make_organisation(programme, f"Partner {one}")
    every = "[[events]]\n[[results]]\n[[partners]]\n[[next-step]]\n[[button A | /eventi/]]\n" * number
    newsletter = make_newsletter(programme, body=both(every, ""))
    with django_assert_num_queries(3):
        composing.compose(newsletter, "it")


def test_mail_says_the_block_in_the_language_of_its_reader(facts):
    with translation.override("en"):
        shown = text("[[eventi]]", facts)
    assert "All the meetings" in shown.html
    assert f"{SITE}/en/events/seminario-pisa/" in shown.text
