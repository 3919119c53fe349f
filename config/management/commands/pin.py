"""`manage.py pin`: writes the exact version of every Python package into pyproject.toml."""

from django.core.management.base import BaseCommand

from config.setup import pins


class Command(BaseCommand):
    help = "Pins every Python package in pyproject.toml; --upgrade looks for newer versions first."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--upgrade", action="store_true")

    def handle(self, *args, upgrade, **options):
        self.stdout.write(f"{pins.renew(upgrade)} packages are pinned. Run the tests before you commit them.")
