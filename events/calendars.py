"""Events as calendar files (RFC 5545), for three uses: the feed one subscribes to, the file one downloads, and the
invitation that goes with a registration's mail (iTIP, RFC 5546), sent by the room `registrations`.

A calendar program recognises an event by its UID, which never changes, and believes a change only when SEQUENCE,
DTSTAMP and LAST-MODIFIED moved: they come from `Event.sequence` and `Event.changed_at`. A cancelled event stays. The
address of the online room is never here: each person's link is her own. Times are local with the zone's rules beside
them, since Outlook wants the zone declared; the rules are a fixed text because the ones that the library computes are
read one hour wrong by ical.js.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone as django_timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Timezone, vCalAddress, vText
from icalendar import Event as Entry

from events.models import Event
from programmes.models import Programme

CENTRAL_EUROPE = {"Europe/Rome", "Europe/Oslo", "Europe/Paris", "Europe/Berlin", "Europe/Madrid", "Europe/Vienna"}
"""Zones that share the European Union's rule since 1996; events elsewhere are written in UTC."""

ZONE_RULES = """BEGIN:VTIMEZONE|TZID:{zone}|BEGIN:DAYLIGHT|DTSTART:19810329T020000
|RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU|TZNAME:CEST|TZOFFSETFROM:+0100|TZOFFSETTO:+0200|END:DAYLIGHT|BEGIN:STANDARD|DTSTART:19961027T030000
|RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU|TZNAME:CET|TZOFFSETFROM:+0200|TZOFFSETTO:+0100|END:STANDARD|END:VTIMEZONE|"""


def feed(*, events: Iterable[Event], programme: Programme, address: str) -> bytes:
    """All `events` as one calendar to subscribe to at `address`; it asks to be read again every six hours."""
    calendar = _calendar(programme, method="PUBLISH", uid=f"{programme.slug}-{get_language()}@{settings.SITE_HOST}")
    calendar.add("X-WR-CALNAME", _("%(programme)s: events") % {"programme": programme.short_name})
    calendar.add("SOURCE", address, parameters={"VALUE": "URI"})
    calendar.add("REFRESH-INTERVAL", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT6H")
    for event in events:
        calendar.add_component(_entry(event))
    return calendar.to_ical()


def single(*, event: Event) -> bytes:
    """One event, to download. It has the same UID as in the feed, so nobody gets it twice."""
    calendar = _calendar(event.programme, method="PUBLISH", uid=f"{event.uid}-file@{settings.SITE_HOST}")
    calendar.add_component(_entry(event))
    return calendar.to_ical()


def invitation(
    *,
    event: Event,
    attendee_name: str,
    attendee_email: str,
    method: str,
    sequence: int,
    uid: str,
    is_online: bool = False,
    is_cancelled: bool = False,
) -> bytes:
    """One person's own entry. By mail `method` is "REQUEST" (come, or come at the new time) or "CANCEL"; "PUBLISH" is
    for the file that she downloads, which names no attendee (RFC 5546, section 3.2.1).

    `uid` stays the same for the life of the registration, `sequence` grows with every message that changes something.
    No personal link is in it, since people share their calendars. The part of the mail is
    `text/calendar; method=REQUEST`, without a charset of its own.
    """
    calendar = _calendar(event.programme, method=method, uid=None)
    entry = _entry(event)
    now = django_timezone.now().astimezone(UTC).replace(microsecond=0)
    if method != "PUBLISH":
        entry.add("ATTENDEE", _attendee(attendee_name, attendee_email))
    changed = {"UID": uid if "@" in uid else f"{uid}@{settings.SITE_HOST}", "DTSTAMP": now, "LAST-MODIFIED": now}
    changed["SEQUENCE"] = sequence
    if method == "CANCEL" or is_cancelled:
        changed["STATUS"] = "CANCELLED"
    if is_online:
        changed["LOCATION"] = _("Online")
    for name, value in changed.items():
        entry.pop(name, None)
        entry.add(name, value)
    calendar.add_component(entry)
    return calendar.to_ical()


def _attendee(name: str, email: str) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{email}")
    attendee.params["CN"] = vText(_parameter(name) or email)
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    return attendee


def _calendar(programme: Programme, *, method: str, uid: str | None) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", f"-//Convivio//{_parameter(programme.short_name)}//{(get_language() or 'it').upper()[:2]}")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    if uid:
        calendar.add("UID", uid)
    if programme.time_zone in CENTRAL_EUROPE:
        rules = ZONE_RULES.format(zone=programme.time_zone).replace("\n", "").replace("|", "\r\n")
        calendar.add_component(Timezone.from_ical(rules))
    return calendar


def _entry(event: Event) -> Entry:
    programme = event.programme
    revision = event.changed_at.astimezone(UTC).replace(microsecond=0)
    organiser = vCalAddress(f"mailto:{programme.contact_email}")
    organiser.params["CN"] = vText(_parameter(str(programme.name)))
    entry = Entry()
    entry.add("UID", f"{event.uid}@{settings.SITE_HOST}")
    entry.add("DTSTAMP", revision)
    entry.add("LAST-MODIFIED", revision)
    entry.add("SEQUENCE", event.sequence)
    zone = _zone(event)
    entry.add("DTSTART", event.starts_at.astimezone(zone))
    entry.add("DTEND", event.ends_at.astimezone(zone))
    entry.add("SUMMARY", str(event.title))
    entry.add("DESCRIPTION", _description(event, event_url(event)))
    entry.add("LOCATION", event.venue.full_address if event.venue else _("Online"))
    entry.add("URL", event_url(event))
    entry.add("CATEGORIES", [str(event.kind_facts.label)])
    entry.add("ORGANIZER", organiser)
    entry.add("STATUS", _status(event))
    return entry


def event_url(event: Event) -> str:
    return settings.SITE_URL + event.get_absolute_url()


def _status(event: Event) -> str:
    if event.cancelled_at:
        return "CANCELLED"
    return "TENTATIVE" if event.is_date_assumed else "CONFIRMED"


def _description(event: Event, url: str) -> str:
    lines = [str(event.summary or "")]
    if event.is_date_assumed:
        lines.append(_("The date is still to be confirmed."))
    return "\n\n".join([line for line in lines if line] + [url])


def _zone(event: Event) -> tzinfo:
    """In which zone the times of `event` are written: its own where that is known and leaves no doubt, else UTC."""
    name = event.programme.time_zone
    if name not in CENTRAL_EUROPE:
        return UTC
    zone = ZoneInfo(name)
    return UTC if any(_comes_twice(one.astimezone(zone)) for one in (event.starts_at, event.ends_at)) else zone


def _comes_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _parameter(text: str) -> str:
    """`text` as it may stand in a parameter such as CN: no quotation marks, no control characters (section 3.2)."""
    return "".join(character for character in text.replace('"', "'") if character.isprintable()).strip()
