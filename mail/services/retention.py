"""What is kept no longer of mails that left long ago, as the privacy notice says. Run by the timetable; may repeat.

Names, addresses and the words written to one person go. The rows stay: their keys keep the same thing from being told
twice, and their states are a newsletter's figures.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from mail.models import Delivery, Message

KEPT_FOR = timedelta(days=180)
SETTLED = [Delivery.State.SENT, Delivery.State.FAILED, Delivery.State.UNCERTAIN, Delivery.State.EXCLUDED]


@transaction.atomic
def forget() -> None:
    old = Delivery.objects.filter(created_at__lt=timezone.now() - KEPT_FOR, state__in=SETTLED).exclude(email="")
    to_one_person = Message.objects.filter(mailing=None, pk__in=old.values("message"))
    to_one_person.update(text="", html="", attachments=[], headers={})
    old.update(email="", name="", personal={})
