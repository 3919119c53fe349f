"""What a name may hold: everything that people are called, and nothing that pretends to be somebody else."""

import pytest
from django.core.exceptions import ValidationError

from core.names import only_a_name


@pytest.mark.parametrize(
    "name",
    [
        "Niccolò D’Angelo", "Anna-Maria O'Neill", "Zoe\u0301", "Nguyễn Thị Ánh", "J. R. R.", "李小龍", "محمد",
        "مه\u200cسا", "श्री\u200dनिवास", "Studio Rossi & Figli S.r.l.", "+".join(["Rossi", "Bianchi"]), "Łódź",
        "’t Hart", "Subito.it",
        "Cooperativa “La Rosa” (Pisa)",
    ],
)  # fmt: skip
def test_names_of_people_and_organisations_are_taken(name):
    only_a_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Anna\u202eitteB", "An\u200bna", "An\u200dna", "Anna\u2066", "\ufeffAnna", "Anna\x00", "Anna\nBcc",
        "Anna\u2028",
        "<b>Anna</b>", "Anna <", "=1+1", "＝1+1", "＜b", "+39", "@anna", " =cmd", "-2+3", "Anna\u00ad",
    ],
)  # fmt: skip
def test_names_that_pretend_or_hide_are_refused(name):
    with pytest.raises(ValidationError) as refusal:
        only_a_name(name)
    assert refusal.value.code == "not_a_name"
