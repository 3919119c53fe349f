"""Which mails there are about a registration, and how far each is.

A delivery's key names its registration, `registrations.<kind>:<registration>:…`; a certificate's names the certificate,
a list of links whose newest registration it is. What the staff write to many at once is not here, but for the copies
whose key says so too.
"""

from django.db.models import Q, QuerySet

from mail.emails import KINDS
from mail.models import Delivery
from registrations.models import Registration

CERTIFICATE, LINKS, OFFER = "registrations.certificate", "registrations.links", "registrations.handover_offered"


def mails_about(registration: Registration) -> QuerySet[Delivery]:
    """To whatever address they went: hers of today, an earlier one, that of a colleague who was offered the place."""
    wanted = Q(pk__in=[])
    for kind in KINDS:
        if kind.startswith("registrations.") and kind != CERTIFICATE:
            wanted |= Q(key__startswith=f"{kind}:{registration.pk}:")
    for pk in registration.certificates.values_list("pk", flat=True):
        wanted |= Q(key__startswith=f"{CERTIFICATE}:{pk}:")
    if registration.email:
        wanted |= Q(email=registration.email, key__startswith=f"{LINKS}:")
    offer = getattr(registration, "received_by", None)
    if offer:
        wanted |= Q(key__startswith=f"{OFFER}:{offer.registration_id}:{offer.pk}")
    return Delivery.objects.filter(wanted)


def mails_of(registration: Registration) -> list[Delivery]:
    """Those to her own address, newest first."""
    sent = mails_about(registration).filter(email=registration.email)
    return list(sent.select_related("message").order_by("-pk"))
