"""How far a programme is: every target with what was reached.

An indicator counts something that happened, for a programme; rooms above bring theirs in their own `indicators.py`,
found when the project starts. A target without an indicator shows the figure that was recorded by hand.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.functional import Promise

from programmes.models import Programme, Target

CACHE_SECONDS = 60


@dataclass(frozen=True)
class Indicator:
    key: str
    label: Promise | str
    count: Callable[[Programme], int]


INDICATORS: dict[str, Indicator] = {}


def indicator(key: str, label: Promise | str) -> Callable:
    """Register a function of a programme that counts."""

    def register(count: Callable[[Programme], int]) -> Callable[[Programme], int]:
        INDICATORS[key] = Indicator(key, label, count)
        return count

    return register


@dataclass(frozen=True)
class Progress:
    """One target: `reached` of `goal`, `share` in per cent (100 at most: a picture cannot be fuller than full)."""

    target: Target
    reached: int

    @property
    def goal(self) -> int:
        return self.target.goal

    @property
    def share(self) -> int:
        return min(100, 100 * self.reached // self.goal)

    @property
    def is_met(self) -> bool:
        return self.reached >= self.goal


def progress(programme: Programme) -> list[Progress]:
    """Every target of the programme in the order of its file. Counted figures are at most a minute old."""
    targets = list(
        Target.objects.filter(action__programme=programme)
        .select_related("action")
        .order_by("action__order", "order", "pk")
    )
    counted = _counted(programme, {target.indicator for target in targets if target.indicator in INDICATORS})
    return [Progress(target, counted.get(target.indicator, target.recorded)) for target in targets]


def _counted(programme: Programme, keys: set[str]) -> dict[str, int]:
    cache_key = f"progress:{programme.pk}"
    figures = cache.get(cache_key) or {}
    if not keys <= figures.keys():
        figures = {key: INDICATORS[key].count(programme) for key in keys}
        cache.set(cache_key, figures, CACHE_SECONDS)
    return figures
