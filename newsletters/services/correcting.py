"""A mistake found while the newsletter is leaving, put right for those who have not got it yet.

Only while it is paused. Who got the first text keeps it, everybody still to come gets the new one, the web version
shows the new one and says what was put right and when. A message that a worker had prepared is taken back from it, so
that it cannot leave with the old words. Nothing here changes who gets the newsletter. Who approved it said yes to other
words: where the programme asks for a second person, nothing goes on before she has approved these (`approving`).
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from i18nfield.strings import LazyI18nString

from accounts.models import User
from mail.models import Delivery, Message
from mail.services import doubts
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, checking, checklist, composing, sending, versions, writing

LONGEST_NOTE = 200


@transaction.atomic
def correct(
    *,
    newsletter: Newsletter,
    subject: LazyI18nString,
    body: LazyI18nString,
    note: str,
    by: User | None = None,
    version: int,
) -> int:
    """Returns for how many people it was put right. `note` says to readers of the web version what it was.

    Errors `not_paused`, `changed`, `same`, `empty` (note), `findings`, and those of `writing.check_words`.
    """
    kept = Newsletter.objects.locked(newsletter.pk)
    _may_be_corrected(kept, version, note)
    before = checking.what_is_said(kept)
    kept.subject, kept.body, kept.version = subject, body, version + 1
    if checking.what_is_said(kept) == before:
        raise NewsletterError("same", _("Nothing was changed: correct subject or text."))
    writing.check_words(kept, subject, body, is_scheduled=True)
    checking.refuse_blocking(checklist.look(kept))
    versions.keep_first(Newsletter.objects.get(pk=kept.pk))
    now = timezone.now()
    correction = {"at": now, "since": kept.waits_since or now, "note": " ".join(note.split())}
    kept.corrections = [*kept.corrections, {name: str(value) for name, value in correction.items()}]
    kept.checked_at, kept.checked_by, kept.approved_at, kept.approved_by = timezone.now(), by, None, None
    kept.save(update_fields=["subject", "body", "version", "corrections", "changed_at", *checking.UNDONE])
    versions.keep(kept, by)
    number = sum(_hand_over(kept, language) for language in composing.LANGUAGES)
    newsletter.refresh_from_db()
    return number


def _may_be_corrected(kept: Newsletter, version: int, note: str) -> None:
    if not kept.is_paused:
        raise NewsletterError("not_paused", _("Pause the sending first, then correct it."))
    if kept.version != version:
        raise NewsletterError("changed", _("Somebody corrected it meanwhile: read it again, then correct it."))
    if not note.strip():
        message = _("Say in a sentence what you put right: it stands in the web version.")
        raise NewsletterError("empty", message, {"note": message})


def _hand_over(kept: Newsletter, language: str) -> int:
    """Everybody still to come in that language gets the new message; what a worker holds is taken from its hands.

    A copy in doubt that is sent again stays the copy it was: under one Message-ID nobody gets two texts.
    """
    message = sending.add_message(kept, language)
    still_to_come = earlier_copies(message, Delivery.State.PENDING, Delivery.State.LEASED)
    return still_to_come.exclude(doubts.sent_again()).update(
        message=message, state=Delivery.State.PENDING, leased_by="", leased_until=None
    )


def earlier_copies(message: Message, *states: str):
    """Deliveries of what was said before `message` in its language, or of `message` itself."""
    said = Message.objects.filter(mailing=message.mailing_id, language=message.language, pk__lte=message.pk)
    return Delivery.objects.filter(message__in=said.values("pk"), state__in=states)
