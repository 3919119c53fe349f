"""Who belongs to the programme's organisations."""

import pytest

from programmes.models import Member
from registrations.services import RegistrationError, members
from tests.make import make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def cna(programme):
    return make_organisation(programme, "CNA Toscana", slug="cna")


def test_list_brought_in_twice_is_kept_once(programme, cna):
    text = "e-mail;nome;organizzazione;ruolo\nanna@example.org;Anna;cna toscana;presidente\nbea@example.org;Bea;;tutor"
    assert len(members.add(programme=programme, text=text).new) == 2
    assert len(members.add(programme=programme, text=text).known) == 2
    kept = list(Member.objects.order_by("email").values_list("email", "organisation", "role"))
    assert kept == [("anna@example.org", cna.pk, "presidente"), ("bea@example.org", None, "tutor")]


@pytest.mark.parametrize(
    ("row", "code"),
    [("anna@example.org;;;ACLI;", "organisation"), ("anna@example.org;Anna;;;", "belongs_nowhere")],
)
def test_row_that_belongs_nowhere_is_broken(programme, cna, row, code):
    sifted = members.add(programme=programme, text=f"{row}\nbea@example.org;;;CNA Toscana")
    assert [one.code for one in sifted.broken] == [code]
    assert Member.objects.get().email == "bea@example.org"


def test_search_finds_every_word(programme, cna):
    members.add(programme=programme, text="anna@example.org;Anna;Verdi;cna;presidente\nbea@example.org;Bea;Neri;cna")
    assert [one.email for one in members.search(programme, "verdi pres")] == ["anna@example.org"]
    assert members.search(programme, "toscana").count() == 2
    assert not members.search(programme, "verdi neri")


def test_domains_are_cleaned_and_kept(programme, cna):
    members.set_domains(programme=programme, domains={cna.pk: " @CNA.it; toscana.cna.it,cna.it"})
    cna.refresh_from_db()
    assert cna.domains == ["cna.it", "toscana.cna.it"]


@pytest.mark.parametrize("written", ["cna", "gmail.com", "https://cna.it/x", "cna.it, anna@", "-cna.it"])
def test_domain_that_says_nothing_is_refused_with_all_others(programme, cna, written):
    other = make_organisation(programme, "ACLI")
    with pytest.raises(RegistrationError) as refusal:
        members.set_domains(programme=programme, domains={other.pk: "acli.it", cna.pk: written})
    assert (refusal.value.code, list(refusal.value.fields)) == ("domain", [f"domains-{cna.pk}"])
    other.refresh_from_db()
    assert other.email_domains == ""
