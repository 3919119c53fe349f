"""The text part says all that the HTML says."""

import pytest

from core.plain_text import from_markdown


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("## Pisa\n\nCi **vediamo** _lì_.", "Pisa\n----\n\nCi vediamo lì.\n"),
        ("[Iscriviti](https://vlt.example/a)", "Iscriviti (https://vlt.example/a)\n"),
        ("<https://vlt.example/a>", "https://vlt.example/a\n"),
        ("- uno\n- due\n  - tre\n\n1. a\n2. b", "- uno\n- due\n  - tre\n\n1. a\n2. b\n"),
        ("> detto\n> bene", "> detto bene\n"),
        ("![La piazza](a.png)", "[La piazza]\n"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a  b  \n1  2\n"),
        ("<b>no</b>", "<b>no</b>\n"),
        ("", "\n"),
    ],
)
def test_text_from_markdown(source, said):
    assert from_markdown(source) == said
