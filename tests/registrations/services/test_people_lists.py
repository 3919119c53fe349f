"""Lists of people as they are pasted, and as spreadsheets save them."""

from io import BytesIO

import pytest
from openpyxl import Workbook

from registrations.services import RegistrationError, inviting, people_lists
from tests.make import make_event

pytestmark = pytest.mark.django_db
ANNA = {
    "email": "anna@example.org",
    "first_name": "Anna",
    "last_name": "Verdi",
    "organisation": "Città & Lavoro",
    "language": "it",
}


def look_at(text):
    return inviting.look_at(event=make_event(), text=people_lists.plain(text))


def sheet(*rows) -> bytes:
    book, content = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "E-mail;Nome;Cognome;Ente;Lingua\nAnna@Example.org;Anna;Verdi;Città & Lavoro;Italiano\n".encode(),
        "\ufeffe-mail;nome;cognome;organizzazione;lingua\r\nanna@example.org;Anna;Verdi;Città & Lavoro;it\r\n".encode(),
        "Email,First name,Surname,Organization\nanna@example.org,Anna,Verdi,Città & Lavoro\n".encode("cp1252"),
        "cognome\tnome\tposta elettronica\tazienda\nVerdi\tAnna\tanna@example.org\tCittà & Lavoro".encode(),
        'sep=;\ne-mail;nome;cognome;ente\nanna@example.org;Anna;Verdi;"Città & Lavoro"\n'.encode(),
        "anna@example.org;Anna;Verdi;Città & Lavoro".encode(),
        sheet(["e-mail", "nome", "cognome", "ente", "n."], ["anna@example.org", "Anna", "Verdi", "Città & Lavoro", 7]),
        sheet([], ["Nome", "E-mail", "Cognome", "Ente"], ["Anna", "anna@example.org", "Verdi", "Città & Lavoro"]),
    ],
    ids=["semicolons", "mark", "cp1252", "tabs", "sep", "no-heading", "excel", "excel-from-row-2"],
)
def test_list_is_read_however_it_was_saved(content):
    sifted = look_at(people_lists.text_of("inviti.csv", content))
    assert [row.person for row in sifted.new] == [ANNA]
    assert sifted.known == sifted.twice == sifted.broken == []


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("anna;Anna", "no_at"),
        (";Anna;Verdi", "no_address"),
        ("anna@example;Anna", "no_ending"),
        ("anna verdi@example.org", "space"),
        ("anna@example.org;" + "a" * 81, "too_long"),
        ("anna@example.org;www.x.example", "not_a_name"),
        ("anna@example.org;Anna;Verdi;=HYPERLINK(1)", "not_a_name"),
        ("anna@example.org;Anna;Verdi;CNA;klingon", "language"),
        ("anna@example.org;Ann\ufffd", "unreadable"),
    ],
)
def test_broken_row_is_named_and_hinders_no_other(row, code):
    sifted = look_at(f"e-mail;nome;cognome;ente;lingua\n\n{row}\nbea@example.org;Bea")
    (broken,) = sifted.broken
    assert (broken.number, broken.text, broken.code) == (3, row, code)
    assert broken.sentence
    assert sifted.rest == f"e-mail;nome;cognome;ente;lingua\n{row}"
    assert [row.person["email"] for row in sifted.new] == ["bea@example.org"]


def test_same_address_in_other_spelling_is_twice():
    sifted = look_at("anna@example.org\nANNA@example.org;Anna\nanna+1@example.org\na.nna@example.org")
    assert [row.number for row in sifted.twice] == [2]
    assert [row.number for row in sifted.new] == [1, 3, 4]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nome;cognome\nAnna;Verdi", "columns"),
        ("a@example.org\n" * (people_lists.MOST_ROWS + 2), "too_many"),
        ("a@example.org" + "x" * people_lists.LARGEST, "too_large"),
        ("a\x00@example.org", "not_text"),
    ],
)
def test_what_is_no_list_is_refused_as_a_whole(text, code):
    with pytest.raises(RegistrationError) as refusal:
        look_at(text)
    assert (refusal.value.code, list(refusal.value.fields)) == (code, ["text"])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 not an archive", "not_text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_text"),
        (b"a" * (people_lists.LARGEST + 1), "too_large"),
    ],
)
def test_file_that_is_no_list_is_refused(content, code):
    with pytest.raises(RegistrationError) as refusal:
        people_lists.text_of("x.xlsx", content)
    assert (refusal.value.code, list(refusal.value.fields)) == (code, ["file"])


def test_list_without_heading_may_begin_with_a_broken_row():
    sifted = look_at("rotta;A;B;;it\nbea@example.org;Bea;Neri")
    assert [(row.number, row.code) for row in sifted.broken] == [(1, "no_at")]
    assert [row.person["email"] for row in sifted.new] == ["bea@example.org"]
    assert sifted.rest == "rotta;A;B;;it"
