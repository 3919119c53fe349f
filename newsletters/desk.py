"""What the newsletters put on the staff's desk: the list, and which one waits or is about to leave."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import desk
from mail.models import Route
from mail.services import doubts
from newsletters.models import Newsletter

AHEAD = timedelta(days=21)

desk.nav(_("Newsletters"), "newsletters:staff-list", permission="newsletters.view", order=40, icon="it-mail")


@desk.panel(order=30)
def newsletters(request: Any) -> tuple[str, dict[str, Any]] | None:
    """What waits for somebody: drafts due soon or late, a yes, a decision after an outage; and what is leaving."""
    if not request.user.has_perm("newsletters.view"):
        return None
    states = Newsletter.State
    alive = (
        Newsletter.objects.visible_to(request.user)
        .filter(state__in=[*Newsletter.EDITABLE, states.SENDING])
        .select_related("programme", "mailing")
    )
    soon = timezone.localdate() + AHEAD
    waiting = [one for one in alive if one.state == states.DRAFT and one.due_on <= soon]
    ready = [one for one in alive if one.state in (states.CHECKED, states.APPROVED)]
    late = [one for one in alive if one.is_overdue]
    leaving = [one for one in alive if one.state in (states.SCHEDULED, states.SENDING) and one not in late]
    if not (waiting or ready or late or leaving):
        return None
    return "newsletters/desk/panel.html", {"waiting": waiting, "ready": ready, "late": late, "leaving": leaving}


@desk.panel(order=22)
def mail(request: Any) -> tuple[str, dict[str, Any]] | None:
    """Mail that waits for a person: a relay that does not answer, messages that may or may not have arrived."""
    if not request.user.has_perm("mail.view"):
        return None
    held = Route.objects.filter(domain="", held_until__gt=timezone.now()).first()
    in_doubt = doubts.open_doubts().count()
    return ("newsletters/desk/mail_panel.html", {"held": held, "in_doubt": in_doubt}) if held or in_doubt else None
