"""The page of what is on paper: PDFs to print, and signed sheets that are brought, taken out and withdrawn."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.services import trail
from events.models import Event, Session
from registrations.documents import paper
from registrations.forms import paper as forms
from registrations.models import Evidence
from registrations.services import evidence
from tests.make import both, make_event, make_registration
from tests.registrations.documents.reading import pages_of

pytestmark = pytest.mark.django_db
PAGE = "/gestione/eventi/seminario-pisa/carta/"
FILES = "/gestione/eventi/seminario-pisa/file/"
PDF = b"%PDF-1.7\nfirme\n%%EOF\n"


@pytest.fixture
def event(programme, pisa):
    event = make_event(programme, slug="seminario-pisa", territory=pisa)
    for number, title in enumerate(["Il progetto", "Il welfare"]):
        Session.objects.create(event=event, starts_at=event.starts_at, minutes=60 + number, title=both(title, title))
    return event


@pytest.fixture
def piero(client, cast):
    client.force_login(cast.piero)
    return client


def bring(client, content=PDF, name="Registro.pdf", **over):
    file = SimpleUploadedFile(name, content)
    return client.post(PAGE, {"kind": "signatures", "part": "whole", "file": file} | over)


def acts(event):
    return [line.what for line in trail.lines(event) if line.what != "ha creato l’evento"]


def test_page_is_for_organisers_of_the_province(client, cast, event):
    for who, status in {"piero": 200, "carla": 200, "lucia": 404, "fabio": 403, "dora": 403, "vito": 403}.items():
        client.force_login(getattr(cast, who))
        assert client.get(PAGE).status_code == status, who


def test_page_says_how_many_are_expected_and_offers_every_part(piero, event):
    make_registration(event)
    make_registration(event, mode="online")
    text = piero.get(PAGE).content.decode()
    assert "1 persona è attesa in presenza" in text
    for words in ("Tutto l’evento", "Il progetto", "Il welfare", "Tutte le parti"):
        assert words in text, words
    assert "Ancora nessun foglio firmato." in text


def test_register_of_the_whole_event(piero, event):
    make_registration(event, last_name="Neri")
    make_registration(event, last_name="Bianchi", mode="online")
    response = piero.get(f"{PAGE}registro.pdf", {"register-part": "whole", "register-spare": "2"})
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"] == 'inline; filename="registro-seminario-pisa.pdf"'
    assert "no-store" in response["Cache-Control"]
    text = " ".join(pages_of(response.content))
    assert "Neri Anna" in text
    assert "Bianchi" not in text
    assert "ha preparato il registro delle firme" in acts(event)


def test_register_of_one_part_and_of_all(piero, event):
    welfare = event.sessions.last()
    one = piero.get(f"{PAGE}registro.pdf", {"register-part": str(welfare.pk), "register-spare": "0"})
    assert "Il welfare" in pages_of(one.content)[0]
    every = piero.get(f"{PAGE}registro.pdf", {"register-part": "every", "register-spare": "0"})
    read = pages_of(every.content)
    assert "Il progetto" in read[0]
    assert "Il welfare" in read[-1]


def test_register_of_a_day_and_of_every_day_where_there_are_several(piero, event):
    assert "Giornata" not in piero.get(PAGE).content.decode()
    refused = piero.get(f"{PAGE}registro.pdf", {"register-part": "days", "register-spare": "0"})
    assert refused.status_code == 422
    next_day = event.starts_at + timedelta(days=1)
    Session.objects.create(event=event, starts_at=next_day, minutes=90, title=both("La prova", "The trial"))
    Event.objects.filter(pk=event.pk).update(ends_at=next_day + timedelta(hours=2))
    text = piero.get(PAGE).content.decode()
    for words in ("Giornata 1 di 2", "Giornata 2 di 2", "Tutte le giornate", "Tutte le parti"):
        assert words in text, words
    day = paper.parts_of(Event.objects.get())[2]
    one = piero.get(f"{PAGE}registro.pdf", {"register-part": day.key, "register-spare": "0"})
    assert one["Content-Disposition"] == f'inline; filename="registro-seminario-pisa-{day.key}.pdf"'
    assert "Giornata 2 di 2" in pages_of(one.content)[0]
    every = pages_of(piero.get(f"{PAGE}registro.pdf", {"register-part": "days", "register-spare": "0"}).content)
    assert ("Giornata 1 di 2" in every[0], "Giornata 2 di 2" in every[-1]) == (True, True)
    parts = pages_of(piero.get(f"{PAGE}registro.pdf", {"register-part": "every", "register-spare": "0"}).content)
    assert "Giornata" not in " ".join(parts)
    bring(piero, part=day.key)
    assert Evidence.objects.get().part == f"Giornata 2 di 2 ({day.day:%d/%m/%Y})"


@pytest.mark.parametrize(
    "over", [{"register-part": "999"}, {"register-spare": "-1"}, {"register-spare": "101"}, {"register-spare": "x"}]
)
def test_register_of_nothing_is_refused_at_its_field(piero, event, over):
    response = piero.get(f"{PAGE}registro.pdf", {"register-part": "whole", "register-spare": "1"} | over)
    assert response.status_code == 422
    assert list(response.context["register_form"].errors) == [next(iter(over)).removeprefix("register-")]
    assert acts(event) == []


def test_part_of_another_event_is_no_part(piero, event, programme):
    other = Session.objects.create(
        event=make_event(programme), starts_at=event.starts_at, minutes=9, title=both("A", "A")
    )
    chosen = {"register-part": str(other.pk), "register-spare": "1"}
    assert piero.get(f"{PAGE}registro.pdf", chosen).status_code == 422


def test_too_many_rows_in_one_file_are_asked_for_part_by_part(piero, event, monkeypatch):
    monkeypatch.setattr(forms, "MOST_ROWS", 5)
    make_registration(event)
    response = piero.get(f"{PAGE}registro.pdf", {"register-part": "every", "register-spare": "2"})
    assert response.context["register_form"].errors.as_data()["part"][0].code == "too_many_rows"
    assert piero.get(f"{PAGE}registro.pdf", {"register-part": "every", "register-spare": "1"}).status_code == 200
    assert piero.get(f"{PAGE}registro.pdf", {"register-part": "whole", "register-spare": "9"}).status_code == 200


def test_list_for_when_everything_fails(piero, event):
    person = make_registration(event, last_name="Neri")
    response = piero.get(f"{PAGE}elenco.pdf", {"list-spare": "3"})
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    text = " ".join(pages_of(response.content))
    assert f"{person.code[:4]}-{person.code[4:]}" in text
    assert "ha preparato l’elenco di carta della porta" in acts(event)
    assert piero.get(f"{PAGE}elenco.pdf", {"list-spare": "many"}).status_code == 422


@pytest.mark.parametrize("rows", [1, 3])
def test_page_and_papers_ask_a_fixed_number_of_queries(piero, event, rows, django_assert_num_queries):
    for number in range(rows):
        make_registration(event)
        row = evidence.keep(event=event, kind="list", name="a.pdf", content=PDF + bytes([number]), by=None).evidence
        evidence.withdraw(evidence=row, by=None, reason="Prova")
    piero.get(PAGE)
    with django_assert_num_queries(10):
        piero.get(PAGE)
    with django_assert_num_queries(10):
        piero.get(f"{PAGE}registro.pdf", {"register-part": "whole", "register-spare": "1"})
    with django_assert_num_queries(9):
        piero.get(f"{PAGE}elenco.pdf", {"list-spare": "1"})


def test_signed_sheet_is_kept_and_shown_with_its_fingerprint(piero, cast, event):
    welfare = event.sessions.last()
    response = bring(piero, part=str(welfare.pk))
    assert (response.status_code, response["Location"]) == (302, PAGE)
    row = Evidence.objects.get()
    assert (row.kind, row.part, row.added_by, row.size) == ("signatures", "Il welfare", cast.piero, len(PDF))
    text = piero.get(PAGE).content.decode()
    for words in (hashlib.sha256(PDF).hexdigest(), "Registro.pdf", "Il welfare", str(cast.piero), "è conservato"):
        assert words in text, words
    assert f"ha portato un foglio firmato ({row.sha256[:12]})" in acts(event)


def test_same_sheet_twice_changes_nothing_and_says_so(piero, event):
    bring(piero)
    text = bring(piero, name="Copia.pdf").client.get(PAGE).content.decode()
    assert Evidence.objects.get().name == "Registro.pdf"
    assert "Questo stesso file c’è già" in text
    assert len(acts(event)) == 1


@pytest.mark.parametrize(("content", "code"), [(b"MZ", "wrong_type"), (b"%PDF-1.7 half", "cut_off"), (b"", "empty")])
def test_what_is_no_sheet_is_refused_at_the_field(piero, event, content, code):
    response = bring(piero, content, part=str(event.sessions.last().pk), kind="list")
    form = response.context["sheet_form"]
    assert response.status_code == 422
    assert form.errors.as_data()["file"][0].code == code
    assert (form["kind"].value(), form["part"].value()) == ("list", str(event.sessions.last().pk))
    assert not Evidence.objects.exists()
    assert acts(event) == []


def test_sheet_of_twenty_megabytes_is_kept_and_a_larger_one_is_not(piero, event):
    most = evidence.LARGEST
    assert bring(piero, PDF + b" " * (most - len(PDF) - 5) + b"%%EOF").status_code == 302
    response = bring(piero, PDF + b" " * (most - len(PDF) - 4) + b"%%EOF")
    assert response.context["sheet_form"].errors.as_data()["file"][0].code == "too_large"
    assert Evidence.objects.count() == 1


def test_platforms_file_is_not_brought_here(piero, event):
    assert bring(piero, kind="log").status_code == 422
    assert not Evidence.objects.exists()


def test_file_is_taken_out_as_it_came_and_runs_nothing(piero, event):
    bring(piero, name="firme \u201cPisa\u201d.html")
    row = Evidence.objects.get()
    response = piero.get(f"{FILES}{row.pk}/")
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert ".pdf" in response["Content-Disposition"]
    assert "html" not in response["Content-Disposition"]
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert f"ha scaricato un file di prova ({row.sha256[:12]})" in acts(event)


def test_file_of_another_event_or_province_is_nowhere(piero, cast, client, event, programme, lucca):
    bring(piero)
    row = Evidence.objects.get()
    other = make_event(programme, slug="seminario-lucca", territory=lucca)
    assert piero.get(f"/gestione/eventi/{other.slug}/file/{row.pk}/").status_code == 404
    client.force_login(cast.lucia)
    assert client.get(f"{FILES}{row.pk}/").status_code == 404
    assert client.post(f"{FILES}{row.pk}/ritira/", {"reason": "?"}).status_code == 404
    assert not Evidence.objects.get().withdrawn_at


@pytest.mark.parametrize(("how", "words"), [("gone", "non è più dove era"), ("changed", "SHA-256 è un altro")])
@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_file_that_is_gone_or_was_changed_is_not_given_out(piero, event, how, words, is_withdrawn):
    bring(piero)
    row = Evidence.objects.get()
    if is_withdrawn:
        evidence.withdraw(evidence=row, by=None, reason="Prova")
    path = Path(row.file.path)
    path.unlink() if how == "gone" else path.write_bytes(PDF.replace(b"firme", b"falso"))
    response = piero.get(f"{FILES}{row.pk}/")
    text = response.content.decode()
    assert response.status_code == 409
    assert "falso" not in text
    for sentence in (words, "Registro.pdf", row.sha256, "originale", "copia di sicurezza"):
        assert sentence in text, sentence
    assert ("Ritira il file" in text) != is_withdrawn
    assert not any("ha scaricato" in act for act in acts(event))


def test_wrong_sheet_is_withdrawn_with_a_reason_and_stays_to_be_read(piero, event):
    bring(piero)
    row = Evidence.objects.get()
    refused = piero.post(f"{FILES}{row.pk}/ritira/", {"reason": " "}, follow=True)
    assert "Scrivi perché il file viene ritirato." in refused.content.decode()
    assert not Evidence.objects.get().withdrawn_at
    page = piero.post(f"{FILES}{row.pk}/ritira/", {"reason": "Era di un altro evento"}, follow=True).content.decode()
    assert "Era di un altro evento" in page
    assert piero.get(f"{FILES}{row.pk}/").status_code == 200
    assert bring(piero).status_code == 302
    assert Evidence.objects.count() == 2


def test_platforms_file_is_not_withdrawn_here(piero, event):
    row = evidence.keep(event=event, kind="log", name="a.csv", content=b"a,b", by=None).evidence
    assert piero.post(f"{FILES}{row.pk}/ritira/", {"reason": "x"}).status_code == 404
    assert piero.get(f"{FILES}{row.pk}/")["Content-Type"] == "application/octet-stream"
