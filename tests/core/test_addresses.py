"""One person, one spelling; and no address that a mail server would not take."""

import pytest
from django import forms
from django.core.exceptions import ValidationError

from core.addresses import AddressField, address_in, normalise_email

ANNA = "anna.verdi@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "written",
    [
        "anna.verdi@bücher.example", "ANNA.VERDI@BÜCHER.EXAMPLE", "Anna.Verdi@Bücher.Example",
        "anna.verdi@bu\u0308cher.example", "anna.verdi@xn--bcher-kva.example", "anna.verdi@XN--BCHER-KVA.EXAMPLE",
        " anna.verdi@bücher.example", "anna.verdi@bücher.example\u00a0", "\tanna.verdi@bücher.example\r\n",
        "anna.verdi@bücher.example.", "anna.verdi@bücher.example,", "anna.verdi@bücher.example;",
        "\ufeffanna.verdi@bücher.example", "anna\u200b.verdi@bücher.example", "anna.verdi@bü\u00adcher.example",
        "anna.verdi\u2060@bücher.example", "\u200eanna.verdi@bücher.example\u200f", "anna.verdi＠bücher.example",
        "ａｎｎａ．ｖｅｒｄｉ@bücher.example", "anna.verdi@bücher．example", "anna.verdi@bücher。example",
        "<anna.verdi@bücher.example>", "Anna Verdi <anna.verdi@bücher.example>",
        '"Verdi, Anna" <anna.verdi@bücher.example>', "“Anna” <Anna.Verdi@bücher.example> ;",
        "mailto:anna.verdi@bücher.example", "MAILTO:Anna.Verdi@bücher.example?subject=Ciao",
        "<mailto:anna.verdi@bücher.example>", "'anna.verdi@bücher.example'", '"anna.verdi@bücher.example"',
        "(anna.verdi@bücher.example)", "[anna.verdi@bücher.example]", "«anna.verdi@bücher.example»",
    ],
)  # fmt: skip
def test_address_in_any_spelling_is_one_person(written):
    assert address_in(written) == ANNA
    assert normalise_email(ANNA) == ANNA


def test_dots_and_tags_are_different_boxes():
    assert len({address_in(one) for one in ("annaverdi@x.it", "anna.verdi@x.it", "anna.verdi+news@x.it")}) == 3


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("anna verdi@example.org", "space"),
        ("anna@example.org, beth@example.org", "two_at"),
        ("anna@beth@example.org", "two_at"),
        ("anna", "no_at"),
        ("@example.org", "no_at"),
        ("anna@", "no_at"),
        ("", "no_at"),
        ("anna..verdi@example.org", "dots"),
        ("anna@example..org", "dots"),
        (".anna@example.org", "dots"),
        ("anna.@example.org", "dots"),
        ("anna@example", "no_ending"),
        ("anna@localhost", "no_ending"),
        ("a" * 65 + "@example.org", "local_too_long"),
        ("anna@" + "a" * 250 + ".org", "too_long"),
        ("a" * 10_000_000, "too_long"),
        ("niccolò@example.org", "not_ascii"),
        ("анна@example.org", "not_ascii"),
        ("аnna@example.org", "not_ascii"),  # its first letter is Cyrillic
        ("anna@" + "é" * 70 + ".org", "domain"),
        ("anna@exa_mple.org", "invalid"),
        ("anna@-example.org", "invalid"),
        ("anna@[192.0.2.1]", "invalid"),
        ("anna@192.0.2.1", "invalid"),
        ('"anna"verdi@example.org', "invalid"),
        ("anna@example.org\r\nBcc: beth@example.org", "control"),
        ("anna@exam\nple.org", "control"),
        ("an\0na@example.org", "control"),
    ],
)
def test_address_that_no_server_takes_is_refused_with_its_reason(written, code):
    with pytest.raises(ValidationError) as refusal:
        address_in(written)
    assert refusal.value.code == code
    assert len(str(refusal.value.message)) > 10


def test_field_gives_what_is_stored_and_says_it_in_the_words_of_its_form():
    class Form(forms.Form):
        email = AddressField(error_messages={"invalid": "Not whole."})
        other = AddressField(required=False)

    form = Form({"email": "Anna <ANNA@Example.org>", "other": " "})
    assert form.is_valid()
    assert form.cleaned_data == {"email": "anna@example.org", "other": ""}
    wrong = Form({"email": "anna", "other": "niccolò@example.org"})
    assert wrong.errors["email"] == ["Not whole."]
    assert wrong.has_error("other", "not_ascii")
