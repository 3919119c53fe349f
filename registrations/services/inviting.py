"""Whom the staff ask to an event: lists brought in, a link mailed to each, reminders, and links taken back.

Bringing in a list owes each new person one mail (`due_at`), which leaves once the event is on the public site and as
long as one can register; a worker that dies leaves it owed, and a mail is never written twice for one reason. Who has
not answered is reminded when the staff say so, at most once a day. A link that is withdrawn opens nothing from then on;
bringing in the same address again makes a new one. What a link opens is decided in `admitting`.
Refusals: `invitation_used`, and those of `people_lists`.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.tokens import link_token
from events.models import Event
from mail.services import outbox
from registrations import emails, tasks
from registrations.models import Invitation, InvitationQuerySet, Registration
from registrations.services import RegistrationError, admitting, people_lists, places
from registrations.services.people_lists import Person, Sifted

State = Registration.State
ORDER = ("email", "first_name", "last_name", "organisation", "language")
BETWEEN_REMINDERS = timedelta(days=1)
UNANSWERED = Q(withdrawn_at=None) & (Q(registration=None) | Q(registration__state=State.EXPIRED))
AT_ONCE = 200


def look_at(*, event: Event, text: str) -> Sifted:
    """What would become of a list. Nothing is written."""
    sifted = people_lists.sift(
        text, order=ORDER, read=_read, key=lambda person: person["email"], known=lambda people: _known(event, people)
    )
    registered = _registered(event, [row.person["email"] for row in sifted.new])
    sifted.done = [row for row in sifted.new if row.person["email"] in registered]
    sifted.new = [row for row in sifted.new if row.person["email"] not in registered]
    return sifted


def invite(*, event: Event, text: str) -> Sifted:
    """Invite everybody of the list who is new, and say what became of each row. Twice is once."""
    with places.deciding(event) as event:
        sifted = look_at(event=event, text=text)
        people = {row.person["email"]: row.person for row in sifted.new}
        now = timezone.now()
        for old in event.invitations.filter(email__in=people):
            _renew(old, people.pop(old.email))
        Invitation.objects.bulk_create(Invitation(event=event, due_at=now, **person) for person in people.values())
        tasks.send_invitations.delay_on_commit()
    return sifted


def _known(event: Event, people: list[Person]) -> set[str]:
    addresses = [person["email"] for person in people]
    return set(event.invitations.filter(withdrawn_at=None, email__in=addresses).values_list("email", flat=True))


def _registered(event: Event, addresses: list[str]) -> set[str]:
    """Whoever confirmed her address and is in: an invitation would only puzzle her."""
    confirmed = event.registrations.filter(state__in=Registration.ALIVE, email_confirmed_at__isnull=False)
    return set(confirmed.filter(email__in=addresses).values_list("email", flat=True))


def _read(cells: dict[str, str]) -> Person:
    return {
        "email": people_lists.read_address(cells),
        "first_name": people_lists.read_name(cells, "first_name"),
        "last_name": people_lists.read_name(cells, "last_name"),
        "organisation": people_lists.read_name(cells, "organisation", 160),
        "language": people_lists.read_language(cells),
    }


def _renew(invitation: Invitation, person: Person) -> None:
    """Withdrawn, and invited again: with a link that is new."""
    values: dict[str, Any] = person | {"token": link_token(), "withdrawn_at": None, "mailed_at": None}
    for name, value in (values | {"due_at": timezone.now()}).items():
        setattr(invitation, name, value)
    invitation.save()


def remind(*, event: Event) -> int:
    """Write once more to who has not answered and was not written to for a day. Returns to how many."""
    with places.deciding(event) as event:
        before = timezone.now() - BETWEEN_REMINDERS
        silent = event.invitations.filter(UNANSWERED, due_at=None, mailed_at__lte=before).values_list("pk", flat=True)
        number = Invitation.objects.filter(pk__in=list(silent)).update(due_at=timezone.now())
        tasks.send_invitations.delay_on_commit()
    return number


def withdraw(*, invitation: Invitation) -> Invitation:
    """Its link opens nothing any more. Twice is once. Raises `invitation_used`: then the registration is cancelled."""
    with places.deciding(invitation.event):
        invitation.refresh_from_db()
        if invitation.withdrawn_at:
            return invitation
        if admitting.is_used(invitation):
            sentence = _("Somebody has registered by this invitation: cancel the registration instead.")
            raise RegistrationError("invitation_used", sentence)
        admitting.set_aside(invitation)
        invitation.withdrawn_at, invitation.due_at = timezone.now(), None
        invitation.save(update_fields=["withdrawn_at", "due_at"])
    return invitation


def owed() -> InvitationQuerySet:
    """Whose mail may leave now: of a public event that still takes registrations."""
    now = timezone.now()
    return Invitation.objects.filter(
        UNANSWERED,
        due_at__lte=now,
        event__published_at__isnull=False,
        event__cancelled_at=None,
        event__registration_closes_at__gt=now,
        event__ends_at__gt=now,
    )


def send_owed(limit: int = AT_ONCE) -> int:
    """Write the mails that are owed, each in a transaction of its own. Returns how many."""
    number = 0
    for pk in list(owed().order_by("due_at", "pk").values_list("pk", flat=True)[:limit]):
        number += _send(pk)
    return number


@transaction.atomic
def _send(pk: int) -> bool:
    Invitation.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    invitation = owed().filter(pk=pk).select_related("event__programme", "event__venue").first()
    if invitation is None:
        return False
    with override(invitation.language):
        outbox.enqueue(
            key=f"invitation:{invitation.pk}:{int(invitation.due_at.timestamp() * 1000)}",
            kind="registrations.invitation",
            to=invitation.email,
            name=invitation.name,
            context=emails.invitation(invitation),
            language=invitation.language,
            reply_to=invitation.event.programme.contact_email,
        )
    invitation.mailed_at, invitation.due_at = timezone.now(), None
    invitation.save(update_fields=["mailed_at", "due_at"])
    return True


def figures(event: Event) -> dict[str, int]:
    """How many were invited and not withdrawn, were written to, registered, have still to confirm, have not answered;
    how many could be reminded now."""
    before = timezone.now() - BETWEEN_REMINDERS
    is_open = Q(withdrawn_at=None)
    waits = is_open & Q(registration__state__in=[State.PENDING, State.WAITING], registration__email_confirmed_at=None)
    known = is_open & Q(registration__state__in=Registration.ALIVE, registration__email_confirmed_at__isnull=False)
    return event.invitations.aggregate(
        invited=Count("pk", is_open),
        mailed=Count("pk", is_open & Q(mailed_at__isnull=False)),
        due=Count("pk", UNANSWERED & Q(due_at__isnull=False)),
        registered=Count("pk", known),
        to_confirm=Count("pk", waits),
        unanswered=Count("pk", UNANSWERED),
        to_remind=Count("pk", UNANSWERED & Q(due_at=None, mailed_at__lte=before)),
    )


def forget(ended_before: Any) -> None:
    """Addresses of who was asked to an event that is long over are of no use any more."""
    Invitation.objects.filter(event__ends_at__lt=ended_before).delete()
