"""What the events of a programme count towards its targets: those that were held, and were not called off."""

from django.utils.translation import gettext_lazy as _

from events.models import Event
from programmes.indicators import indicator
from programmes.models import Programme


def _held(programme: Programme, kind: str) -> int:
    return Event.objects.over().filter(programme=programme, kind=kind).count()


@indicator("seminars_held", _("Seminars held"))
def seminars_held(programme: Programme) -> int:
    return _held(programme, "seminar")


@indicator("labs_held", _("Labs held"))
def labs_held(programme: Programme) -> int:
    return _held(programme, "lab")


@indicator("final_event_held", _("Final event held"))
def final_event_held(programme: Programme) -> int:
    return _held(programme, "final")
