"""Every command of ours says in English what it did or why not, and can be found in the documentation."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.utils import translation

from tests.make import make_event

ROOT = Path(settings.BASE_DIR)
OURS = {path.stem for path in ROOT.glob("*/management/commands/*.py")} - {"__init__"}


def test_rule_that_says_no_is_printed_once_in_english_with_its_code(programme):
    make_event(slug="seminario-pisa")
    with translation.override("it"), pytest.raises(CommandError) as refusal:
        call_command("issue_certificates", "seminario-pisa")
    assert re.fullmatch(r"[^()]*over[^()]*\(not_over\)", str(refusal.value))
    assert refusal.value.returncode == 1


@pytest.mark.parametrize("written", ["2026-13-01", "domani", ""])
def test_day_that_is_none_is_a_sentence_that_names_the_option(written):
    with pytest.raises(CommandError, match="--shift-to: expected a day such as 2026-05-21"):
        call_command("load_programme", "vlt", "--shift-to", written)


@pytest.mark.parametrize("name", sorted(OURS))
def test_command_has_a_help_text_and_stands_in_the_documentation(name):
    command = load_command_class(get_commands()[name], name)
    assert command.help.endswith(".")
    pages = "".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    assert re.search(rf"manage\.py {name}\b", pages), f"docs: say what `manage.py {name}` is for"
