"""What the staff mend in somebody's registration: a name, an organisation, an e-mail address.

Another address means that the ticket and the personal link may be in a stranger's inbox: both are replaced, the old
ones stop working at once, and the new address gets its own mail. Refusals: `invalid`, `already_registered`, `erased`.
"""

from django.utils.translation import gettext as _

from core.addresses import normalise_email
from core.names import one_line
from core.tokens import link_token
from registrations.models import Registration
from registrations.services import RegistrationError, places, signup


def correct(
    *, registration: Registration, first_name: str, last_name: str, email: str, organisation: str
) -> Registration:
    """Write the corrected data. Raises `invalid` with the fields, `already_registered` or `erased`."""
    with places.deciding(registration.event) as event:
        registration = Registration.objects.get(pk=registration.pk)
        registration.event = event
        if registration.erased_at:
            raise RegistrationError("erased", _("The data of this person were erased: nothing is written anew."))
        old_email = registration.email
        registration.first_name, registration.last_name = one_line(first_name), one_line(last_name)
        registration.email, registration.organisation = normalise_email(email), one_line(organisation)
        _check(registration, had_email=bool(old_email))
        is_moved = registration.email != old_email
        if is_moved:
            registration.token = link_token()
            registration.ticket_version += 1
        registration.save(
            update_fields=["first_name", "last_name", "email", "organisation", "token", "ticket_version", "changed_at"]
        )
        if is_moved and registration.is_alive:
            signup.resend(registration=registration)
    return registration


def _check(registration: Registration, *, had_email: bool) -> None:
    signup.clean(registration)
    if had_email and not registration.email:
        sentence = _("Without an address she gets neither ticket nor certificate.")
        raise RegistrationError("invalid", sentence, {"email": sentence})
    others = registration.event.registrations.filter(email=registration.email, state__in=Registration.ALIVE)
    if registration.email and registration.is_alive and others.exclude(pk=registration.pk).exists():
        raise places.already_registered()
