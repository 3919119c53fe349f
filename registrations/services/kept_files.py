"""Whether the storage holds what the rows say: every file that was brought, whole, and no file that no row names.

Every file is read, which may take a minute: only `check_register` asks. The files of registers themselves are checked
by `sealing.check`, whenever somebody looks. A file that is being kept at this moment has no row yet and is left out.
"""

from datetime import timedelta
from pathlib import PurePosixPath

from django.utils import timezone

from events.models import Event
from registrations.models import Evidence, Seal
from registrations.models.evidence import FOLDER
from registrations.services import sealing

BEING_KEPT = timedelta(hours=1)


def changed(event: Event) -> list[Evidence]:
    """Files of `event` that are missing, or are not those that were brought."""
    return [row for row in event.evidence.order_by("pk") if sealing.fingerprint(row.file) != row.sha256]


def orphans() -> list[str]:
    """Names of files that no row of any event names: a row was removed, or a file was put there."""
    storage, youngest = Evidence.file.field.storage, timezone.now() - BEING_KEPT
    try:
        _folders, files = storage.listdir(FOLDER)
    except FileNotFoundError:
        return []
    named = {*Evidence.objects.values_list("file", flat=True)}
    named = named.union(*Seal.objects.values_list("xlsx", "pdf"))
    found = sorted({str(PurePosixPath(FOLDER, one)) for one in files} - named)
    return [one for one in found if storage.get_modified_time(one) < youngest]
