"""`manage.py import_subscribers FILE.csv`: brings a list along, with its proof."""

from pathlib import Path

from django.core.management.base import CommandError

from core.commands import HouseCommand
from newsletters.services import importing, tables
from programmes.models import Programme


class Command(HouseCommand):
    help = (
        "Subscribes the people of a CSV file (columns: " + ", ".join(tables.COLUMNS) + "). Rows with consent_at and "
        "consent_source are subscribed, the others asked once by mail. While a row is wrong nothing is imported."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, change nothing")

    def handle(self, *args, file: Path, dry_run: bool, **options):
        programme = Programme.objects.current()
        if programme is None:
            raise CommandError("There is no programme yet: run load_programme first.")
        try:
            table = tables.read_table(file.read_bytes())
            report = importing.import_subscribers(programme=programme, rows=table, source=file.name, dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"{file} cannot be read ({error.strerror}).") from error
        if report.errors:
            lines = [f"row {number}, {column}: {sentence}" for number, column, sentence in report.errors]
            raise CommandError("\n".join([*lines, f"Nothing imported. Rows that are wrong: {report.wrong_rows}."]))
        self.stdout.write(
            f"{'Would be: ' if dry_run else ''}{report.subscribed} subscribed, {report.asked} asked by mail, "
            f"{report.unchanged} unchanged, {report.repeated} repeated rows."
        )
