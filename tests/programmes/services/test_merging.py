"""What the file says, beside what people changed since."""

import pytest

from programmes.models import LoadedRow, Organisation
from programmes.services.merging import Merge
from tests.make import make_organisation

pytestmark = pytest.mark.django_db


def load(programme, **values):
    merge = Merge(programme)
    row = Organisation.objects.filter(slug="cna").first() or Organisation(programme=programme, slug="cna")
    merge.row("organisations/cna", row, {"name": "CNA", "role": "partner", "website": ""} | values)
    return merge, Organisation.objects.get(slug="cna")


def test_new_row_is_made_and_remembered(programme):
    merge, row = load(programme)
    assert merge.created == ["organisations/cna"]
    assert row.name == "CNA"
    assert LoadedRow.objects.get(key="organisations/cna").values["name"] == "CNA"


def test_field_that_nobody_touched_follows_the_file(programme):
    load(programme)
    merge, row = load(programme, name="CNA Toscana")
    assert (merge.changed, merge.kept) == (["organisations/cna"], [])
    assert row.name == "CNA Toscana"


def test_field_changed_by_a_person_stays_while_others_follow(programme):
    load(programme)
    Organisation.objects.filter(slug="cna").update(name="CNA, come la chiamiamo noi")
    merge, row = load(programme, name="CNA Toscana", website="https://www.cnatoscana.it")
    assert merge.kept == ["organisations/cna: name"]
    assert (row.name, row.website) == ("CNA, come la chiamiamo noi", "https://www.cnatoscana.it")


def test_person_and_file_that_come_to_agree_are_no_conflict(programme):
    load(programme)
    Organisation.objects.filter(slug="cna").update(name="CNA Toscana")
    merge, _row = load(programme, name="CNA Toscana")
    assert merge.kept == []
    merge, row = load(programme, name="CNA regionale")
    assert row.name == "CNA regionale"


def test_row_from_before_the_first_loading_takes_what_the_file_says(programme):
    make_organisation(programme, "Un vecchio nome", slug="cna")
    merge, row = load(programme)
    assert row.name == "CNA"
    assert merge.created == []
