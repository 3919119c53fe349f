"""The staff desk is one place made of many rooms: here each room says what it puts there.

A room's `desk.py` (found by itself) registers entries of the navigation, panels of the desk's home and ways to search;
the desk shows to each person what her roles allow. `page` is the door of every staff page: who is not logged in goes to
the login, who may nowhere do this is refused. *Which* rows she sees is decided by `visible_to`, never here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.cache import never_cache


@dataclass(frozen=True)
class Entry:
    """A line of the desk's navigation, shown to who holds `permission` somewhere."""

    label: str | Promise
    url_name: str
    permission: str
    order: int
    icon: str

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True)
class Hit:
    """One thing that a search found."""

    title: str
    url: str
    detail: str | Promise = ""


Panel = Callable[..., tuple[str, dict[str, Any]] | None]
Search = Callable[[Any, str], Iterable[Hit]]


@dataclass
class _Registry:
    entries: list[Entry] = field(default_factory=list)
    panels: list[tuple[str, int, Panel]] = field(default_factory=list)
    searches: list[tuple[int, str | Promise, Search]] = field(default_factory=list)


_registry = _Registry()


def nav(label: str | Promise, url_name: str, *, permission: str, order: int, icon: str = "it-pa") -> None:
    """Put a line in the navigation. `icon` is a name of Bootstrap Italia's sprite."""
    _registry.entries.append(Entry(label, url_name, permission, order, icon))


def panel(*, order: int, board: str = "home") -> Callable[[Panel], Panel]:
    """Decorate a function of the request: the template and its context, or None when it has nothing for her.

    On the home, below 20 is what happens today, below 50 what waits for a decision, from 50 the overview. Other boards
    are about one thing (board "event": an Event), which the function gets after the request.
    """

    def register(function: Panel) -> Panel:
        _registry.panels.append((board, order, function))
        return function

    return register


def search(label: str | Promise, *, order: int) -> Callable[[Search], Search]:
    """Decorate a function of user and words that gives a few Hits, by way of `visible_to`."""

    def register(function: Search) -> Search:
        _registry.searches.append((order, label, function))
        return function

    return register


def entries_for(user: Any) -> list[Entry]:
    return [entry for entry in sorted(_registry.entries, key=lambda one: one.order) if user.has_perm(entry.permission)]


def panels_for(request: Any, *subject: Any, board: str = "home") -> list[tuple[str, dict[str, Any]]]:
    """What a board shows, in order."""
    ordered = sorted((one for one in _registry.panels if one[0] == board), key=lambda one: one[1])
    shown = (function(request, *subject) for _, _, function in ordered)
    return [one for one in shown if one is not None]


def find(user: Any, words: str) -> list[tuple[str | Promise, list[Hit]]]:
    """What each room finds, under its heading; headings without a hit are left out."""
    found = [
        (label, list(function(user, words)))
        for _, label, function in sorted(_registry.searches, key=lambda one: one[0])
    ]
    return [(label, hits) for label, hits in found if hits]


def page(permission: str = "") -> Callable[[Callable], Callable]:
    """Decorator of a staff view. Never cached: it shows people's data."""

    def decorate(view: Callable) -> Callable:
        @never_cache
        @login_required
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            if permission and not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
