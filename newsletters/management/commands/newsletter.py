"""`manage.py newsletter SLUG check|approve|schedule|send|pause|resume|cancel|rest|status`: what the staff pages do."""

import json
from datetime import datetime

from django.core.management.base import CommandError

from accounts.models import User
from core.addresses import normalise_email
from core.commands import HouseCommand
from newsletters.models import Newsletter
from newsletters.services import approving, audiences, checking, checklist, progress, remaining, scheduling, steering

STEERING = {"pause": steering.pause, "resume": steering.resume, "cancel": steering.cancel, "send": scheduling.send_now}


class Command(HouseCommand):
    help = "Checks, approves, schedules, sends, pauses, resumes or cancels a newsletter, and says how far it is."

    def add_arguments(self, parser):
        parser.add_argument("slug")
        parser.add_argument("action", choices=["check", "approve", "schedule", *STEERING, "rest", "status"])
        parser.add_argument("--at", help="when to leave: 2024-07-16T09:00, by the programme's clock, or with an offset")
        parser.add_argument("--by", help="who approves: the e-mail address of somebody who may send newsletters")
        parser.add_argument("--with-refused", action="store_true", help="rest: also to those whose server refused")
        parser.add_argument("--json", action="store_true", help="print the state as JSON")

    def handle(self, *args, slug: str, action: str, **options):
        newsletter = Newsletter.objects.select_related("programme", "mailing").filter(slug=slug).first()
        if newsletter is None:
            raise CommandError(f"There is no newsletter “{slug}”.")
        if action == "schedule":
            scheduling.schedule(newsletter=newsletter, send_at=_moment(options["at"], newsletter))
        elif action == "check":
            checking.refuse_blocking(checking.check(newsletter=newsletter))
        elif action == "approve":
            approving.approve(newsletter=newsletter, by=_person(options["by"]))
        elif action == "rest":
            remaining.send(newsletter=newsletter, with_refused=options["with_refused"])
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
    if newsletter.findings:
        state["findings"] = [f"{one.severity}: {one.sentence}" for one in checklist.kept(newsletter)]
    if newsletter.is_overdue:
        state["overdue"] = "It should have left already: send it now, schedule another day, or cancel it."
    if newsletter.mailing is None:
        reach = audiences.reach(newsletter.programme, audiences.Audience.of(newsletter))
        return state | {
            "candidates": reach.candidates,
            "recipients": reach.recipients,
            "excluded": reach.left_out_total,
        }
    if newsletter.correction_waits:
        state["approval"] = "It was corrected: a second person has to approve it before it goes on."
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


def _person(email: str | None) -> User:
    person = User.objects.filter(email=normalise_email(email or ""), is_active=True).first()
    if person is None:
        raise CommandError("--by: give the e-mail address of somebody who works here.")
    return person


def _moment(written: str | None, newsletter: Newsletter) -> datetime:
    try:
        moment = datetime.fromisoformat(written or "")
    except ValueError as error:
        raise CommandError("--at: write when it leaves, such as 2024-07-16T09:00 or 2024-07-16T09:00+02:00.") from error
    return moment if moment.tzinfo else scheduling.instant(local=moment, zone=newsletter.zone)
