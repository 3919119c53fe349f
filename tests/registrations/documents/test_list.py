"""The list for when everything fails, read back: a phone reads each row's code, and no address stands there."""

import pytest
import zxingcpp
from django.utils import translation

from registrations.documents import list as paper_list
from registrations.documents import paper
from registrations.models import Group
from tests.make import make_registration
from tests.registrations.documents.reading import check_archivable, pages_of, picture_of, seconds_of_work, tags_of

DOTS = 200
MILLIMETRE = DOTS / 25.4


def codes_on(content, folder, pages, dots=DOTS):
    found = []
    for page in range(1, pages + 1):
        read = zxingcpp.read_barcodes(picture_of(content, folder, page, dots))
        found += sorted(read, key=lambda one: one.position.top_left.y)
    return found


def test_list_is_tagged_and_fit_for_the_archive(agenda):
    make_registration(agenda)
    content = paper_list.render(agenda)
    check_archivable(content, "Elenco di carta della porta: Seminario a Pisa")
    assert {"H1", "H2", "Table", "TH", "TD", "L"} <= set(tags_of(content))


@pytest.mark.parametrize("dots", [120, 200])
def test_a_scanner_reads_every_rows_code_in_the_order_of_the_list(agenda, crowd, tmp_path, dots):
    crowd(agenda, 40)
    content = paper_list.render(agenda)
    read = codes_on(content, tmp_path, len(pages_of(content)) - 1, dots)
    assert [one.text for one in read] == [one.code for one in paper.expected(agenda)]


def test_codes_are_large_enough_and_have_white_around_them(agenda, crowd, tmp_path):
    crowd(agenda, 5)
    codes = codes_on(paper_list.render(agenda), tmp_path, 1)
    picture = picture_of(paper_list.render(agenda), tmp_path).convert("L")
    for code in codes:
        corner, size = code.position.top_left, code.position.top_right.x - code.position.top_left.x
        assert size >= 12 * MILLIMETRE - 2
        assert code.ec_level == "M"
        module = size / 21
        quiet = round(4 * module) - 2
        left, top, right, bottom = corner.x, corner.y, code.position.bottom_right.x, code.position.bottom_right.y
        for strip in (
            (left - quiet, top - quiet, left - 3, bottom + quiet),
            (right + 3, top - quiet, right + quiet, bottom + quiet),
            (left - quiet, top - quiet, right + quiet, top - 3),
            (left - quiet, bottom + 3, right + quiet, bottom + quiet),
        ):
            assert picture.crop(strip).getextrema()[0] > 200, "something stands in the quiet zone"


def test_people_stand_under_their_letters_with_group_and_code(agenda):
    person = make_registration(agenda, first_name="Ada", last_name="Èlia", organisation="INPS")
    make_registration(agenda, first_name="Bea", last_name="Łucani")
    text = pages_of(paper_list.render(agenda))[0]
    assert "Gruppo" not in text
    person.group = Group.objects.create(event=agenda, number=7)
    person.save()
    text = pages_of(paper_list.render(agenda))[0]
    assert "Gruppo" in text
    assert f"{person.code[:4]}-{person.code[4:]}" in text
    places = [text.index(words) for words in (" E ", "Èlia Ada", "INPS", " L ", "Łucani Bea")]
    assert places == sorted(places)


def test_no_address_stands_on_paper_and_walk_ins_have_room_for_theirs(agenda):
    make_registration(agenda, email="anna.segreta@example.org")
    *_rest, last = pages = pages_of(paper_list.render(agenda, spare=4))
    assert not any("@" in text for text in pages)
    assert last.count("____:____") == 8
    assert last.count("Informativa privacy letta") == 4 + 1
    assert "Ho letto l’informativa sulla privacy" in last


@pytest.mark.parametrize(("people", "pages"), [(0, 2), (1, 2), (84, 7), (500, 31)])
def test_every_page_is_numbered(agenda, crowd, people, pages):
    crowd(agenda, people)
    read = pages_of(paper_list.render(agenda))
    assert len(read) == pages
    assert all(f"Pagina {number} di {pages}" in text for number, text in enumerate(read, start=1))
    names = " ".join(read)
    assert all(paper.listed_name(one) in names for one in paper.expected(agenda))


def test_without_spare_rows_and_in_english(agenda):
    make_registration(agenda)
    with translation.override("en"):
        content = paper_list.render(agenda, spare=0)
    check_archivable(content, "Paper list of the door: Seminar in Pisa", "en")
    assert len(pages_of(content)) == 1


def test_five_hundred_codes_are_ready_while_one_waits(agenda, crowd):
    crowd(agenda, 500)
    assert 0.1 < seconds_of_work(lambda: paper_list.render(agenda)) < 3, "measured: 0.6 s"
