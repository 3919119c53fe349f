"""“Send me my links”: for who lost the mail. Whoever asks learns nothing about the address.

Asking writes one row, for every address alike, and answers at once; the worker looks the address up afterwards and
writes one mail, if there is anything to tell, to nobody else. A row lasts two minutes: until it is gone the same
address is not answered again. Rows that nobody answered are found by the timetable. Refusal: `too_many`.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from core.addresses import normalise_email
from registrations import tasks
from registrations.models import LinkRequest, Registration
from registrations.services import notices, restraint

WAIT = timedelta(minutes=2)
MOST = 50
"""Links in one mail."""


def ask(*, email: str, client: str = "") -> None:
    """Owe the links of this address."""
    email = normalise_email(email)
    restraint.ask(client=client, email=email)
    with transaction.atomic():
        LinkRequest.objects.filter(email=email, asked_at__lt=timezone.now() - WAIT).delete()
        LinkRequest.objects.get_or_create(email=email)
        tasks.send_links.delay_on_commit()


def answer_owed(limit: int = 200) -> None:
    """Write to whom we know, and forget who asked."""
    for pk in LinkRequest.objects.filter(answered_at=None).order_by("pk").values_list("pk", flat=True)[:limit]:
        _answer(pk)
    LinkRequest.objects.filter(answered_at__isnull=False, asked_at__lt=timezone.now() - WAIT).delete()


@transaction.atomic
def _answer(pk: int) -> None:
    request = LinkRequest.objects.select_for_update().filter(pk=pk, answered_at=None).first()
    if request is None:
        return
    alive = Registration.objects.filter(email=request.email, state__in=Registration.ALIVE)
    mine = alive.select_related("event__programme", "event__venue").order_by("-event__starts_at", "-pk")[:MOST]
    if mine:
        notices.send_links(list(mine), occasion=request.pk)
    request.answered_at = timezone.now()
    request.save(update_fields=["answered_at"])
