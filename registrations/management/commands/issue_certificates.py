"""What the organiser's button does, for scripts: issue the certificates of an event that is over."""

from django.core.management.base import CommandError

from core.commands import HouseCommand
from events.models import Event
from registrations.services import certificates


class Command(HouseCommand):
    help = "Issues a certificate to everybody who reached the threshold; the worker makes and mails the PDFs."

    def add_arguments(self, parser):
        parser.add_argument("slug")

    def handle(self, *, slug, **options):
        event = Event.objects.filter(slug=slug).first()
        if event is None:
            raise CommandError(f"There is no event “{slug}”.")
        issued = certificates.issue(event=event)
        self.stdout.write(f"{len(issued)} certificates issued for {slug}.")
