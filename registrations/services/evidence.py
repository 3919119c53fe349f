"""Files that prove something: the scanned register with its signatures, the attendance file of a platform.

A file is kept as it came, in private, with its SHA-256, who brought it and when. What it is is read from its first
bytes, never from its name, which ends accordingly: no computer takes it for a program. The same file twice changes
nothing. Nothing is deleted: who brought the wrong file withdraws it and says why; it stays, marked, and may be brought
again. Who may is decided by the callers; what a platform's file says is read elsewhere.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.names import one_line
from events.models import Event
from registrations.models import Evidence
from registrations.services import RegistrationError, kept_files

LARGEST = 20 * 1024 * 1024
"""Bytes of one file: forty pages scanned in colour."""
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
TABLES = {"csv", "tsv", "txt"}
"""What a platform's attendance file may be called if it is no workbook; what stands in it is judged by who reads it."""
ENDING = re.compile(r"\.([a-z][a-z0-9]{0,3})$", re.IGNORECASE)
"""What tells a computer how to open a file; longer ones are left and another is put behind."""
ALIKE = {"jpeg": "jpg", "heif": "heic"}
CONTENT_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "heic": "image/heic"}
THUMBNAIL = 65536
"""A small picture inside a JPEG, with an end of its own, lies within so many bytes."""


class Kept(NamedTuple):
    """The row, and whether this call made it: the same file twice is one row."""

    evidence: Evidence
    is_new: bool


def keep(
    *,
    event: Event,
    kind: str,
    name: str,
    content: bytes,
    by: User | None,
    part: str = "",
    options: Mapping[str, Any] | None = None,
) -> Kept:
    """Keep a file of `event` as it is. A scan is a PDF or a picture; a platform's file (kind `log`) is any table.

    Errors, at the field `file`: `empty`, `too_large`, `wrong_type`, `cut_off`, `unsigned`, `changed`.
    """
    ending = _checked_ending(kind, name, content)
    sha256 = hashlib.sha256(content).hexdigest()
    same = Evidence.objects.standing().filter(event=event, kind=kind, sha256=sha256)
    if known := same.first():
        _refuse_if_broken(known)
        return Kept(known, False)
    row = Evidence(event=event, kind=kind, part=part[:200], sha256=sha256, added_by=by, options=dict(options or {}))
    row.name, row.size = _safe_name(name, ending), len(content)
    storage = row.file.storage
    row.file.name = storage.save(row.file.field.generate_filename(row, f"file.{ending}"), ContentFile(content))
    try:
        with transaction.atomic():
            row.save()
    except BaseException as error:
        storage.delete(row.file.name)
        if isinstance(error, IntegrityError) and (known := same.first()):  # brought at the same moment
            return Kept(known, False)
        raise
    return Kept(row, True)


@transaction.atomic
def withdraw(*, evidence: Evidence, by: User | None, reason: str) -> Evidence:
    """It counts no more; the file stays. Errors: `no_reason` at the field `reason`, `withdrawn_already`."""
    because = one_line(reason)[:200]
    if not because:
        message = _("Say why the file is withdrawn.")
        raise RegistrationError("no_reason", message, {"reason": message})
    row = Evidence.objects.select_for_update(of=("self",)).select_related("event").get(pk=evidence.pk)
    if row.withdrawn_at:
        raise RegistrationError("withdrawn_already", _("This file was withdrawn already."))
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_because = timezone.now(), by, because
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    return row


def content_type(evidence: Evidence) -> str:
    """What a browser is told about the file. A table is only bytes: nothing opens it on this site."""
    ending = evidence.file.name.rpartition(".")[2]
    return CONTENT_TYPES.get(ending, "application/octet-stream")


def download_name(evidence: Evidence, content: bytes) -> str:
    """What the file is called when it is given back; of rows of before, whose names nobody checked, too."""
    return _safe_name(evidence.name, _ending_of(evidence.kind, evidence.name, content) or "bin")


def _checked_ending(kind: str, name: str, content: bytes) -> str:
    """How the file is stored: by what it holds."""
    if not content:
        raise _refused("empty", _("The file is empty."))
    if len(content) > LARGEST:
        most = {"most": filesizeformat(LARGEST)}
        raise _refused("too_large", _("The file is larger than %(most)s: scan it in grey, or in two parts.") % most)
    ending = _ending_of(kind, name, content)
    if not ending:
        raise _refused("wrong_type", _("This is not a PDF, JPEG, PNG or HEIC file."))
    if kind != Evidence.Kind.LOG and not _has_its_end(ending, content):
        raise _refused("cut_off", _("The end of the file is missing: scan or copy it once more."))
    if ending == "pdf" and _is_as_it_was_printed(content):
        raise _refused("unsigned", _("This is the sheet as it comes from here, unsigned: bring the signed one."))
    return ending


def _ending_of(kind: str, name: str, content: bytes) -> str:
    if kind != Evidence.Kind.LOG:
        return _kind_of_scan(content)
    if content.startswith(b"PK\x03\x04"):
        return "xlsx"
    called = name.rpartition(".")[2].lower()
    return called if called in TABLES else "txt"


def _is_as_it_was_printed(content: bytes) -> bool:
    """Did typst write it, and nobody since? A scanner names itself; who signs or draws in the file adds to its end, or
    writes it anew with a producer of its own."""
    is_of_typst = b"<xmp:CreatorTool>Typst " in content and b"/Creator(Typst " in content
    return is_of_typst and content.count(b"startxref") == 1 and b"/Producer" not in content


def _kind_of_scan(content: bytes) -> str:
    if content.lstrip(b"\x00\t\n\f\r \xef\xbb\xbf").startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        return "heic"
    return ""


def _has_its_end(ending: str, content: bytes) -> bool:
    """Whether the file was not cut off on its way, as far as its format marks its end."""
    if ending == "pdf":
        return b"%%EOF" in content[-4096:]
    if ending == "png":
        return b"IEND" in content[-4096:]
    if ending == "jpg":
        return content.find(b"\xff\xd9", min(len(content) // 2, THUMBNAIL)) > 0
    return True


def _safe_name(name: str, ending: str) -> str:
    """What the file was called where it came from, without folders and with the ending of what it is."""
    called = one_line(PurePosixPath(name.replace("\\", "/")).name).rstrip(". ")
    found = ENDING.search(called)
    base, written = (called[: found.start()], found[1]) if found else (called, "")
    if ALIKE.get(written.lower(), written.lower()) != ending:
        written = ending
    base = base.removesuffix(f".{ending}")[: 199 - len(written)].strip(". ") or "file"
    return f"{base}.{written}"


def _refuse_if_broken(known: Evidence) -> None:
    """Nobody is told that a file is here when only its row is."""
    if not kept_files.is_whole(known):
        sentence = _(
            "This file was brought already, but what is kept is no longer it: withdraw that one first, say why, then "
            "bring this one."
        )
        raise _refused("changed", sentence)


def _refused(code: str, message: str) -> RegistrationError:
    return RegistrationError(code, message, {"file": message})
