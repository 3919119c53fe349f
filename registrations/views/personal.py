"""What all personal pages have in common: who reaches them holds the address, and the address stays with her.

A page behind a personal link is kept by no cache, found by no search engine, and told to no other site. Which
registrations a browser has shown itself to own is remembered in its session, so that the ticket page, whose address
anybody beside the door can photograph, offers changes only to its owner.
"""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from core.tokens import fingerprint
from registrations.models import Registration

OWN = "own_registrations"
REMEMBERED = 20


def personal(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


def registration_of(token: str) -> Registration:
    """The registration behind a personal link; 404 for any other token."""
    found = Registration.objects.select_related(
        "event__programme", "event__venue", "event__territory", "group__facilitator"
    )
    registration = found.filter(token=token).first()
    if registration is None:
        raise Http404
    return registration


def remember_owner(request: HttpRequest, registration: Registration) -> None:
    own, link = request.session.get(OWN, []), fingerprint(registration.token)
    if not own:
        request.session.cycle_key()
    if link not in own:
        request.session[OWN] = [*own, link][-REMEMBERED:]


def is_owner(request: HttpRequest, registration: Registration) -> bool:
    """By the link of today: a link that was replaced makes nobody an owner."""
    return fingerprint(registration.token) in request.session.get(OWN, [])
