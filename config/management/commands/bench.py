"""`manage.py bench NAME`: measures one subject and prints what it found beside this machine's ceiling."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from config import bench
from config.bench.measuring import BenchError, Report, processor_seconds
from config.bench.stage import Stage
from config.running.supervisor import SupervisorError
from config.setup.frontend import FrontendError


class Command(BaseCommand):
    help = "Measures the real code path beside this machine's ceiling, on a throw-away database."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("name", choices=bench.names())
        parser.add_argument("--database", metavar="URL", help="an empty one (default: a PostgreSQL of its own)")
        parser.add_argument("--json", metavar="FILE", help="write the figures there too")

    def handle(self, *args, name, json, **options):
        report = Report(name, self.stdout.write)
        try:
            with Stage() as stage:
                stage.prepare()
                report.add("five million sums", cpu_seconds=processor_seconds())
                bench.measure_of(name)(stage, report)
        except (BenchError, FrontendError, SupervisorError) as error:
            raise CommandError(str(error)) from error
        if json:
            Path(json).write_text(report.as_json() + "\n", encoding="utf-8")
