"""`manage.py translations`: brings the catalogues up to date and compiles them; `--check` says what is missing."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import catalogues, translations


class Command(BaseCommand):
    help = "Adds new sentences to the catalogues in locale/ and compiles them. --check: fail if one is missing."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true")
        parser.add_argument("--compile", action="store_true", help="compile only")

    def handle(self, *args, check, **options):
        if check:
            problems = translations.missing(settings.BASE_DIR)
            if problems:
                raise CommandError("\n".join([f"{len(problems)} sentences need a translation:", *problems]))
            return
        if not options["compile"]:
            translations.update(settings.BASE_DIR)
        catalogues.compile_all(settings.BASE_DIR)
