"""Events: one module a subject."""

from events.models.agenda import Session, Speaker
from events.models.event import Event, EventQuerySet
from events.models.material import MATERIALS, Material, MaterialQuerySet, material_path
from events.models.places import Mode, Places
from events.models.question import NO, YES, Question, QuestionQuerySet
from events.models.venue import Venue, VenueQuerySet

__all__ = [
    "MATERIALS",
    "NO",
    "YES",
    "Event",
    "EventQuerySet",
    "Material",
    "MaterialQuerySet",
    "Mode",
    "Places",
    "Question",
    "QuestionQuerySet",
    "Session",
    "Speaker",
    "Venue",
    "VenueQuerySet",
    "material_path",
]
