"""What a participant mends in her own registration until the event's deadline: name, organisation, language.

The page says which version of the row it showed; when the row has changed since (another tab, the staff, a new mode),
nothing is written and the page shows both. With another name the ticket is mailed again: what is printed should bear
the name of who comes. Its code stays the same, so that the old one is good at the door, too. The address is no detail:
it is what proves whose registration this is, and only the staff correct it (`correcting`).
Refusals: `closed`, `stale`, `invalid` with the fields, `too_many`.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from core.names import one_line
from registrations.models import Registration
from registrations.services import RegistrationError, notices, places, restraint, signup

FIELDS = ["first_name", "last_name", "organisation", "language"]


def version_of(registration: Registration) -> str:
    """Which state of the row a page shows."""
    return registration.changed_at.isoformat()


def may_change(registration: Registration) -> bool:
    is_hers = registration.email_confirmed_at is not None or registration.state == Registration.State.CONFIRMED
    return registration.is_alive and is_hers and registration.erased_at is None and registration.event.takes_changes


def change(
    *,
    registration: Registration,
    first_name: str,
    last_name: str,
    organisation: str,
    language: str,
    version: str,
    client: str = "",
) -> Registration:
    """Write what was typed, if the row is still the one that `version` names (`version_of`)."""
    with places.deciding(registration.event) as event:
        kept = Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)
        kept.event = event
        if not may_change(kept):
            raise RegistrationError("closed", _("Your data can no longer be changed here: write to us."))
        if version != version_of(kept):
            raise RegistrationError(
                "stale",
                _("This registration was changed elsewhere meanwhile. Compare, and save again what you want to keep."),
            )
        old_name = kept.name
        kept.first_name, kept.last_name = one_line(first_name), one_line(last_name)
        kept.organisation, kept.language = one_line(organisation), language
        signup.clean(kept)
        kept.changed_at = timezone.now()
        kept.save(update_fields=[*FIELDS, "changed_at"])
        if kept.name != old_name and kept.state == Registration.State.CONFIRMED:
            restraint.ask(client=client, email=kept.email)
            notices.send_ticket_in_new_name(kept)
    return kept
