"""`manage.py frontend`: fetches the front-end packages of package-lock.json; `up` does the same."""

from django.core.management.base import BaseCommand, CommandError

from config.setup import frontend


class Command(BaseCommand):
    help = "Fetches the front-end packages by npm and copies the files that pages load to FRONTEND_DIR."
    requires_system_checks = []

    def handle(self, *args, **options):
        try:
            changed = frontend.install()
        except frontend.FrontendError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Front-end files are installed." if changed else "Front-end files are up to date.")
