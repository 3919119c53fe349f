"""`manage.py demo [--stage STAGE] [--people N] [--seed N]`: fills a programme through the services."""

from django.core.management.base import BaseCommand, CommandError

from config.demo import filling
from config.demo.story import Stage
from core.catalogue import CatalogueError


class Command(BaseCommand):
    help = "Fills the programme with invented people: events over, running and open. --stage: the next seminar and lab."

    def add_arguments(self, parser):
        parser.add_argument("--stage", type=Stage, choices=list(Stage), help="only the next seminar and lab, put here")
        parser.add_argument(
            "--people", type=int, default=300, metavar="N", help="how many people there are: 60 to 5000 (300)"
        )
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same number tells the same story")

    def handle(self, *args, stage, people, seed, **options):
        if not 60 <= people <= 5000:
            raise CommandError("--people: choose a number between 60 and 5000.")
        try:
            told = filling.fill(stage=stage, number=people, seed=seed)
        except (filling.DemoError, CatalogueError) as error:
            raise CommandError(str(error)) from error
        for event, its_stage in told.events:
            self.stdout.write(f"{event.slug:28} {its_stage}")
        self.stdout.write(f"{told.registrations} registrations. Accounts (log in with the code that is mailed):")
        for account in filling.accounts():
            self.stdout.write(f"  {account.email:24} {account.role}  {account.province}".rstrip())
