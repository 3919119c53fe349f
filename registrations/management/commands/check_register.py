"""Whether the facts of an event are still those that its sealed registers hold, for scripts and for who audits."""

from django.core.management.base import CommandError

from core.commands import HouseCommand
from events.models import Event
from registrations.services import sealing


class Command(HouseCommand):
    help = (
        "Compares the database and the kept files with every sealed register of an event; exit code 1 on a difference."
    )

    def add_arguments(self, parser):
        parser.add_argument("slug")

    def handle(self, *, slug, **options):
        event = Event.objects.filter(slug=slug).first()
        if event is None:
            raise CommandError(f"There is no event “{slug}”.")
        findings = sealing.check(event)
        if findings:
            raise CommandError("\n".join(sealing.in_words(one) for one in findings))
        last = event.seals.order_by("number").last()
        if last is None:
            self.stdout.write(f"No register of {slug} is sealed yet.")
        else:
            self.stdout.write(f"Nothing has changed since register no. {last.number} of {slug}, head {last.head}.")
