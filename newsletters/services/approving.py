"""A second person's yes, where the programme asks for one.

Who approves is neither who checked the newsletter nor who wrote it last, may let newsletters leave herself, and says
yes to the words she read: a change meanwhile is told, and any later one undoes it (`checking.reopen`). What was
corrected on its way wants her yes again: `must_be_approved` stands before everything that lets it go on.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, checking
from programmes.models import Programme

State = Newsletter.State


@transaction.atomic
def approve(*, newsletter: Newsletter, by: User, version: int | None = None) -> None:
    """Errors `not_editable`, `changed`, `not_allowed`, `not_checked`, `same_person`, `findings`. Twice is once."""
    kept = checking.locked(newsletter, version, may_have_left=True)
    if not kept.is_editable and not kept.correction_waits:
        raise NewsletterError("not_editable", _("It has already left."))
    if not by.has_perm("newsletters.send", kept):
        raise NewsletterError("not_allowed", _("Only who may send newsletters may approve one."), status=403)
    if kept.state not in (State.CHECKED, State.APPROVED) and not kept.correction_waits:
        raise NewsletterError("not_checked", _("Check it first: only a checked newsletter can be approved."))
    if by.pk in _had_a_hand_in(kept):
        raise NewsletterError(
            "same_person", _("You wrote or checked it yourself: another person has to read and approve it.")
        )
    if kept.state != State.APPROVED:
        checking.refuse_blocking(checking.findings(kept))
        state = State.APPROVED if kept.state == State.CHECKED else kept.state
        Newsletter.objects.filter(pk=kept.pk).update(state=state, approved_at=timezone.now(), approved_by=by)
    newsletter.refresh_from_db()


def must_be_approved(kept: Newsletter) -> None:
    """Before anything more leaves of what was corrected. Error `needs_approval`."""
    if kept.correction_waits:
        raise NewsletterError(
            "needs_approval", _("It was corrected: a second person has to approve the new words before it goes on.")
        )


def may_approve(newsletter: Newsletter, user: User) -> bool:
    """Whether the button makes sense for `user`."""
    return (
        (newsletter.state == State.CHECKED or newsletter.correction_waits)
        and user.has_perm("newsletters.send", newsletter)
        and user.pk not in _had_a_hand_in(newsletter)
    )


def _had_a_hand_in(newsletter: Newsletter) -> set[int | None]:
    last = newsletter.versions.order_by("-number").values_list("saved_by", flat=True).first()
    return {newsletter.checked_by_id, last} - {None}


@transaction.atomic
def set_rules(*, programme: Programme, needs_approval: bool, ask_after_hours: int) -> None:
    """Whether a second person approves, and after how many hours of delay somebody is asked. What is scheduled already
    keeps its place: it was promised under the rules of that day."""
    Programme.objects.filter(pk=programme.pk).update(
        newsletters_need_approval=needs_approval, newsletters_ask_after_hours=ask_after_hours
    )
    programme.refresh_from_db()
