"""What is kept no longer about people and phones, as the privacy notice says. Called by the timetable; may be repeated.

A registration whose address was never confirmed is forgotten, unless somebody was seen at the door with it. Phones that
never scanned anything go once they are of no use, invitations a month after the event. Registrations that were
confirmed are kept for the report.
What people need is deleted a week after the event, and with what the funder asked once a registration is over; what it
asked of somebody who never came, a month after.
"""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from registrations.models import Device, MonitoringRecord, Needs, Registration
from registrations.services import idempotency, inviting

KEPT_FOR = timedelta(days=30)
NEEDS_KEPT_FOR = timedelta(days=7)
DEAD = [state for state in Registration.State.values if state not in Registration.ALIVE]


def forget() -> None:
    before = timezone.now() - KEPT_FOR
    never_confirmed = Registration.objects.filter(state=Registration.State.EXPIRED, held_until__lt=before)
    never_confirmed.filter(email_confirmed_at=None, scans=None, certificates=None).delete()
    useless = Q(paired_at=None, pairing_expires_at__lt=before) | Q(revoked_at__lt=before)
    Device.objects.filter(useless, scans=None, corrections=None).delete()
    inviting.forget(before)
    _forget_what_was_told()
    idempotency.forget_old()


def _forget_what_was_told() -> None:
    """A registration that is over needs nothing; who never came is no participant."""
    now = timezone.now()
    is_dead = Q(registration__state__in=DEAD) | Q(registration__event__cancelled_at__isnull=False)
    Needs.objects.filter(is_dead | Q(registration__event__ends_at__lte=now - NEEDS_KEPT_FOR)).delete()
    never_came = Q(registration__entered_at=None, registration__event__ends_at__lte=now - KEPT_FOR)
    MonitoringRecord.objects.filter(is_dead | never_came).delete()
