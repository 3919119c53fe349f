"""Which mails there are about a registration, how far each is, and how many of each kind went for an event.

A delivery's key names its registration, `registrations.<kind>:<registration>:…`; a certificate's names the certificate,
a list of links whose newest registration it is. What the staff write to many at once is not here, but for the copies
whose key says so too.
"""

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, StrIndex, Substr

from events.models import Event
from mail.emails import KINDS
from mail.models import Delivery
from registrations.models import Certificate, Registration

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


def sent_about(event: Event) -> dict[str, int]:
    """How many mails of each kind have left for the people of `event`. A certificate's key names the certificate."""
    rest = Substr("key", StrIndex("key", Value(":")) + 1)
    to_them = Delivery.objects.filter(
        state=Delivery.State.SENT,
        message__kind__startswith="registrations.",
        email__in=event.registrations.exclude(email="").values("email"),
    ).annotate(about=Substr(rest, 1, StrIndex(Concat(rest, Value(":")), Value(":")) - 1))
    is_certificate = Q(message__kind="registrations.certificate")
    about_event = Q(about__in=_as_text(event.registrations)) & ~is_certificate
    about_certificate = Q(about__in=_as_text(Certificate.objects.filter(registration__event=event))) & is_certificate
    rows = to_them.filter(about_event | about_certificate).values(kind=F("message__kind")).annotate(number=Count("pk"))
    return {row["kind"].removeprefix("registrations."): row["number"] for row in rows}


def _as_text(rows: QuerySet) -> QuerySet:
    return rows.order_by().annotate(as_text=Cast("pk", CharField())).values("as_text")
