"""What is kept no longer about readers, as the privacy notice says. Called by the timetable; may be repeated.

Who asked and never confirmed is forgotten. Who left keeps nothing here but the address and the proofs, so that no
older list brings her back. A list that was tried and never imported is thrown away.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from newsletters.models import Proof, Subscription
from newsletters.services import brought_lists

KEPT_FOR = timedelta(days=30)
State = Subscription.State


def forget() -> None:
    brought_lists.forget_old()
    _forget_readers()


@transaction.atomic
def _forget_readers() -> None:
    before = timezone.now() - KEPT_FOR
    Proof.objects.filter(confirmed_at=None, recorded_at__lt=before).delete()
    Subscription.objects.filter(
        ~Exists(Proof.objects.filter(subscription=OuterRef("pk"))), state=State.PENDING
    ).delete()
    left = Subscription.objects.filter(state=State.ENDED, ended_at__lt=before)
    told = ~Q(first_name="") | ~Q(last_name="") | Q(territory__isnull=False) | ~Q(topics=[]) | ~Q(organisation_kind="")
    left.filter(told).update(first_name="", last_name="", territory=None, topics=[], organisation_kind="")
