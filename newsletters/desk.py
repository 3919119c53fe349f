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
    """Drafts that are due soon or late, and what is scheduled or being sent."""
    if not request.user.has_perm("newsletters.view"):
        return None
    states = Newsletter.State
    alive = (
        Newsletter.objects.visible_to(request.user)
        .filter(state__in=[states.DRAFT, states.SCHEDULED, states.SENDING])
        .select_related("programme", "mailing")
    )
    soon = timezone.localdate() + AHEAD
    waiting = [one for one in alive if one.state == states.DRAFT and one.due_on <= soon]
    leaving = [one for one in alive if one.state != states.DRAFT]
    if not waiting and not leaving:
        return None
    return "newsletters/desk/panel.html", {"waiting": waiting, "leaving": leaving}


@desk.panel(order=22)
def mail(request: Any) -> tuple[str, dict[str, Any]] | None:
    """Mail that waits for a person: a relay that does not answer, messages that may or may not have arrived."""
    if not request.user.has_perm("mail.view"):
        return None
    held = Route.objects.filter(domain="", held_until__gt=timezone.now()).first()
    in_doubt = doubts.open_doubts().count()
    return ("newsletters/desk/mail_panel.html", {"held": held, "in_doubt": in_doubt}) if held or in_doubt else None
