import pytest

from core import spreadsheets


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "＝1+1", "＠A1"])
def test_what_looks_like_a_formula_is_made_harmless(text):
    (_mark, line) = spreadsheets.csv_lines([[text]])
    assert line.decode().lstrip('"').startswith("'")


def test_other_texts_are_as_they_are():
    (_mark, line) = spreadsheets.csv_lines([["Niccolò", "a=b", "", 3]])
    assert line.decode() == "Niccolò;a=b;;3\r\n"
