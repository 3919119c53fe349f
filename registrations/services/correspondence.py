"""Which mails a person got about a registration and how far each is, and how many of each kind went for an event."""

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, StrIndex, Substr

from events.models import Event
from mail.models import Delivery
from registrations.models import Certificate, Registration


def mails_of(registration: Registration) -> list[Delivery]:
    """Newest first. A delivery's key names its registration: mails about the person's other events are not here."""
    sent = Delivery.objects.filter(email=registration.email, key__startswith="registrations.")
    mails = sent.select_related("message").order_by("-pk")
    return [mail for mail in mails if mail.key.split(":")[1:2] == [str(registration.pk)]]


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
