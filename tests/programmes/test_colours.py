"""A colour that cannot be read is refused when it is set."""

import pytest
from django.core.exceptions import ValidationError

from programmes.colours import contrast_with_white
from tests.make import make_programme


@pytest.mark.parametrize(("colour", "contrast"), [("#000000", 21), ("#FFFFFF", 1), ("#1F4D3A", 9.6), ("#A8431F", 6.0)])
def test_contrast_with_white(colour, contrast):
    assert contrast_with_white(colour) == pytest.approx(contrast, abs=0.1)


def test_light_colour_is_refused_with_its_contrast(db):
    programme = make_programme(main_colour="#F2C14E")
    with pytest.raises(ValidationError) as refusal:
        programme.full_clean()
    assert [error.code for error in refusal.value.error_dict["main_colour"]] == ["contrast"]


@pytest.mark.parametrize("wrong", ["green", "#12345", "#12345G", "", "#1F4D3A;}"])
def test_no_colour_at_all_is_refused_once(db, wrong):
    programme = make_programme()
    programme.main_colour = wrong
    with pytest.raises(ValidationError) as refusal:
        programme.full_clean()
    assert list(refusal.value.error_dict) == ["main_colour"]
