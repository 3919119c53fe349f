"""Who may register for an event: everybody, who was invited, or who belongs to an organisation or has a role in it.

Asked by `signup` inside `places.deciding(event)`, so that one invitation used in two windows gives one registration.
An invitation is for one person and opens any event; it is used while its registration lives, was not approved, or was
handed on. Whether an address belongs to the audience is told only to its owner, by mail (`tell_audience_only`): whoever
asks gets the answer that everybody gets. What the staff do by hand is not asked here. The lists themselves are kept in
`inviting` and `members`.
Refusals: `invitation_required`, `invitation_used`, `audience_only`, `too_young`.
"""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.addresses import normalise_email
from core.tokens import fingerprint
from events import audience
from events.models import Event
from mail.services import outbox
from programmes.models import Member
from registrations import emails
from registrations.models import Invitation, Registration
from registrations.services import RegistrationError, notices, places

State = Registration.State
ADULT, MINOR, CHILD = "adult", "14_17", "under_14"
AGES = (ADULT, MINOR, CHILD)
TOLD_BY_MAIL = {"already_registered", "audience_only"}
"""Refusals of which only the owner of the address is told."""


def is_minor(age: str) -> bool:
    """All that is kept of an age. Raises `too_young` under 14, of whom nothing is kept."""
    if age == CHILD:
        sentence = _(
            "It is good that you are interested! One can register from the age of 14, so we have kept nothing of what "
            "you wrote. Ask a grown-up to write to us: we look for a way together."
        )
        raise RegistrationError("too_young", sentence, {"age": sentence})
    if age not in AGES:
        sentence = _("Choose one of the ages.")
        raise RegistrationError("invalid", sentence, {"age": sentence})
    return age == MINOR


def find_invitation(event: Event, token: str) -> Invitation | None:
    """The invitation to `event` that the link shows, or None where it opens nothing and need not.

    At an event by invitation raises `invitation_required` (no link, or one that is withdrawn or leads elsewhere) and
    `invitation_used`.
    """
    found = event.invitations.select_related("registration").filter(withdrawn_at=None, token=token) if token else []
    invitation = next(iter(found), None)
    if invitation and not is_used(invitation):
        return invitation
    if event.access != Event.Access.INVITATION:
        return None
    if invitation:
        raise RegistrationError("invitation_used", _("Somebody has registered by this invitation already."))
    if token:
        sentence = _("This link is no longer an invitation to this event: ask who invited you.")
    else:
        sentence = _("One registers for this event by the link in the invitation: open it in your mail.")
    raise RegistrationError("invitation_required", sentence)


def is_used(invitation: Invitation) -> bool:
    registration = invitation.registration
    if registration is None:
        return False
    if registration.is_alive or registration.state == State.REFUSED:
        return True
    return registration.handovers.filter(accepted_at__isnull=False).exists()


def use(invitation: Invitation, registration: Registration) -> bool:
    """Whoever registers by it uses it up. True when the link proves the address: it was mailed there."""
    set_aside(invitation)
    invitation.registration = registration
    invitation.save(update_fields=["registration"])
    return invitation.email == registration.email


def set_aside(invitation: Invitation) -> None:
    """A registration that nobody confirmed in time can no longer be taken up by its own link."""
    lapsed = Registration.objects.filter(pk=invitation.registration_id, state=State.EXPIRED)
    lapsed.update(state=State.CANCELLED, cancelled_at=timezone.now(), changed_at=timezone.now())


def must_belong(event: Event, email: str) -> None:
    """Raises `audience_only`, of which only the owner of the address may hear."""
    if not admits(event, email):
        sentence = _("This event is not for everybody: look into your mail.")
        raise RegistrationError("audience_only", sentence, {"email": sentence})


def must_still_belong(registration: Registration, email: str) -> None:
    """The same of another address of a registration that was made. Who was invited may be anybody."""
    event = registration.event
    if event.access == Event.Access.AUDIENCE and not registration.invitations.exists():
        must_belong(event, email)


def admits(event: Event, email: str) -> bool:
    return event.access != Event.Access.AUDIENCE or _belongs(event, email)


def _belongs(event: Event, email: str) -> bool:
    """On the list of members; where no role is asked for, also by what the address ends with."""
    organisations = list(event.audience_organisations.all())
    members = Member.objects.filter(programme=event.programme_id, email=email)
    if organisations:
        members = members.filter(organisation__in=organisations)
    if event.audience_role:
        members = members.filter(role__iexact=event.audience_role)
    if members.exists():
        return True
    if event.audience_role:
        return False
    if not organisations:
        organisations = event.programme.organisations.exclude(email_domains="")
    domain = "." + email.rpartition("@")[2]
    return any(domain.endswith(f".{one}") for each in organisations for one in each.domains)


def tell_audience_only(event: Event, email: str) -> None:
    """To who does not belong: for whom the event is, and whom to ask. At most once in two minutes."""
    moment = int(timezone.now().timestamp()) // notices.SECONDS_BETWEEN_REPEATS
    outbox.enqueue(
        key=f"audience_only:{event.pk}:{fingerprint(email)[:24]}:{moment}",
        kind="registrations.audience_only",
        to=email,
        context=emails.audience_only(event, audience.in_words(event)),
        language=get_language(),
        reply_to=event.programme.contact_email,
    )


def keeps_quiet(event: Event, refusal: RegistrationError) -> bool:
    """Would the code tell a program whether the address belongs?"""
    return event.access == Event.Access.AUDIENCE and refusal.code in TOLD_BY_MAIL


def stand_in(*, event: Event, mode: str, email: str) -> Registration:
    """What a program is answered instead: a registration as everybody gets it, and in no table. Raises `full`."""
    event = Event.objects.select_related("programme").get(pk=event.pk)
    has_place = places.has_for_newcomer(event, mode)
    if not has_place and not event.has_waiting_list:
        raise places.full()
    return Registration(
        event=event,
        mode=mode,
        email=normalise_email(email),
        state=State.PENDING if has_place else State.WAITING,
        held_until=timezone.now() + timedelta(minutes=event.programme.hold_minutes),
    )


def used_by(event: Event, token: str) -> Registration | None:
    """The living registration that was made by the invitation of this link, to write to whoever made it."""
    found = event.invitations.filter(withdrawn_at=None, token=token, registration__state__in=Registration.ALIVE)
    invitation = found.select_related("registration__event__programme", "registration__event__venue").first()
    return invitation.registration if invitation else None
