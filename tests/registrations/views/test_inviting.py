"""The staff's pages of invitations and members, and approving many."""

from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import Workbook

from accounts.services import trail
from core.tokens import fingerprint
from programmes.models import Member
from registrations.models import Invitation, Registration
from tests.make import make_event, make_organisation, make_registration

pytestmark = pytest.mark.django_db
PAGE = "/gestione/eventi/seminario-pisa/inviti/"
MEMBERS = "/gestione/organizzazioni/persone/"
LIST = "e-mail;nome\nanna@example.org;Anna\nrotto@;Bea\nanna@example.org;Anna"


@pytest.fixture
def event(programme, pisa):
    return make_event(programme, slug="seminario-pisa", territory=pisa, access="invitation")


@pytest.fixture
def piero(client, cast):
    client.force_login(cast.piero)
    return client


@pytest.fixture
def carla(client, cast):
    client.force_login(cast.carla)
    return client


def confirm(client, path, text=LIST, **over):
    return client.post(path, {"text": text, "seen": fingerprint(text), "confirm": "1"} | over)


def test_list_is_looked_at_before_anybody_is_invited(piero, event):
    response = piero.post(PAGE, {"text": LIST})
    page = response.content.decode()
    assert not Invitation.objects.exists()
    sifted = response.context["sifted"]
    assert [len(rows) for rows in (sifted.new, sifted.known, sifted.twice, sifted.broken)] == [1, 0, 1, 1]
    assert "rotto@;Bea" in page
    assert "Invita 1 persona" in page
    response = confirm(piero, PAGE)
    assert Invitation.objects.get().email == "anna@example.org"
    assert "rotto@;Bea" in response.content.decode(), "what is to be mended is still there"
    assert "ha invitato persone (1)" in [line.what for line in trail.lines(event)]


@pytest.mark.parametrize("over", [{"seen": ""}, {"seen": "0" * 64}, {"seen": fingerprint(LIST + "\nbea@example.org")}])
def test_list_that_nobody_looked_at_is_not_written(piero, event, over):
    assert confirm(piero, PAGE, **over).status_code == 200
    assert not Invitation.objects.exists()


def test_list_with_the_line_ends_of_a_browser_is_the_same(piero, event):
    confirm(piero, PAGE, seen=fingerprint(LIST), text=LIST.replace("\n", "\r\n"))
    assert Invitation.objects.count() == 1


def test_file_becomes_a_list_to_look_at(piero, event):
    book, content = Workbook(), BytesIO()
    book.active.append(["Cognome", "Posta elettronica"])
    book.active.append(["Verdi", "anna@example.org"])
    book.save(content)
    content.seek(0)
    content.name = "inviti.xlsx"
    response = piero.post(PAGE, {"text": "", "file": content})
    assert [row.person["last_name"] for row in response.context["sifted"].new] == ["Verdi"]
    assert "Verdi;anna@example.org" in response.content.decode()


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"text": ""}, "text", "required"),
        ({"text": "nome\nAnna"}, "text", "columns"),
        ({"text": "anna@example.org", "file": BytesIO(b"\x89PNG\x00\x01\x02")}, "file", "not_text"),
    ],
)
def test_what_is_no_list_says_so_at_the_field(piero, event, data, field, code):
    response = piero.post(PAGE, data)
    assert response.status_code == 422
    assert response.context["form"].has_error(field, code)
    assert data["text"] in response.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_a_fixed_number_of_queries(piero, event, number, django_assert_num_queries):
    for one in range(number):
        used = make_registration(event)
        Invitation.objects.create(event=event, email=f"{one}@example.org", registration=used)
    with django_assert_num_queries(8):
        assert piero.get(PAGE).status_code == 200


def test_remind_and_withdraw_by_their_buttons(piero, event):
    confirm(piero, PAGE)
    invitation = Invitation.objects.get()
    assert "Promemoria" not in piero.post(f"{PAGE}promemoria/", follow=True).content.decode()
    page = piero.post(f"{PAGE}{invitation.pk}/ritira/", follow=True).content.decode()
    assert "il link non apre più niente" in page
    invitation.refresh_from_db()
    assert invitation.withdrawn_at


def test_members_are_listed_searched_and_taken_off(carla, programme):
    make_organisation(programme, "CNA Toscana", slug="cna")
    text = "anna@example.org;Anna;Verdi;CNA Toscana;presidente\nbea@example.org;Bea;Neri;cna\nx@example.org;X;;ignota"
    assert [len(rows) for _label, rows in carla.post(MEMBERS, {"text": text}).context["sifted"].groups] == [2, 0, 0]
    assert not Member.objects.exists()
    page = confirm(carla, MEMBERS, text).content.decode()
    assert Member.objects.count() == 2
    assert "x@example.org;X;;ignota" in page
    found = carla.post(MEMBERS, {"words": "verdi"}).context["found"]
    assert [one.email for one in found] == ["anna@example.org"]
    carla.post(f"{MEMBERS}{found[0].pk}/togli/")
    assert Member.objects.get().email == "bea@example.org"


@pytest.mark.parametrize("number", [1, 3])
def test_members_page_asks_a_fixed_number_of_queries(carla, programme, number, django_assert_num_queries):
    for one in range(number):
        cna = make_organisation(programme, f"CNA {one}")
        Member.objects.create(programme=programme, email=f"{one}@example.org", organisation=cna)
    with django_assert_num_queries(7):
        assert carla.get(MEMBERS).status_code == 200


def test_wrong_domain_is_said_at_its_organisation_with_all_that_was_typed(carla, programme):
    cna, acli = make_organisation(programme, "CNA"), make_organisation(programme, "ACLI")
    typed = {f"domains-{cna.pk}": "gmail.com", f"domains-{acli.pk}": "acli.it"}
    response = carla.post("/gestione/organizzazioni/indirizzi/", typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="gmail.com"' in page
    assert 'value="acli.it"' in page
    assert "lo può avere chiunque" in page
    acli.refresh_from_db()
    assert acli.email_domains == ""
    carla.post("/gestione/organizzazioni/indirizzi/", typed | {f"domains-{cna.pk}": "cna.it"})
    acli.refresh_from_db()
    assert acli.email_domains == "acli.it"


def test_requests_are_approved_together_each_for_herself(piero, event, pisa):
    people = "/gestione/eventi/seminario-pisa/persone/"
    asked = [make_registration(event, state="requested") for _ in range(3)]
    young = make_registration(event, state="requested", is_minor=True)
    left = make_registration(event, state="cancelled", cancelled_at=timezone.now())
    other = make_registration(make_event(event.programme, territory=pisa), state="requested")
    assert piero.get(f"{people}?state=requested").content.decode().count('name="people"') == 3
    chosen = [one.pk for one in (*asked[:2], young, left, other)]
    page = piero.post(f"{people}approva/", {"people": [*chosen, "x"]}, follow=True).content.decode()
    assert "2 persone approvate" in page
    states = [Registration.objects.get(pk=one.pk).state for one in (*asked, young, left, other)]
    assert states == ["confirmed", "confirmed", "requested", "requested", "cancelled", "requested"]
    assert "Non hai scelto nessuna persona" in piero.post(f"{people}approva/", follow=True).content.decode()


def test_staff_register_by_hand_whom_they_like(piero, event):
    data = {"first_name": "Anna", "email": "anna@example.org", "mode": "in_person", "privacy": "on"}
    piero.post("/gestione/eventi/seminario-pisa/persone/nuova/", data)
    assert Registration.objects.get().email == "anna@example.org"


def test_good_rows_are_invited_and_told_and_the_broken_stay(piero, event):
    text = "rotta;A;B;;it\nbea@example.org;Bea"
    response = confirm(piero, PAGE, text)
    page = response.content.decode()
    assert Invitation.objects.get().email == "bea@example.org"
    assert "1 persona invitata. 1 riga da correggere" in page
    assert response.context["form"].initial["text"] == "rotta;A;B;;it"
