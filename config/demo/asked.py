"""What the demo's events ask, and what its people answer: the labs ask two questions and about needs.

Everybody answers by a chance of her own, so that asking more or less does not change the rest of the story. Some leave
everything out, some prefer not to say: as in life.
"""

from random import Random
from typing import Any

from i18nfield.strings import LazyI18nString

from config.demo.people import Person
from events.models import Event, Question
from events.services import editing, questioning
from registrations import monitoring
from registrations.models import Registration
from registrations.services import asking

COMES_BY = [
    {"it": "In treno", "en": "By train"},
    {"it": "In auto", "en": "By car"},
    {"it": "A piedi o in bicicletta", "en": "On foot or by bicycle"},
]
DIETARY = ["Celiachia", "Celiachia", "Senza lattosio", "Cucina vegetariana", "Niente frutta a guscio"]
ACCESS = ["Arrivo in carrozzina", "Un posto vicino a chi parla: sento poco", "Materiali in caratteri grandi"]


def prepare(event: Event) -> None:
    """Before anybody is registered: what a lab asks."""
    if not event.kind_facts.has_groups or event.questions.exists():
        return
    editing.update_event(event=event, changes={"asks_dietary_needs": True})
    by = questioning.add(
        event=event,
        label=LazyI18nString({"it": "Come arrivi?", "en": "How do you get there?"}),
        kind=Question.Kind.CHOICE,
        options=questioning.choices([], COMES_BY),
    )
    questioning.add(
        event=event,
        label=LazyI18nString({"it": "Quanti posti liberi hai?", "en": "How many seats are free?"}),
        help=LazyI18nString({"it": "Per chi viene dalla tua zona.", "en": "For people from your area."}),
        kind=Question.Kind.NUMBER,
        shown_if=by,
        shown_if_answer="in_auto",
    )
    event.refresh_from_db()


def told_by(person: Person, event: Event) -> dict[str, Any]:
    """What she writes into the form, as arguments of `signup.register`."""
    random = Random(f"{person.email} {event.slug}")  # noqa: S311 (a story, not a secret)
    plain = [item for item in asking.items_of(event) if not item.is_sensitive]
    told: dict[str, Any] = {"monitoring": _answers(random, plain) if random.random() < 0.8 else {}}
    if "organisation_kind" in told["monitoring"] and not person.organisation:
        told["monitoring"] = {"organisation_kind": "none"}
    if event.questions_version:
        by = random.choice(["in_treno", "in_auto", "a_piedi_o_in_bicicletta", ""])
        told["answers"] = {"come_arrivi": by, "quanti_posti_liberi_hai": random.randint(0, 3)}
        told["needs"] = {
            "access": random.choice(ACCESS) if random.random() < 0.04 else "",
            "dietary": random.choice(DIETARY) if random.random() < 0.12 else "",
        }
    return told


def tell_more(person: Person, registration: Registration) -> None:
    """What she adds on her own page: the answers that are asked only of who is known by her link."""
    items = asking.items_of(registration.event)
    random = Random(f"{person.email} more")  # noqa: S311
    if not any(item.is_sensitive for item in items) or not registration.event.takes_changes or random.random() < 0.5:
        return
    sensitive = {item.key: _yes_or_no(random) for item in items if item.is_sensitive}
    asking.change(registration=registration, monitoring=asking.monitoring_of(registration) | sensitive)


def _answers(random: Random, items: list[monitoring.Item]) -> dict[str, str]:
    """One answer a question; a few prefer not to say."""
    told = {}
    for item in items:
        choices = [key for key, _label in item.choices]
        if random.random() < 0.03:
            told[item.key] = monitoring.NOT_SAID
        elif item.key == "sex":
            told[item.key] = random.choices(choices, [64, 33, 3])[0]
        elif choices:
            told[item.key] = random.choice(choices)
        else:
            told[item.key] = f"{random.randint(1950, 2003)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    if told.get("employment") != "unemployed":
        told.pop("unemployed_for", None)
    return told


def _yes_or_no(random: Random) -> str:
    return random.choices(["yes", "no", monitoring.NOT_SAID], [8, 80, 12])[0]
