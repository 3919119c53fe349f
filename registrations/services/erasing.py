"""A person asks that her data be erased: what goes at once, what the staff decide, what the law has us keep.

Who was never present is erased at once: the place is given back, then name, address, answers, needs and everything else
about her is emptied, in one transaction. Who was present is evidence of what public money paid for (art. 82 of
Regulation EU 2021/1060; art. 17.3.b GDPR): she asks, and within thirty days (art. 12.3 GDPR) the staff remove what does
not belong to that evidence or say why not. Name, times of presence with who corrected them and why, certificate and the
funder's questions stay then, and so does whatever a sealed register holds.
The row stays in either case, for the figures, with its ledger of consents, which names nobody. The last mail tells her;
it is emptied once it has left (`finish`). The newsletter is a matter of its own. Everything may be repeated.
Refusals: `not_asked`, `reason_required`.
"""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.names import one_line
from events.models import Event
from mail.services import outbox
from mail.services import retention as old_mails
from registrations.consents import OPTIONAL
from registrations.models import (
    Consent,
    Correction,
    Handover,
    Invitation,
    LinkRequest,
    MonitoringRecord,
    Needs,
    Registration,
    Scan,
)
from registrations.services import RegistrationError, agreeing, changing, correspondence, notices, places, sealing

LAST_MAILS = timedelta(days=30)
"""How long after an erasure its last mails are looked for."""
CONTACT = {
    "email": "",
    "organisation": "",
    "answers": {},
    "registered_by": "",
    "client": "",
    "promoted_because": "",
    "promoted_at": None,
    "refused_because": "",
    "erasure_refused_because": "",
}
NO_WORDS = "–"
"""Stands for the reason of what may not be without one."""
PERSON = {"first_name": "", "last_name": "", "is_minor": False}


def was_present(registration: Registration) -> bool:
    """Is there evidence of presence about her that we owe to the funder?"""
    return registration.entered_at is not None or registration.certificates.exists()


def ask(*, registration: Registration) -> Registration:
    """Erase at once, or note the request for the staff. Twice is once."""
    with places.deciding(registration.event) as event:
        kept = _locked(registration, event)
        if kept.erased_at or kept.is_erasure_open:
            return kept
        kept.erasure_asked_at, kept.erasure_refused_at, kept.erasure_refused_because = timezone.now(), None, ""
        kept.save(update_fields=["erasure_asked_at", "erasure_refused_at", "erasure_refused_because", "changed_at"])
        if not was_present(kept):
            _erase(kept)
    return kept


def grant(*, registration: Registration) -> Registration:
    """The staff erase what may go, asked by the page or by letter. Twice is once."""
    with places.deciding(registration.event) as event:
        kept = _locked(registration, event)
        if kept.erased_at is None:
            _erase(kept)
    return kept


def refuse(*, registration: Registration, reason: str) -> Registration:
    """Her data are kept for `reason`, which is mailed to her. Raises `not_asked`, `reason_required`."""
    reason = one_line(reason)[: Registration._meta.get_field("erasure_refused_because").max_length]
    if not reason:
        sentence = _("Say why: she reads it.")
        raise RegistrationError("reason_required", sentence, {"reason": sentence})
    with places.deciding(registration.event) as event:
        kept = _locked(registration, event)
        if not kept.is_erasure_open:
            raise RegistrationError("not_asked", _("Nobody waits for an answer here: it was decided already."))
        kept.erasure_refused_at, kept.erasure_refused_because = timezone.now(), reason
        kept.save(update_fields=["erasure_refused_at", "erasure_refused_because", "changed_at"])
        notices.tell_erasure_refused(kept)
    return kept


def finish(now=None) -> None:
    """Empty the last mails of people erased lately, once they have left."""
    lately = (now or timezone.now()) - LAST_MAILS
    for registration in Registration.objects.filter(erasure_asked_at__isnull=False, erased_at__gte=lately):
        old_mails.erase(correspondence.mails_about(registration))


def _locked(registration: Registration, event: Event) -> Registration:
    kept = Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)
    kept.event = event
    return kept


def _erase(kept: Registration) -> None:
    was_expected = kept.state == Registration.State.CONFIRMED
    if kept.is_alive and not kept.entered_at and kept.event.state in {Event.State.PLANNED, Event.State.RUNNING}:
        changing.cancel(registration=kept)
    _take_consents_back(kept)
    mails = correspondence.mails_about(kept)
    outbox.take_back(mails, reason="erased")
    has_appointment = was_expected and not kept.is_alive  # the one that was cancelled just now
    notices.tell_erased(kept, has_appointment=has_appointment, was_present=was_present(kept))
    old_mails.erase(mails)
    _empty_what_is_beside(kept)
    _empty(kept)


def _take_consents_back(kept: Registration) -> None:
    """The newsletter, which has a page and a proof of its own, goes on until it is left there."""
    agreed = {key: False for key in OPTIONAL if key != Consent.Purpose.NEWSLETTER}
    agreeing.choose(registration=kept, agreed=agreed, how=Consent.How.ERASURE)


def _empty_what_is_beside(kept: Registration) -> None:
    Needs.objects.filter(registration=kept).delete()
    LinkRequest.objects.filter(email=kept.email).delete()
    if not was_present(kept):
        MonitoringRecord.objects.filter(registration=kept).delete()
    hers = Q(registration=kept) | Q(event=kept.event_id, email=kept.email)
    Invitation.objects.filter(hers).delete()
    now = timezone.now()
    Handover.objects.filter(registration=kept, accepted_at=None, ended_at=None).update(ended_at=now)
    Handover.objects.filter(Q(registration=kept) | Q(successor=kept)).update(first_name="", last_name="", email="")
    if not was_present(kept):
        _empty_notes(kept)
    if kept.name:
        kept.event.registrations.filter(registered_by=kept.name).update(registered_by="")


def _empty_notes(kept: Registration) -> None:
    """Why somebody decided something at the door about who was never present. What a register holds stays as it is; a
    fact by hand keeps a dash, as it must have a note."""
    free = kept.scans.exclude(sealing.sealed_scans(kept.event_id))
    Correction.objects.filter(scan__in=free).exclude(reason="").update(reason="")
    free.filter(source=Scan.Source.HAND).update(note=NO_WORDS)
    free.exclude(source=Scan.Source.HAND).exclude(note="").update(note="")


def _empty(kept: Registration) -> None:
    now = timezone.now()
    values = CONTACT | ({} if was_present(kept) else PERSON)
    if kept.is_extra and not was_present(kept):
        values |= {"extra_because": NO_WORDS}
    values |= {"erased_at": now, "erasure_asked_at": kept.erasure_asked_at or now, "erasure_refused_at": None}
    for name, value in values.items():
        setattr(kept, name, value)
    kept.save(update_fields=[*values, "changed_at"])
