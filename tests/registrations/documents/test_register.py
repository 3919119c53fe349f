"""The signature register, read back by other programs: what an auditor looks for is on it, on every page."""

import io
from datetime import UTC, datetime
from itertools import pairwise

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from registrations.documents import compiling, paper, register, typesetting
from registrations.documents import list as paper_list
from tests.make import both, make_image, make_registration
from tests.registrations.documents.reading import check_archivable, pages_of, picture_of, seconds_of_work, tags_of


def made(event, *numbers, **over):
    parts = paper.parts_of(event)
    return register.render(event, [parts[number].key for number in numbers or (0,)], **over)


def test_register_is_tagged_and_fit_for_the_archive(agenda):
    make_registration(agenda)
    content = made(agenda)
    check_archivable(content, "Registro delle presenze: Seminario a Pisa")
    tags = tags_of(content)
    assert tags.count("H1") == 1
    assert tags.count("H2") == 2
    assert tags.count("TR") == 2 + 1 + register.SPARE + (1 + 4) + (1 + 3)
    assert tags.count("TH") == 9 + 2 + 2


def test_register_says_all_that_an_auditor_looks_for(agenda):
    make_registration(agenda, first_name="Niccolò", last_name="Òrto", organisation="CNA Toscana")
    text = " ".join(pages_of(made(agenda)))
    for words in (
        "Vita Lavoro Toscana", "CUP D11B23000120007", "Seminario a Pisa", "Registro delle presenze",
        "giovedì 20 giugno 2024, dalle 9:00 alle 13:00", "Stazione Leopolda, Piazza Guerrazzi 2, Pisa",
        "Confartigianato Imprese Toscana", "Òrto Niccolò", "CNA Toscana", "Entrata", "Uscita", "Giulia Bianchi",
        "Marco Neri", "Responsabile dell’evento", "1 persona attesa", "art. 38 del D.P.R. 445/2000",
        "Artt. 46 e 47 del D.P.R. 28 dicembre 2000, n. 445", "75 e 76", "legale rappresentante",
        "Il registro è composto da 2 pagine numerate",
    ):  # fmt: skip
        assert words in text, words


def test_no_address_stands_on_paper(agenda):
    make_registration(agenda, email="anna.segreta@example.org")
    text = " ".join(pages_of(made(agenda)))
    assert "segreta" not in text
    assert "@" not in text


@pytest.mark.parametrize(("people", "pages"), [(0, 2), (1, 2), (3, 3), (84, 8), (500, 36)])
def test_every_page_is_numbered_and_says_whose_it_is_and_who_pays(agenda, crowd, people, pages):
    crowd(agenda, people)
    read = pages_of(made(agenda))
    assert len(read) == pages
    for number, text in enumerate(read, start=1):
        assert f"Pagina {number} di {pages}" in text
        for words in ("CUP D11B23000120007", "Seminario a Pisa", "Unione europea", "Cofinanziato dall’Unione europea"):
            assert words in text, (number, words)
    signed = [text for text in read if "Registro delle presenze" in text or "Cognome e nome" in text]
    assert all("Cognome e nome" in text for text in signed)


def test_everybody_stands_there_once_in_order_then_the_spare_rows(agenda, crowd):
    crowd(agenda, 84)
    text = " ".join(pages_of(made(agenda, spare=3)))
    names = [paper.listed_name(one) for one in paper.expected(agenda)]
    places = [text.index(name) for name in names]
    assert places == sorted(places)
    assert all(text.count(name) == 1 for name in names)
    assert all(f" {number} " in text for number in (85, 86, 87))
    assert " 88 " not in text


def test_rows_are_high_enough_to_sign_in(agenda, crowd, tmp_path):
    """The lines under each other in the column of the signatures lie at least nine millimetres apart."""
    crowd(agenda, 40)
    dots = 150
    page = picture_of(made(agenda), tmp_path, page=2, dots=dots).convert("L")
    column = page.crop((round(180 / 25.4 * dots), 0, round(180 / 25.4 * dots) + 1, page.height))
    dark = [y for y, light in enumerate(column.get_flattened_data()) if light < 160]
    lines = [y for before, y in zip([-9, *dark], dark, strict=False) if y - before > 2]
    gaps = [(after - before) / dots * 25.4 for before, after in pairwise(lines)]
    assert len([gap for gap in gaps if gap >= 9]) >= 12
    assert all(gap >= 9 or before < page.height * 0.2 for before, gap in zip(lines, gaps, strict=False))


def test_register_of_one_part_says_which_and_who_speaks_there(agenda):
    text = " ".join(pages_of(made(agenda, 2)))
    assert "Il welfare" in text
    assert "dalle 10:00 alle 11:00" in text
    assert "Marco Neri" in text
    assert "Giulia Bianchi" not in text


def test_register_of_each_day_says_which_and_counts_its_own_pages(several_days, crowd):
    crowd(several_days, 20)
    with translation.override("en"):
        read = pages_of(made(several_days, 1, 2))
    alone = len(read) // 2
    for day, words in enumerate(
        ["giovedì 20 giugno 2024, dalle 9:00 alle 11:00", "venerdì 21 giugno 2024, dalle 9:00"]
    ):
        pages = read[day * alone : (day + 1) * alone]
        for number, text in enumerate(pages, start=1):
            assert f"Pagina {number} di {alone}" in text
            assert f"Seminario a Pisa · Giornata {day + 1} di 2 · {words}" in text
        assert "CUP D11B23000120007" in pages[-1]
    assert "Anna Rossi" in " ".join(read[alone:])
    assert "Anna Rossi" not in " ".join(read[:alone])


def test_long_titles_stand_whole_on_the_first_page_and_in_two_lines_above_each(several_days):
    words = "Il lavoro che cura e la cura del lavoro, " * 5
    several_days.title = both(words[:200].strip(), "x")
    several_days.save()
    several_days.sessions.update(title=both(words[:199], "x"))
    read = pages_of(made(several_days, 3))
    assert words[:200].strip() in read[0]
    assert all(f"· {paper.short(words)}" in text for text in read)


def test_registers_in_one_file_have_pages_of_their_own(agenda, crowd):
    crowd(agenda, 20)
    alone = len(pages_of(made(agenda, 1)))
    read = pages_of(made(agenda, 1, 2))
    assert len(read) == 2 * alone
    assert [f"Pagina {n % alone + 1} di {alone}" in text for n, text in enumerate(read)] == [True] * len(read)
    assert all("Il progetto" in text for text in read[:alone])
    assert all("Il welfare" in text for text in read[alone:])


@pytest.mark.parametrize(
    ("first", "last"),
    [("Łucja", "Żižkova ň ş"), ("Anna", "D’Angelo"), ("Sukarno", ""), ("A" * 80, "B" * 80), ("Maria " * 13, "Di " * 26),
     ("Олена", "Шевченко"), ("#[*_\"\\$", "@x")],
)  # fmt: skip
def test_any_name_is_printed_as_it_is(agenda, first, last):
    make_registration(agenda, first_name=first.strip(), last_name=last.strip(), organisation="O" * 160)
    content = made(agenda)
    check_archivable(content, "Registro delle presenze: Seminario a Pisa")
    shown = "".join("".join(pages_of(content)).split())
    for word in (last, first):
        assert all(part in shown for part in word.split() if len(part) < 22), word
    assert shown.count("O") >= 160


def test_name_that_no_font_can_show_still_gives_a_register(agenda):
    make_registration(agenda, first_name="大文", last_name="陳")
    assert len(pages_of(made(agenda))) == 2


def test_logos_stand_on_each_page_and_the_register_is_in_the_sites_language(agenda, programme):
    funder = programme.organisations.get(role="funder")
    funder.logo.save("ue.png", ContentFile(make_image("PNG", (900, 300))))
    with translation.override("en"):
        content = made(agenda, 1)
    check_archivable(content, "Registro delle presenze: Seminario a Pisa")
    assert "Il progetto" in pages_of(content)[0]
    pdf = pikepdf.open(io.BytesIO(content))
    assert all(page.Resources.get("/XObject") for page in pdf.pages)


def test_five_hundred_rows_are_ready_while_one_waits(agenda, crowd):
    crowd(agenda, 500)
    assert 0.05 < seconds_of_work(lambda: made(agenda)) < 2, "measured: 0.35 s"


def test_a_long_paper_leaves_nothing_in_the_memory_of_who_asked(agenda):
    held = compiling._compiler.cache_info()
    made(agenda)
    assert compiling._compiler.cache_info() == held


def test_paper_set_apart_is_the_same_to_the_byte():
    words = {"language": "it", "colour": "#1F4D3A", "title": "Prova", "spare": 2, "letters": [], "purposes": []}
    words["paper"] = {
        "programme": "VLT",
        "project_code": "",
        "event": "E",
        "running": "",
        "when": "",
        "page": "P",
        "of": "d",
    }
    words["words"] = paper_list._words()
    words["has_groups"] = False
    at = datetime(2024, 6, 20, tzinfo=UTC)
    assert typesetting.pdf("list.typ", words, at=at) == typesetting.pdf_apart("list.typ", words, at=at)
