"""`manage.py newsletter SLUG schedule|send|pause|resume|cancel|status`: what the staff page does, for scripts."""

import json
from datetime import datetime

from django.core.management.base import CommandError

from core.commands import HouseCommand
from newsletters.models import Newsletter
from newsletters.services import audiences, progress, scheduling, steering

STEERING = {"pause": steering.pause, "resume": steering.resume, "cancel": steering.cancel, "send": scheduling.send_now}


class Command(HouseCommand):
    help = "Schedules, sends, pauses, resumes or cancels a newsletter, and says how far it is."

    def add_arguments(self, parser):
        parser.add_argument("slug")
        parser.add_argument("action", choices=["schedule", *STEERING, "status"])
        parser.add_argument("--at", help="when to leave: 2024-07-16T09:00, by the programme's clock, or with an offset")
        parser.add_argument("--json", action="store_true", help="print the state as JSON")

    def handle(self, *args, slug: str, action: str, **options):
        newsletter = Newsletter.objects.select_related("programme", "mailing").filter(slug=slug).first()
        if newsletter is None:
            raise CommandError(f"There is no newsletter “{slug}”.")
        if action == "schedule":
            scheduling.schedule(newsletter=newsletter, send_at=_moment(options["at"], newsletter))
        elif action in STEERING:
            STEERING[action](newsletter=newsletter)
        state = status(newsletter)
        self.stdout.write(json.dumps(state) if options["json"] else "\n".join(f"{k}: {v}" for k, v in state.items()))


def status(newsletter: Newsletter) -> dict[str, object]:
    """The state and the numbers: counted deliveries once it has left, the live audience before."""
    send_at = newsletter.send_at.astimezone(newsletter.zone).isoformat() if newsletter.send_at else None
    state = {
        "slug": newsletter.slug,
        "state": "paused" if newsletter.is_paused else newsletter.state,
        "send_at": send_at,
    }
    if newsletter.mailing is None:
        reach = audiences.reach(newsletter.programme, audiences.Audience.of(newsletter))
        return state | {
            "candidates": reach.candidates,
            "recipients": reach.recipients,
            "excluded": reach.left_out_total,
        }
    counted = progress.of(newsletter)
    return state | {
        "candidates": counted.candidates,
        "recipients": counted.recipients,
        "excluded": counted.candidates - counted.recipients,
        "pending": counted.still_open,
        "sent": counted.sent,
        "failed": counted.failed,
        "uncertain": counted.uncertain,
    }


def _moment(written: str | None, newsletter: Newsletter) -> datetime:
    try:
        moment = datetime.fromisoformat(written or "")
    except ValueError as error:
        raise CommandError("--at: write when it leaves, such as 2024-07-16T09:00 or 2024-07-16T09:00+02:00.") from error
    return moment if moment.tzinfo else scheduling.instant(local=moment, zone=newsletter.zone)
