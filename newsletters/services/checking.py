"""From draft to checked, and back when the words change.

A check goes through the checklist, keeps what it found and makes a draft a checked newsletter when nothing blocks.
Scheduling does the same by itself, so that nothing leaves unchecked. Any change of words or audience undoes check and
approval: who approved said yes to other words. What is looked at is `checklist`; a second person's yes is `approving`.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, checklist, composing, links, outside
from newsletters.services.checklist import Finding

State = Newsletter.State
ABOUT_OTHERS = {outside.Answer.GONE: "dead_outside", outside.Answer.UNKNOWN: "unreachable_outside"}
BEFORE_LEAVING = [State.DRAFT, State.CHECKED, State.APPROVED]
UNDONE: dict[str, Any] = {"checked_at": None, "checked_by": None, "approved_at": None, "approved_by": None}


def findings(newsletter: Newsletter) -> list[Finding]:
    """The checklist now: what can be seen here, and what others answered when they were last asked."""
    answers = [one for one in checklist.kept(newsletter) if one.code in ABOUT_OTHERS.values()]
    if not answers:
        return checklist.look(newsletter)
    addresses = set(_addresses(newsletter))
    return checklist.look(newsletter) + [one for one in answers if one.values["about"] in addresses]


@transaction.atomic
def check(*, newsletter: Newsletter, by: User | None = None, version: int | None = None) -> list[Finding]:
    """Go through the checklist and keep what was found. Without anything that blocks a draft becomes checked, with it
    what was checked or approved becomes a draft. Errors `not_editable`, `changed`."""
    kept = locked(newsletter, version)
    found = findings(kept)
    _keep(kept, found, by)
    newsletter.refresh_from_db()
    return found


def check_links(*, newsletter: Newsletter) -> list[Finding]:
    """Ask the pages of others too. That takes seconds, and so happens before the transaction that keeps the answers."""
    answers = outside.ask(_addresses(newsletter))
    with transaction.atomic():
        kept = locked(newsletter)
        found = checklist.look(kept) + [
            Finding(ABOUT_OTHERS[answer], values={"about": address})
            for address, answer in answers.items()
            if answer in ABOUT_OTHERS
        ]
        Newsletter.objects.filter(pk=kept.pk).update(findings=[one.as_json() for one in found])
    newsletter.refresh_from_db()
    return found


def must_be_ready(kept: Newsletter, by: User | None) -> None:
    """The check that scheduling makes by itself. Error `findings` names the first thing that blocks."""
    found = findings(kept)
    refuse_blocking(found)
    if kept.state == State.DRAFT:
        _keep(kept, found, by)


def refuse_blocking(found: list[Finding]) -> None:
    blocking = [one for one in found if one.is_blocking]
    if blocking:
        first = blocking[0]
        raise NewsletterError("findings", first.sentence, {first.field: first.sentence} if first.field else {})


def reopen(kept: Newsletter) -> None:
    """After a change of words or audience, in its transaction: check and approval are undone.

    A scheduled one that a second person has to approve goes back to draft and does not leave; where nobody has to, it
    is checked again and stays scheduled, or is refused (`findings`) with the input that is wrong.
    """
    if kept.state == State.SCHEDULED and not kept.programme.newsletters_need_approval:
        found = findings(kept)
        refuse_blocking(found)
        kept.findings = [one.as_json() for one in found]
    elif kept.state != State.DRAFT:
        kept.state, kept.send_at, kept.scheduled_by = State.DRAFT, None, None
        for name, value in UNDONE.items():
            setattr(kept, name, value)
    kept.save(update_fields=["state", "send_at", "scheduled_by", "findings", *UNDONE])


def what_is_said(newsletter: Newsletter) -> tuple[Any, ...]:
    """Everything that a check and an approval are about: two newsletters that say the same compare equal."""
    said = [checklist.words(newsletter, part, code) for part in ("subject", "body") for code in composing.LANGUAGES]
    return (*said, newsletter.audience, newsletter.topic, newsletter.embeds_images)


def locked(newsletter: Newsletter, version: int | None = None, *, may_have_left: bool = False) -> Newsletter:
    """The row as it stands, for who is about to change its state. Errors `not_editable`, `changed`."""
    kept = Newsletter.objects.locked(newsletter.pk)
    if not kept.is_editable and not may_have_left:
        raise NewsletterError("not_editable", _("It has already left."))
    if version is not None and kept.version != version:
        raise NewsletterError("changed", _("Somebody changed the text meanwhile: read it again, then go on."))
    return kept


def _keep(kept: Newsletter, found: list[Finding], by: User | None) -> None:
    values: dict[str, Any] = {"findings": [one.as_json() for one in found]}
    if any(one.is_blocking for one in found):
        if kept.state in BEFORE_LEAVING:
            values |= {"state": State.DRAFT, **UNDONE}
    else:
        values |= {"checked_at": timezone.now(), "checked_by": by}
        if kept.state == State.DRAFT:
            values |= {"state": State.CHECKED}
    Newsletter.objects.filter(pk=kept.pk).update(**values)


def _addresses(newsletter: Newsletter) -> list[str]:
    mails = [composing.compose(newsletter, language) for language in checklist.written_in(newsletter)]
    return list(dict.fromkeys(address for mail in mails for address in links.outside(mail.html)))
