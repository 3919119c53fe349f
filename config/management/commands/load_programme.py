"""`manage.py load_programme NAME|FILE [--shift-to YYYY-MM-DD]`: loads or updates a programme from its TOML file."""

from django.core.management.base import CommandError

from config import programme
from core.catalogue import CatalogueError
from core.commands import HouseCommand, day


class Command(HouseCommand):
    help = "Loads or updates a programme from a TOML file. Twice is the same as once; a wrong file changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("name", metavar="NAME|FILE", help="a name in programmes/catalogue/, or a .toml file")
        parser.add_argument(
            "--shift-to", type=day, metavar="YYYY-MM-DD",
            help="move the whole programme, by whole weeks, to begin near this day; loading again keeps it so, "
            "and the file's own starts_on moves it back",
        )  # fmt: skip

    def handle(self, *args, name, shift_to, **options):
        try:
            merge = programme.load(name, shift_to)
        except CatalogueError as error:
            count = len(error.problems)
            raise CommandError(
                f"{error}\n{count} {'mistake' if count == 1 else 'mistakes'}. Nothing was changed."
            ) from error
        loaded = merge.programme
        self.stdout.write(
            f"{loaded.short_name}, {loaded.starts_on} to {loaded.ends_on}: "
            f"{len(merge.created)} entries are new, {len(merge.changed)} changed."
        )
        for kept in merge.kept:
            self.stdout.write(f"Kept, because it was changed here: {kept}")
