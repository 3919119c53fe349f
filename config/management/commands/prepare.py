"""`manage.py prepare`: what an update needs on a host where other programs start the processes."""

from django.core.management.base import BaseCommand, CommandError

from config.setup import preparation
from config.setup.frontend import FrontendError


class Command(BaseCommand):
    help = "Front-end packages, translations, database and static files: everything that `up` does before it starts."
    requires_system_checks = []

    def handle(self, *args, **options):
        for name, step in preparation.steps():
            try:
                self.stdout.write(f"{name}: {step()}")
            except (FrontendError, preparation.PreparationError) as error:
                raise CommandError(str(error)) from error
