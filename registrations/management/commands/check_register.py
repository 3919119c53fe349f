"""Whether the facts of an event are still those that its sealed registers hold, for scripts and for who audits.

With what somebody outside kept (a mail, a paper), whether that register is still there: one that was removed whole
leaves no gap that could be seen from inside. A file that no row names is told, but is no difference: it may be what a
crash left behind.
"""

from django.core.management.base import CommandError

from core.commands import HouseCommand
from events.models import Event
from registrations.services import kept_files, sealing, witnessing


class Command(HouseCommand):
    help = (
        "Compares the database and all kept files with every sealed register of an event; exit code 1 on a difference."
    )

    def add_arguments(self, parser):
        parser.add_argument("slug")
        parser.add_argument(
            "--head", action="append", default=[], metavar="HEAD",
            help="head of a register, or SHA-256 of its XLSX or PDF, that somebody kept elsewhere; may be repeated",
        )  # fmt: skip
        parser.add_argument("--number", type=int, default=0, help="number of the last register that somebody knows of")

    def handle(self, *, slug, head, number, **options):
        event = Event.objects.filter(slug=slug).first()
        if event is None:
            raise CommandError(f"There is no event “{slug}”.")
        registers = list(event.seals.order_by("number"))
        for name in kept_files.orphans():
            self.stderr.write(f"No row of any event names the file {name}: a row was removed, or a file was put there.")
        differences = [*_from_outside(registers, head, number), *_inside(event)]
        if differences:
            raise CommandError("\n".join(differences))
        if registers:
            last = registers[-1]
            self.stdout.write(f"Nothing has changed since register no. {last.number} of {slug}, head {last.head}.")
        else:
            self.stdout.write(f"No register of {slug} is sealed yet.")


def _from_outside(registers, heads, number):
    """What somebody kept that no register has."""
    for typed in heads:
        fingerprint = witnessing.as_typed(typed)
        if not fingerprint:
            yield f"“{typed}” is neither a head nor a SHA-256: it must have 64 hexadecimal signs."
        elif not witnessing.recognised(registers, fingerprint):
            yield f"No register has {fingerprint}: a register was removed or changed."
    last = registers[-1].number if registers else 0
    if last < number:
        yield f"The last register is no. {last}: no. {last + 1} to no. {number} are missing."


def _inside(event):
    """Files that were brought by number and path: what they were called may name somebody."""
    for one in sealing.check(event):
        if row := one.file:
            yield f"File no. {row.pk} ({row.file.name}) is missing, or is not the one that was brought."
        else:
            yield sealing.in_words(one)
