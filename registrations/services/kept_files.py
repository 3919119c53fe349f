"""Whether the storage holds what the rows say: every file that was brought, whole, and no file that no row names.

`changed` is asked whenever somebody looks at the registers of an event or seals one: 30 files of 5 MB take a tenth of a
second. `content` is how every kept file leaves the storage: the bytes whose SHA-256 stands in its row, or none, and a
line in the log. `orphans` reads the whole folder: only `check_register` asks. A file that is being kept at this moment
has no row yet and is left out.
"""

import hashlib
import logging
from datetime import timedelta
from pathlib import PurePosixPath

from django.core.exceptions import SuspiciousFileOperation
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Event
from registrations.models import Evidence, Seal
from registrations.models.evidence import FOLDER
from registrations.services import RegistrationError

log = logging.getLogger(__name__)
BEING_KEPT = timedelta(hours=1)
MOST = 100 * 1024 * 1024
"""Bytes of a file that are read at once; nothing that we keep is as long."""
UNREADABLE = (OSError, ValueError, SuspiciousFileOperation)
"""What a storage raises for a file that is gone, or for a path that somebody made up."""


class BrokenFileError(RegistrationError):
    """`missing_file`, `changed_file`: the storage has not what was kept."""


def changed(event: Event) -> list[Evidence]:
    """Files of `event` that are missing, or are not those that were brought; withdrawn ones too. One query."""
    return [row for row in event.evidence.order_by("pk") if not is_whole(row)]


def is_whole(row: Evidence) -> bool:
    """Of another length it is another file, however long that is: it need not be read."""
    try:
        return row.file.size == row.size and fingerprint(row.file) == row.sha256
    except UNREADABLE:
        return False


def refuse_changed(event: Event) -> None:
    """No register vouches for a file that is not there: `changed`. A withdrawn one stands in no way: so one goes on
    when nobody has the file any more."""
    names = [f"“{row.name}”" for row in changed(event) if not row.withdrawn_at]
    if names:
        sentence = _(
            "A kept file is missing, or is not the one that was brought: %(names)s. Have it put back from a backup, "
            "or withdraw it, say why, and bring the original once more."
        )
        raise RegistrationError("changed", sentence % {"names": ", ".join(names)})


def content(file: FieldFile, sha256: str) -> bytes:
    """The bytes that were kept. Raises `missing_file`, `changed_file`."""
    try:
        with file.open("rb") as opened:
            found = opened.read(MOST)
    except UNREADABLE as error:
        raise _broken(file, "missing_file", _("The file is no longer where it was kept.")) from error
    if hashlib.sha256(found).hexdigest() != sha256:
        raise _broken(file, "changed_file", _("The file was changed after it was kept: its SHA-256 is another."))
    return found


def fingerprint(file: FieldFile) -> str:
    """SHA-256 of what the storage has; empty when it has nothing."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except UNREADABLE:
        return ""


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


def _broken(file: FieldFile, code: str, sentence: str) -> BrokenFileError:
    log.error("%s: %s no. %s, %s.", code, file.instance._meta.label, file.instance.pk, file.field.name)
    return BrokenFileError(code, sentence)
