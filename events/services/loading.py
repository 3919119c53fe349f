"""The events' part of a programme's file: venues, events, their agenda and speakers.

What the events of a kind have in common stands once in the file, as a template; an event names its template and says
what is its own. Hours are the wall clock of the programme's time zone. `load` may be repeated: places taken,
publication and cancellation are never touched, what people changed at the desk stays (`programmes.services.merging`),
and every event that moves raises its calendar sequence. When its old or its new end is still to come, it also rings
`event_rescheduled`, so that whoever is registered is told; more places ring `capacity_raised`. Events of one template
are a series, whose first is the template of the others at the desk, too (`series`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from i18nfield.strings import LazyI18nString
from pydantic import Field, NaiveDatetime

from core.catalogue import Catalogue, Entry, Path_, Slug, Text, Word
from events import addresses, kinds
from events.models import Event, Session, Speaker, Venue
from events.services import recounting, series
from events.services import venues as venue_rules
from events.services.editing import MOVES
from events.signals import capacity_raised, event_rescheduled
from programmes.models import Programme
from programmes.services.loading import ProgrammePart
from programmes.services.merging import Merge, plain

Places = Annotated[int, Field(ge=1, le=100_000)]
PROVINCE = "{province}"
"""Stands in a template's texts for the name of the event's province."""


class VenueEntry(Entry):
    slug: Slug
    province: str | None = None
    name: Word
    address: Word
    town: Word
    assumed: bool = False
    by_train: Text | None = None
    by_car: Text | None = None
    on_foot: Text | None = None
    accessibility: Text | None = None


class SpeakerEntry(Entry):
    name: Word
    title: Text | None = None


class SessionEntry(Entry):
    minutes: Annotated[int, Field(ge=5, le=720)]
    title: Text
    description: Text | None = None
    speakers: list[SpeakerEntry] = []


class TemplateEntry(Entry):
    """What an event may take from its template. Everything is optional here; `_completed` says what is missing."""

    kind: str | None = None
    title: Text | None = None
    summary: Text | None = None
    description: Text | None = None
    minutes: Annotated[int, Field(ge=15, le=7 * 1440)] | None = None
    in_person: Places | None = None
    online: Places | None = None
    waiting_list: bool | None = None
    threshold: Annotated[int, Field(ge=1, le=100)] | None = None
    registration_opens_days_before: Annotated[int, Field(ge=0, le=730)] | None = None
    registration_closes_hours_before: Annotated[int, Field(ge=0, le=2160)] | None = None
    agenda: list[SessionEntry] | None = None


class EventEntry(TemplateEntry):
    slug: Slug
    template: str | None = None
    province: str | None = None
    venue: str | None = None
    organiser: str | None = None
    online_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    starts_at: NaiveDatetime
    ends_at: NaiveDatetime | None = None
    assumed: bool = False


@dataclass
class PlannedEvent:
    """An event of the file, completed from its template."""

    path: Path_
    entry: EventEntry
    values: dict[str, Any]


@dataclass
class EventsPart:
    venues: list[VenueEntry]
    events: list[PlannedEvent]


def read(catalogue: Catalogue, programme: ProgrammePart) -> EventsPart:
    """The events' part of the file; what is wrong is noted in `catalogue`."""
    venues = catalogue.tables("venues", VenueEntry)
    templates = catalogue.named_tables("templates", TemplateEntry)
    events = catalogue.tables("events", EventEntry)
    for path, venue in venues:
        catalogue.reference((*path, "province"), venue.province, "provinces")
    for name, template in templates.items():
        _check_kind(catalogue, ("templates", name, "kind"), template.kind)
    for kind in programme.programme.monitoring if programme.programme else ():
        _check_kind(catalogue, ("programme", "monitoring", kind), kind)
    zone = ZoneInfo(programme.programme.time_zone if programme.programme else "Europe/Rome")
    names = {province.slug: province.name for province in programme.provinces}
    planned = []
    for path, entry in events:
        for field, key in [("template", "templates"), ("province", "provinces"), ("venue", "venues")]:
            catalogue.reference((*path, field), getattr(entry, field), key)
        catalogue.reference((*path, "organiser"), entry.organiser, "organisations")
        _check_kind(catalogue, (*path, "kind"), entry.kind)
        programme.check_day(catalogue, (*path, "starts_at"), entry.starts_at.date())
        if entry.template in templates or not entry.template:
            values = _completed(entry, templates.get(entry.template), names.get(entry.province, ""))
            if _check_event(catalogue, path, entry, values, zone):
                planned.append(PlannedEvent(path, entry, values))
    return EventsPart([venue for _path, venue in venues], planned)


def _check_kind(catalogue: Catalogue, path: Path_, kind: str | None) -> None:
    if kind is not None and kind not in kinds.KINDS:
        catalogue.problem(path, f"“{kind}” is not a kind of event; known are: {', '.join(kinds.KINDS)}")


def _completed(entry: EventEntry, template: TemplateEntry | None, province: str) -> dict[str, Any]:
    """The event's own words, else its template's with the province's name in them."""
    values = {}
    for name in TemplateEntry.model_fields:
        own = getattr(entry, name)
        value = own if own is not None else getattr(template, name, None)
        if isinstance(value, LazyI18nString):
            value = LazyI18nString({code: text.replace(PROVINCE, province) for code, text in value.data.items()})
        values[name] = value
    return values


def _check_event(catalogue: Catalogue, path: Path_, entry: EventEntry, values: dict[str, Any], zone: ZoneInfo) -> bool:
    before = len(catalogue.problems)
    if not addresses.is_free(entry.slug):
        catalogue.problem((*path, "slug"), f"“{entry.slug}” is the address of another page")
    for name in ("kind", "title", "registration_opens_days_before"):
        if values[name] is None:
            catalogue.problem((*path, name), "is missing, here and in the template")
    if values["in_person"] is None and values["online"] is None:
        catalogue.problem((*path, "in_person"), "is missing, and so is online: say how many places there are")
    if entry.ends_at is None and values["minutes"] is None:
        catalogue.problem((*path, "minutes"), "is missing, here and in the template; or say ends_at")
        return False
    ends_at = entry.ends_at or entry.starts_at + timedelta(minutes=values["minutes"])
    if ends_at <= entry.starts_at:
        catalogue.problem((*path, "ends_at"), f"is not after the start ({entry.starts_at:%Y-%m-%d %H:%M})")
    elif sum(session.minutes for session in values["agenda"] or []) > (ends_at - entry.starts_at).total_seconds() / 60:
        catalogue.problem((*path, "agenda"), "is longer than the event")
    if not _exists(entry.starts_at, zone):
        catalogue.problem((*path, "starts_at"), f"does not exist in {zone.key}: clocks go forward in that hour")
    values["ends_at"] = ends_at
    return len(catalogue.problems) == before


def _exists(wall_clock: datetime, zone: ZoneInfo) -> bool:
    moment = wall_clock.replace(tzinfo=zone)
    return moment.astimezone(ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None) == wall_clock


def load(part: EventsPart, programme: ProgrammePart, merge: Merge, catalogue: Catalogue) -> None:
    """Write the part. What only the database can tell (places already taken) is noted in `catalogue`."""
    territories = {one.slug: one for one in merge.programme.territories.all()}
    organisations = {one.slug: one for one in merge.programme.organisations.all()}
    venues = _load_venues(merge, part.venues, territories)
    known = {one.slug: one for one in Event.objects.filter(slug__in=[one.entry.slug for one in part.events])}
    for planned in part.events:
        entry = planned.entry
        event = known.get(entry.slug) or Event(programme=merge.programme, slug=entry.slug)
        if event.programme_id != merge.programme.pk:
            catalogue.problem((*planned.path, "slug"), f"“{entry.slug}” is an event of another programme")
            continue
        values = _event_values(planned, programme.shift, ZoneInfo(merge.programme.time_zone)) | {
            "territory": territories.get(entry.province),
            "organiser": organisations.get(entry.organiser),
            "venue": venues.get(entry.venue),
        }
        if _has_room(catalogue, planned.path, event, values):
            _load_event(merge, event, values, planned)
    _bind_series(merge.programme, part.events)


def _bind_series(programme: Programme, planned: list[PlannedEvent]) -> None:
    loaded = {one.slug: one for one in programme.events.all()}
    by_template: dict[str, list[Event]] = {}
    for entry in (one.entry for one in planned):
        if entry.template and entry.slug in loaded:
            by_template.setdefault(entry.template, []).append(loaded[entry.slug])
    for events in by_template.values():
        series.bind(events=events)


def _load_venues(merge: Merge, entries: list[VenueEntry], territories: dict) -> dict[str, Venue]:
    known = {one.slug: one for one in merge.programme.venues.all()}
    for entry in entries:
        row = known.setdefault(entry.slug, Venue(programme=merge.programme, slug=entry.slug))
        values = {name: value or "" for name, value in entry.values("slug", "province", "assumed").items()}
        is_new = row.pk is None
        changed = merge.row(f"venues/{entry.slug}", row, values | {"territory": territories.get(entry.province)})
        if not is_new and changed & venue_rules.ADDRESS:
            venue_rules.tell_moved(row)
    return known


def _event_values(planned: PlannedEvent, shift: timedelta, zone: ZoneInfo) -> dict[str, Any]:
    values, entry = planned.values, planned.entry
    starts_at = entry.starts_at + shift
    opens_at = (starts_at - timedelta(days=values["registration_opens_days_before"])).replace(hour=9, minute=0)
    closes_at = starts_at - timedelta(hours=values["registration_closes_hours_before"] or 0)
    kind = kinds.KINDS[values["kind"]]
    return {
        "kind": kind.key,
        "title": values["title"],
        "summary": values["summary"] or "",
        "description": values["description"] or "",
        "online_url": entry.online_url,
        "starts_at": starts_at.replace(tzinfo=zone),
        "ends_at": (values["ends_at"] + shift).replace(tzinfo=zone),
        "is_date_assumed": entry.assumed,
        "in_person_capacity": values["in_person"],
        "online_capacity": values["online"],
        "registration_opens_at": min(opens_at, starts_at).replace(tzinfo=zone),
        "registration_closes_at": closes_at.replace(tzinfo=zone),
        "has_waiting_list": values["waiting_list"] is not False,
        "threshold": values["threshold"] or kind.threshold,
    }


def _has_room(catalogue: Catalogue, path: Path_, event: Event, values: dict[str, Any]) -> bool:
    before = len(catalogue.problems)
    for mode in ("in_person", "online"):
        taken, capacity = getattr(event, f"{mode}_taken"), values[f"{mode}_capacity"]
        if taken > (capacity or 0):
            catalogue.problem((*path, mode), f"is {capacity or 0}, but {taken} places are taken")
    return len(catalogue.problems) == before


def _load_event(merge: Merge, event: Event, values: dict[str, Any], planned: PlannedEvent) -> None:
    key = f"events/{event.slug}"
    is_new, now, ended_at = event.pk is None, timezone.now(), event.ends_at
    places = {name: getattr(event, name) or 0 for name in ("in_person_capacity", "online_capacity")}
    changed = merge.row(key, event, values, on_creation={"published_at": now})
    if changed and not is_new:
        event.sequence += bool(changed & MOVES)
        event.changed_at = now
        event.save(update_fields=["sequence", "changed_at"])
        if changed & recounting.COUNTED_BY:
            recounting.owe(event)
    is_told = not is_new and event.published_at and not event.cancelled_at and max(ended_at, event.ends_at) > now
    if is_told and changed & MOVES:
        event_rescheduled.send(sender=Event, event=event)
    if is_told and any((getattr(event, name) or 0) > before for name, before in places.items()):
        capacity_raised.send(sender=Event, event=event)
    _load_agenda(merge, f"{key}/agenda", event, planned.values["agenda"] or [])


def _load_agenda(merge: Merge, key: str, event: Event, agenda: list[SessionEntry]) -> None:
    """The agenda is one thing: replaced as a whole, or kept as a whole when somebody changed a part of it."""
    wanted = {"sessions": _agenda_of_file(event, agenda)}
    current = {"sessions": _agenda_of_event(event)}
    is_new = key not in merge.rows
    if not merge.free(key, current, wanted):
        return
    if not is_new:
        merge.changed.append(key)
        recounting.owe(event)
    event.speakers.filter(session__isnull=False).delete()
    event.sessions.all().delete()
    starts_at, speakers = event.starts_at, []
    for entry in agenda:
        session = Session.objects.create(
            event=event,
            starts_at=starts_at,
            minutes=entry.minutes,
            title=entry.title,
            description=entry.description or "",
        )
        starts_at += timedelta(minutes=entry.minutes)
        for one in entry.speakers:
            order = len(speakers) + 1
            speakers.append(Speaker(event=event, session=session, name=one.name, title=one.title or "", order=order))
    Speaker.objects.bulk_create(speakers)


def _agenda_of_file(event: Event, agenda: list[SessionEntry]) -> list:
    found, starts_at = [], event.starts_at
    for entry in agenda:
        speakers = [[speaker.name, plain(speaker.title or "")] for speaker in entry.speakers]
        found.append([plain(starts_at), entry.minutes, plain(entry.title), plain(entry.description or ""), speakers])
        starts_at += timedelta(minutes=entry.minutes)
    return found


def _agenda_of_event(event: Event) -> list:
    return [
        [
            plain(session.starts_at),
            session.minutes,
            plain(session.title),
            plain(session.description),
            [[speaker.name, plain(speaker.title)] for speaker in session.speakers.all()],
        ]
        for session in event.sessions.prefetch_related("speakers")
    ]
