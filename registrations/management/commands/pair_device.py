"""`manage.py pair_device SLUG [SLUG …] [--name NAME]`: prints a pairing code for a phone at the door."""

from django.core.management.base import CommandError

from core.commands import HouseCommand
from core.tokens import grouped
from events.models import Event
from registrations.services import devices


class Command(HouseCommand):
    help = "Prints a code that pairs one phone with the check-in of these events, good for fifteen minutes."

    def add_arguments(self, parser):
        parser.add_argument("slugs", nargs="+", metavar="SLUG")
        parser.add_argument("--name", default="", help="what the phone is called at the desk")

    def handle(self, *args, slugs, name, **options):
        events = sorted(Event.objects.filter(slug__in=slugs), key=lambda event: slugs.index(event.slug))
        missing = sorted(set(slugs) - {event.slug for event in events})
        if missing:
            raise CommandError(f"There is no event called {', '.join(missing)}.")
        _device, code = devices.create_pairing(events=events, name=name)
        self.stdout.write(grouped(code))
