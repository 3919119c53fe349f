"""`manage.py kill_matrix`: does a newsletter reach everybody once while everything around it dies? Non-zero if not."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from config.bench.measuring import BenchError, Report
from config.bench.stage import Stage
from config.running.supervisor import SupervisorError
from config.trials.kill_matrix import Plan, Trial, TrialError


class Command(BaseCommand):
    help = "Kills workers, broker and database while a newsletter leaves, and says from the mail log who got it."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--database", help="sqlite, postgresql (default: one of its own), or the URL of an empty one"
        )
        parser.add_argument("--recipients", type=int, default=20_000)
        parser.add_argument("--workers", type=int, default=4)
        parser.add_argument("--kills", type=int, default=20, help="how often a random worker gets `kill -9`")
        parser.add_argument("--flushes", type=int, default=2, help="how often the broker loses everything")
        parser.add_argument("--database-restarts", type=int, default=1, help="how often the database crashes")
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same blows")
        parser.add_argument("--json", metavar="FILE", help="write the figures there too")

    def handle(self, *args, json, **options):
        report = Report("kill_matrix", self.stdout.write)
        plan = Plan(
            recipients=options["recipients"],
            workers=options["workers"],
            kills=options["kills"],
            flushes=options["flushes"],
            crashes=options["database_restarts"],
            seed=options["seed"],
        )
        try:
            with Stage() as stage:
                stage.prepare(files=False)
                Trial(stage, plan, report).play()
        except (BenchError, SupervisorError, TrialError) as error:
            raise CommandError(str(error)) from error
        finally:
            if json:
                Path(json).write_text(report.as_json() + "\n", encoding="utf-8")
