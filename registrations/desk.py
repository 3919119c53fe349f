"""What this room puts on the staff desk: today at the door, what waits for a decision, an event's people, search."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import desk
from accounts.services import trail
from events.models import Event, EventQuerySet, Mode
from programmes.context import current_frame
from registrations import listing
from registrations.channels import by_channel
from registrations.models import BY_NAME, Registration, Scan
from registrations.services import devices, tickets

HITS = 12
SOON = timedelta(days=21)
RECENT = timedelta(days=30)

EXPORTED = trail.act("registrations.exported", _("exported the list of people"))
EXPORTED_MONITORING = trail.act("registrations.exported_monitoring", _("exported what people told for the funder"))
PROFILES_CHOSEN = trail.act("registrations.chose_profiles", _("changed what the funder has us ask"))
CORRECTED = trail.act("registrations.corrected", _("corrected a person's data"))
CANCELLED = trail.act("registrations.cancelled", _("cancelled a registration"))
CHANGED_MODE = trail.act("registrations.changed_mode", _("changed how somebody takes part"))
PROMOTED = trail.act("registrations.promoted", _("put somebody first on the waiting list"))
APPROVED = trail.act("registrations.approved", _("approved a registration"))
REFUSED = trail.act("registrations.refused", _("did not approve a registration"))
RESENT = trail.act("registrations.resent", _("sent a mail again"))
INVITED = trail.act("registrations.invited", _("invited people"))
REMINDED = trail.act("registrations.reminded", _("reminded who has not answered an invitation"))
WITHDREW = trail.act("registrations.withdrew_invitation", _("withdrew an invitation"))
LISTED = trail.act("registrations.listed_members", _("put people on the list of members"))
UNLISTED = trail.act("registrations.unlisted_member", _("took somebody off the list of members"))
SET_DOMAINS = trail.act("registrations.set_domains", _("changed what the addresses of organisations end with"))
REGISTERED = trail.act("registrations.registered", _("registered somebody by hand"))
ERASED = trail.act("registrations.erased", _("erased a person's data"))
KEPT = trail.act("registrations.kept_data", _("refused to erase a person's data"))
FORMED = trail.act("registrations.formed_groups", _("formed the groups"))
DISSOLVED = trail.act("registrations.dissolved_groups", _("dissolved the groups"))
SEALED = trail.act("registrations.sealed", _("sealed the register of attendance"))
SEALED_TAKEN = trail.act("registrations.took_sealed", _("downloaded a sealed register"))
ISSUED = trail.act("registrations.issued_certificates", _("issued certificates"))
REVOKED = trail.act("registrations.revoked_certificate", _("revoked a certificate"))
REPLACED = trail.act("registrations.replaced_certificate", _("issued a certificate anew"))
PAIRED = trail.act("registrations.paired_phone", _("paired a phone at the door"))
UNPAIRED = trail.act("registrations.revoked_phone", _("revoked a phone at the door"))
RENAMED = trail.act("registrations.renamed_phone", _("renamed a phone at the door"))
SWITCHED = trail.act("registrations.switched_mails", _("chose which mails leave"))
REGISTER_PRINTED = trail.act("registrations.printed_register", _("made the signature register"))
LIST_PRINTED = trail.act("registrations.printed_list", _("made the paper list of the door"))
SHEET_KEPT = trail.act("registrations.kept_sheet", _("brought a signed sheet"))
FILE_TAKEN = trail.act("registrations.took_file", _("downloaded a file of evidence"))
FILE_WITHDRAWN = trail.act("registrations.withdrew_file", _("withdrew a file of evidence"))
CORRECTED_PRESENCE = trail.act("registrations.corrected_presence", _("put somebody's presence right"))
LOOKED_AT = trail.act("registrations.looked_at_scan", _("looked at a scan at the door"))
WROTE = trail.act("registrations.wrote", _("wrote to the people registered"))
READ_FILE = trail.act("registrations.read_attendance_file", _("took presence from a platform's attendance file"))
WITHDREW_FILE = trail.act("registrations.withdrew_attendance_file", _("withdrew an attendance file"))

desk.nav(_("Members"), "registrations:members", permission="programmes.change", order=55, icon="it-card")
desk.nav(
    _("Messages"), "registrations:staff-announcements", permission="registrations.change", order=35, icon="it-comment"
)
desk.nav(_("Where people come from"), "registrations:channels", permission="events.view", order=50, icon="it-link")
desk.nav(
    _("Monitoring"),
    "registrations:monitoring",
    permission="registrations.view_monitoring",
    order=70,
    icon="it-chart-line",
)
desk.nav(_("My groups"), "registrations:my-groups", permission="registrations.view_group", order=60, icon="it-user")


@desk.panel(order=10)
def today(request: Any) -> tuple[str, dict[str, Any]] | None:
    """The events of today, with who is expected and who is there; on other days the next one."""
    visible = (
        Event.objects.visible_to(request.user)
        .select_related("territory", "venue")
        .annotate(
            registered=Count("registrations", filter=Q(registrations__state=Registration.State.CONFIRMED)),
            came=Count("registrations", filter=Q(registrations__entered_at__isnull=False)),
        )
    )
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    held = visible.filter(cancelled_at=None, published_at__isnull=False).order_by("starts_at", "pk")
    events = list(held.filter(ends_at__gt=midnight, starts_at__lt=midnight + timedelta(days=1)))
    upcoming = None if events else held.filter(starts_at__gt=timezone.now()).first()
    if not events and upcoming is None:
        return None
    for event in events:
        event.may_check_in = request.user.has_perm("registrations.check_in", event)
        event.door_closed_at = devices.door_closed_at(event)
    context = {"events": events, "upcoming": upcoming}
    return "registrations/staff/today_panel.html", context


@desk.panel(order=30)
def waiting(request: Any) -> tuple[str, dict[str, Any]] | None:
    """What somebody has to decide: people in line, scans to look at, data to erase, events that nobody sees yet."""
    now = timezone.now()
    changeable = Event.objects.visible_to(request.user, "events.change").filter(cancelled_at=None)
    in_line = Count("registrations", filter=listing.in_line("registrations__"))
    requested = Count("registrations", filter=Q(registrations__state=Registration.State.REQUESTED))
    context = {
        "lines": changeable.filter(ends_at__gt=now).annotate(number=in_line).filter(number__gt=0),
        "requests": changeable.filter(ends_at__gt=now).annotate(number=requested).filter(number__gt=0),
        "reviews": _with_doubts(changeable.filter(ends_at__gt=now - RECENT)),
        "erasures": Registration.objects.visible_to(request.user, "registrations.change")
        .erasure_open()
        .select_related("event")
        .order_by("erasure_asked_at")[:HITS],
        "drafts": changeable.filter(published_at=None, starts_at__range=(now, now + SOON)),
    }
    return ("registrations/staff/waiting_panel.html", context) if any(context.values()) else None


def _with_doubts(events: EventQuerySet) -> EventQuerySet:
    """Those of `events` at whose door something happened that somebody should look at, with its `number`."""
    doubts = Scan.objects.to_look_at().filter(event=OuterRef("pk")).order_by().values("event").annotate(n=Count("pk"))
    return events.annotate(number=Subquery(doubts.values("n"))).filter(number__gt=0)


@desk.panel(order=10, board="event")
def people(request: Any, event: Event) -> tuple[str, dict[str, Any]]:
    """The figures of one event and the doors to everything about its people."""
    has_perm = request.user.has_perm
    rows = event.registrations.values("mode", "state").annotate(
        number=Count("pk"),
        to_confirm=Count("pk", filter=Q(email_confirmed_at=None)),
        came=Count("pk", filter=Q(entered_at__isnull=False)),
        inside=Count("pk", filter=Q(is_inside=True)),
    )
    figures = [
        {"label": label, **_figures([row for row in rows if row["mode"] == mode])}
        for mode, label in Mode.choices
        if mode in event.places
    ]
    may = {
        name: has_perm(f"registrations.{name}", event)
        for name in ("view", "check_in", "export", "form_groups", "issue_certificates", "change")
    }
    to_look_at = event.scans.to_look_at().count() if may["change"] else 0
    event.door_closed_at = devices.door_closed_at(event)
    context = {"event": event, "figures": figures, "may": may, "to_look_at": to_look_at}
    return "registrations/staff/event_panel.html", context


@desk.panel(order=40, board="event")
def channels(request: Any, event: Event) -> tuple[str, dict[str, Any]] | None:
    """Through whom the people of an event came, once somebody came through anybody."""
    found = by_channel(event.registrations.all(), current_frame(request).organisations)
    return ("registrations/staff/channels_panel.html", {"channels": found}) if any(one.word for one in found) else None


def _figures(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Who has a place in some way never exceeds the places; who has none, confirmed or not, is counted apart."""
    by_state = {row["state"]: row["number"] for row in rows}
    to_confirm = sum(row["to_confirm"] for row in rows if row["state"] == Registration.State.WAITING)
    return {
        "confirmed": by_state.get(Registration.State.CONFIRMED, 0),
        "pending": by_state.get(Registration.State.PENDING, 0),
        "requested": by_state.get(Registration.State.REQUESTED, 0),
        "offered": by_state.get(Registration.State.OFFERED, 0),
        "waiting": by_state.get(Registration.State.WAITING, 0) - to_confirm,
        "waiting_to_confirm": to_confirm,
        "came": sum(row["came"] for row in rows),
        "inside": sum(row["inside"] for row in rows),
    }


@desk.search(_("People"), order=10)
def find(user: Any, words: str) -> list[desk.Hit]:
    """By name, address, organisation, code, or a scanned ticket."""
    found = tickets.find(Registration.objects.visible_to(user), words).select_related("event")
    return [
        desk.Hit(
            one.name,
            reverse("registrations:staff-detail", args=[one.event.slug, one.pk]),
            f"{one.event} · {one.shown_state}",
        )
        for one in found.order_by("-event__starts_at", *BY_NAME)[:HITS]
    ]
