"""A reader's own next step: the meeting she is registered for, else the one of her province that takes registrations,
else the list of them all.

Found for many readers at once when a newsletter is frozen, and only when it uses the block; what is found is kept with
the Delivery, as her name is. The links are the public pages of the meetings, the same for everybody: no link tells who
opened it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Func, JSONField, QuerySet, Value
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from events.models import Event, Mode
from mail.models import Delivery
from newsletters.models import Newsletter, Subscription
from newsletters.services import blocks
from registrations.models import Registration

FIELDS = ("next_step", "next_step_label", "next_step_url")
"""The places that the block's templates leave open."""


@dataclass(frozen=True)
class Step:
    words: str
    label: str
    url: str

    def as_fields(self) -> dict[str, str]:
        return dict(zip(FIELDS, (self.words, self.label, self.url), strict=True))


def is_used(newsletter: Newsletter) -> bool:
    words = newsletter.body.data
    texts = words.values() if isinstance(words, dict) else [words]
    return any("next-step" in blocks.names_of(text or "") for text in texts)


def known_of(newsletter: Newsletter, reader: Subscription) -> dict[str, str]:
    """What the copy of one reader says; empty where no text uses the block, or where she has what anybody has."""
    if not is_used(newsletter):
        return {}
    coming = _coming(newsletter)
    booked = Registration.objects.expected().filter(event__in=coming, email=reader.email).order_by("event__starts_at")
    found = booked.values_list("event", "mode").first() if reader.email else None
    by_pk = {event.pk: event for event in coming}
    event, mode = (by_pk[found[0]], found[1]) if found else (_open_in(coming).get(reader.territory_id), "")
    return _in_language(reader.language, event, mode).as_fields() if event else {}


def write(newsletter: Newsletter) -> None:
    """Put it into every Delivery that was just frozen: a few statements for each meeting, however many the readers.
    What comes later goes over what came before: the reader's province first, then what she is registered for, the
    soonest last."""
    if not is_used(newsletter):
        return
    coming = _coming(newsletter)
    readers = Subscription.objects.filter(programme=newsletter.programme_id)
    booked = Registration.objects.expected()
    for territory, event in _open_in(coming).items():
        _put(newsletter, event, "", readers.filter(territory=territory))
    for event in reversed(coming):
        for mode in event.places:
            _put(newsletter, event, mode, booked.filter(event=event, mode=mode))


def _put(newsletter: Newsletter, event: Event, mode: str, people: QuerySet) -> None:
    for language, _name in settings.LANGUAGES:
        theirs = Delivery.objects.filter(
            message__mailing=newsletter.mailing_id,
            message__language=language,
            state=Delivery.State.PENDING,
            email__in=people.values("email"),
        )
        theirs.update(personal=_With("personal", Value(_in_language(language, event, mode).as_fields(), JSONField())))


class _With(Func):
    """A JSON object with the members of another."""

    arity = 2
    output_field = JSONField()

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, function="JSON_PATCH", **context)

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" || ", **context)


def for_anybody(language: str) -> dict[str, str]:
    """What the block says where nothing is known: on the web version, to who was never asked."""
    return _in_language(language, None, "").as_fields()


def _coming(newsletter: Newsletter) -> list[Event]:
    upcoming = newsletter.programme.events.upcoming().filter(published_at__isnull=False)
    return list(upcoming.select_related("territory", "venue"))


def _open_in(coming: list[Event]) -> dict[int, Event]:
    """For each province the first meeting that takes registrations."""
    found: dict[int, Event] = {}
    for event in coming:
        if event.territory_id and event.takes_registrations:
            found.setdefault(event.territory_id, event)
    return found


def _in_language(language: str, event: Event | None, mode: str) -> Step:
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(known):
        if event is None:
            return Step(_("Find the meeting closest to you."), _("All the meetings"), _whole(reverse("events:list")))
        start = event.local_start
        said = {
            "title": event.title,
            "day": date_format(start, "l j F"),
            "time": date_format(start, "G:i"),
            "where": _where(event),
        }
        url = _whole(event.get_absolute_url())
        if mode == Mode.ONLINE:
            return Step(_("See you online on %(day)s, at %(time)s.") % said, _("All about the meeting"), url)
        if mode:
            return Step(_("See you on %(day)s %(where)s, at %(time)s.") % said, _("All about the meeting"), url)
        return Step(_("Near you: “%(title)s”, %(day)s, at %(time)s.") % said, _("Register"), url)


def _where(event: Event) -> str:
    place = event.venue.town if event.venue else str(event.territory or "")
    if place.startswith("A"):
        return pgettext("before a name with A", "in %(place)s") % {"place": place}
    return _("in %(place)s") % {"place": place} if place else ""


def _whole(path: str) -> str:
    return settings.SITE_URL + path
