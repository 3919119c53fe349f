"""Which mails a person got about a registration, and how far each is."""

from mail.models import Delivery
from registrations.models import Registration


def mails_of(registration: Registration) -> list[Delivery]:
    """Newest first. A delivery's key names its registration: mails about the person's other events are not here."""
    sent = Delivery.objects.filter(email=registration.email, key__startswith="registrations.")
    mails = sent.select_related("message").order_by("-pk")
    return [mail for mail in mails if mail.key.split(":")[1:2] == [str(registration.pk)]]
