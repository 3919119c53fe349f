"""What our own commands have in common, so that scripts and the people who run them can rely on it.

They speak English throughout, as all that `manage.py` prints, whatever language the site speaks. When a rule says no
(RuleError), its sentence and its code are printed once and the exit code is 1; nothing was changed.
"""

import argparse
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from core.errors import RuleError


class HouseCommand(BaseCommand):
    def execute(self, *args: Any, **options: Any) -> str | None:
        with translation.override("en"):
            try:
                return super().execute(*args, **options)
            except RuleError as error:
                raise CommandError(f"{error} ({error.code})") from error


def day(written: str) -> date:
    """The type of an argument that is a day."""
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-05-21, not “{written}”") from error
