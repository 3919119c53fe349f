"""What the organiser's page does, for scripts: seat the people present in groups."""

import json

from django.core.management.base import CommandError

from core.commands import HouseCommand
from events.models import Event
from registrations.services import groups


class Command(HouseCommand):
    help = "Forms the groups of a lab from the people present (or expected, when nobody is there yet)."

    def add_arguments(self, parser):
        parser.add_argument("slug")
        parser.add_argument("--seed", type=int, help="the same people and seed give the same groups")
        parser.add_argument("--number", type=int, help="how many groups; by default one a facilitator")
        parser.add_argument("--json", action="store_true", help="print the result as JSON, without names")

    def handle(self, *, slug, seed, number, json: bool, **options):
        event = Event.objects.filter(slug=slug).first()
        if event is None:
            raise CommandError(f"There is no event “{slug}”.")
        formed = groups.form_groups(event=event, seed=seed, number=number)
        result = _as_data(event, formed)
        self.stdout.write(_as_json(result) if json else _as_text(result))


def _as_data(event: Event, formed: groups.Formed) -> dict:
    picture = groups.picture(event=event)
    return {
        "event": event.slug,
        "seed": formed.seed,
        "basis": "expected" if picture.is_expected else "present",
        "people": picture.people,
        "placed": formed.placed,
        "moved": formed.moved,
        "colleague_pairs": picture.pairs,
        "fewest_colleague_pairs": picture.bound,
        "groups": [
            {
                "number": group.number,
                "facilitator": str(group.facilitator) if group.facilitator else None,
                "people": [one.code for one in group.people],
            }
            for group in picture.groups
        ],
    }


def _as_json(result: dict) -> str:
    return json.dumps(result, indent=2)


def _as_text(result: dict) -> str:
    sizes = ", ".join(str(len(group["people"])) for group in result["groups"])
    return (
        f"{result['people']} people {result['basis']} in {len(result['groups'])} groups of {sizes}; "
        f"{result['placed']} placed, {result['moved']} moved; colleague pairs {result['colleague_pairs']} "
        f"(fewest possible {result['fewest_colleague_pairs']}); seed {result['seed']}."
    )
