"""The register of an event is sealed: every fact about presence until now, in a chain of hashes, as XLSX and PDF.

`seal` makes register number n + 1 from one snapshot; `check` writes the chain again from the database and compares it
with every register that is kept, and all files, those that were brought too, with their fingerprints. There is one
chain an event, which only grows: what is new since the last register, by the order in which it was written, then the
register itself (`registrations.chain`). So a register never goes stale by facts that arrive late, and any change,
removal or insertion below it shows.
Who seals while somebody else does is told to wait; two registers never get one number. Refusals: `nothing_to_seal`,
`nothing_new`, `changed`, `busy`.

Whoever seals and the coordinators get its receipt by mail (`witnessing`): they can show that it was not changed.
A register stands for what it says for ever: what it holds about who asks for erasure is evidence (art. 17.3.b GDPR).
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import Max, Model, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from events.models import Event
from registrations import chain
from registrations.documents import sealed_pdf, sealed_xlsx
from registrations.models import Correction, Evidence, Scan, Seal
from registrations.services import RegistrationError, kept_files, registers, witnessing

ATTEMPTS = 3
LONGEST = 120
"""Seconds after which a register that somebody began to make no longer stands in the way of another."""
FACT = [
    "nonce", "registration__code", "code", "mode", "direction", "source", "status", "reason", "is_forced", "at",
    "device_at", "clock_offset", "received_at", "device_id", "by_id", "evidence__sha256", "note",
]  # fmt: skip
CORRECTION = ["scan__nonce", "kind", "at", "received_at", "device_id", "by_id", "reason"]
FILE = ["sha256", "kind", "part", "name", "size", "added_at", "added_by_id"]
WITHDRAWAL = ["sha256", "kind", "withdrawn_at", "withdrawn_by_id", "withdrawn_because"]
BELOW_ALL = -(2**63) - 1
"""No row has a number below it, not even one that somebody wrote behind our back."""
NOTHING = {"correction": BELOW_ALL, "scan": BELOW_ALL, "evidence": BELOW_ALL, "withdrawn": []}
FILES, SHEETS = ("xlsx", "pdf"), 4
Rows = dict[str, list[tuple[int, str]]]


@dataclass(frozen=True)
class Finding:
    """What is no longer as `seal` says: `xlsx`, `pdf` (the file), `facts` (the chain), `missing` (a register),
    `until` (its row no longer says which facts it holds), `people` (nor how many people); `file`: a file that was
    brought is no longer that, of whatever register, if any.

    `place` is the link of the chain, from 1, and `fields` what differs there, as far as the kept file can tell.
    """

    number: int
    code: str
    place: int | None = None
    fields: tuple[str, ...] = ()
    file: Evidence | None = None


def seal(*, event: Event, by: User | None) -> Seal:
    """Make the next register of `event`. Raises `nothing_to_seal`, `nothing_new`, `changed`, `busy`."""
    key = f"sealing-{event.pk}"
    if not cache.add(key, True, LONGEST):
        raise _busy()
    try:
        return _seal(event, by)
    finally:
        cache.delete(key)


def snapshot(event: Event) -> dict[str, Any]:
    """The last row of each kind. Nothing written before can appear later below it: writers at work are waited for, new
    ones wait an instant. A correction is of a scan and a scan of a file: read in this order, none points beyond. And
    the rule for a missing exit, by which the minutes count.
    """
    until = {
        "correction": _last(Correction, Q(scan__event=event)),
        "scan": _last(Scan, Q(event=event)),
        "evidence": _last(Evidence, Q(event=event)),
        "missing_exit": event.missing_exit,
    }
    withdrawn = event.evidence.filter(pk__lte=until["evidence"], withdrawn_at__isnull=False)
    return until | {"withdrawn": sorted(withdrawn.values_list("pk", flat=True))}


def rule_of(kept: Seal) -> str:
    """By which rule for a missing exit its minutes count; empty where it does not say."""
    return kept.until.get("missing_exit", "") if _is_readable(kept) else ""


def sealed_scans(event_id: int) -> Q:
    """Those that a register holds already; all, where it no longer says which."""
    last = Seal.objects.filter(event=event_id).order_by("number").last()
    if last is None:
        return Q(pk__in=[])
    return Q(pk__lte=last.until["scan"]) if _is_readable(last) else Q(pk__isnull=False)


def check(event: Event) -> list[Finding]:
    """What does not agree any more with the registers that are kept, or with what was brought; nothing when nothing
    has changed."""
    facts, kept_ones = rows_of(event), list(event.seals.order_by("number"))
    numbers = {one.number for one in kept_ones}
    found = [Finding(number, "missing") for number in range(1, max(numbers, default=0)) if number not in numbers]
    head, before = chain.beginning(event.uid), NOTHING
    for place, kept in enumerate(kept_ones):
        changed = _changed_files(kept, kept_ones[place + 1] if kept is not kept_ones[-1] else None)
        found += [Finding(kept.number, kind) for kind in changed]
        if not _is_readable(kept):
            found.append(Finding(kept.number, "until"))
            continue
        lines = [*new_lines(facts, before, kept.until), _statement(kept)]
        if kept.previous != (head if place else "") or hash_of(head, lines) != kept.head:
            found.append(_where(kept, lines, "xlsx" not in changed))
        elif not _is_exact(kept, facts, before):
            found.append(Finding(kept.number, "until"))
        head, before = kept.head, kept.until  # what comes after is judged by itself
    return found + [Finding(0, "file", file=row) for row in kept_files.changed(event)]


def in_words(finding: Finding) -> str:
    """For the staff, in the language that is active."""
    words = {"number": finding.number, "place": finding.place, "fields": ", ".join(_names(finding.fields))}
    if finding.code == "missing":
        return _("Register no. %(number)d is missing.") % words
    if finding.code == "until":
        return _("Register no. %(number)d no longer says which facts it holds: its row is damaged.") % words
    if finding.code == "people":
        return _("The row of register no. %(number)d gives another number of people than its XLSX file.") % words
    if finding.file:
        words |= {"name": finding.file.name, "sha256": finding.file.sha256[:12]}
        return _("The file “%(name)s” (SHA-256 %(sha256)s…) is missing, or is not the one that was brought.") % words
    if finding.code != "facts":
        words["file"] = finding.code.upper()
        return _("The %(file)s file of register no. %(number)d is missing, or is not the one that was sealed.") % words
    if finding.place is None:
        return _("What register no. %(number)d sealed has changed since.") % words
    if not finding.fields:
        return _("Register no. %(number)d: at link %(place)d a fact was removed, added or moved.") % words
    return _("Register no. %(number)d: link %(place)d was changed (%(fields)s).") % words


def _names(fields: tuple[str, ...]) -> list[str]:
    """Fields of `chain.FIELDS` as the sheets call them, as far as they do."""
    known = {
        "at": _("When"), "direction": _("Direction"), "mode": _("Mode"), "source": _("Source"), "status": _("Answer"),
        "is_forced": _("Forced"), "device": _("Door"), "by": _("Who"), "note": _("Why"), "reason": _("Why"),
        "received_at": _("Received"), "device_at": _("Phone’s clock"), "person": _("Code"), "file": _("File"),
    }  # fmt: skip
    return [str(known.get(one, one)) for one in fields]


def rows_of(event: Event) -> Rows:
    """Everything that is or will be in the chain, by kind: number of the row and its line. Four queries."""
    withdrawn = Q(event=event, withdrawn_at__isnull=False)
    return {
        kind: [
            (pk, chain.line(kind, values))
            for pk, *values in model.objects.filter(rows).order_by("pk").values_list("pk", *columns)
        ]
        for kind, model, rows, columns in (
            ("file", Evidence, Q(event=event), FILE),
            ("withdrawal", Evidence, withdrawn, WITHDRAWAL),
            ("fact", Scan, Q(event=event), FACT),
            ("correction", Correction, Q(scan__event=event), CORRECTION),
        )
    }


def new_lines(facts: Rows, before: dict[str, Any], until: dict[str, Any]) -> list[str]:
    """The lines of the chain that are new from one snapshot to another, in their order."""
    gone = set(until["withdrawn"]) - set(before["withdrawn"])
    return [
        *(line for pk, line in facts["file"] if before["evidence"] < pk <= until["evidence"]),
        *(line for pk, line in facts["withdrawal"] if pk in gone),
        *(line for pk, line in facts["fact"] if before["scan"] < pk <= until["scan"]),
        *(line for pk, line in facts["correction"] if before["correction"] < pk <= until["correction"]),
    ]


def hash_of(head: str, lines: list[str]) -> str:
    for one in lines:
        head = chain.link(head, one)
    return head


def _seal(event: Event, by: User | None) -> Seal:
    kept_files.refuse_changed(event)
    for _attempt in range(ATTEMPTS):
        until, last = snapshot(event), event.seals.order_by("number").last()
        draft, register = _draft(event, by, until, last)
        if not draft.facts:
            raise RegistrationError("nothing_to_seal", _("There is no fact about anybody yet: nothing to seal."))
        if last and until == last.until and draft.sheets[0] == last.sheets[0]:
            raise RegistrationError("nothing_new", _("Nothing is new since the last register: it still holds."))
        with translation.override(registers.LANGUAGE):
            files = {"xlsx": sealed_xlsx.render(register), "pdf": sealed_pdf.render(register)}
        if _keep(draft, files, last):
            return draft
    raise _busy()


def _busy() -> RegistrationError:
    return RegistrationError("busy", _("Somebody else is sealing this register now: look again in a minute."))


def _changed_files(kept: Seal, following: Seal | None) -> list[str]:
    """`xlsx`, `pdf`: not the file that was sealed; `people`: the row says another number than a whole workbook.

    The next register vouches for both; of the last one the workbook itself is read, for its fingerprint could have
    been changed together with it.
    """
    vouched = following.sheets[SHEETS:] if following and isinstance(following.sheets, list) else []
    changed = []
    for place, kind in enumerate(FILES):
        sealed = vouched[place] if len(vouched) == len(FILES) else getattr(kept, f"{kind}_sha256")
        if not kept_files.fingerprint(getattr(kept, kind)) == sealed == getattr(kept, f"{kind}_sha256"):
            changed.append(kind)
    if "xlsx" not in changed and not vouched:
        with kept.xlsx.open("rb") as file:
            if not sealed_xlsx.is_sealed(file, kept.sheets, kept.head):
                changed.insert(0, "xlsx")
    if "xlsx" not in changed:
        with kept.xlsx.open("rb") as file:
            if sealed_xlsx.people_in(file) != kept.people:
                changed.append("people")
    return changed


def _is_readable(kept: Seal) -> bool:
    """Does it still say which rows it holds?"""
    until = kept.until
    return (
        isinstance(until, dict)
        and all(type(until.get(kind)) is int for kind in ("correction", "scan", "evidence"))
        and isinstance(until.get("withdrawn"), list)
        and all(type(pk) is int for pk in until["withdrawn"])
    )


def _is_exact(kept: Seal, facts: Rows, before: dict[str, Any]) -> bool:
    """Does it end where its last rows are? Raised above them, it would claim for itself what is written later."""
    until, kinds = kept.until, {"evidence": "file", "scan": "fact", "correction": "correction"}
    withdrawn = {pk for pk, _line in facts["withdrawal"]}
    return (
        until.keys() - {"missing_exit"} == NOTHING.keys()
        and all(
            until[column] == max((pk for pk, _line in facts[kind] if pk <= until[column]), default=0)
            for column, kind in kinds.items()
        )
        and until["withdrawn"] == sorted(withdrawn & {*until["withdrawn"], *before["withdrawn"]})
    )


def _last(model: type[Model], rows: Q) -> int:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f'LOCK TABLE "{model._meta.db_table}" IN SHARE MODE')
        return model._default_manager.filter(rows).aggregate(last=Max("pk"))["last"] or 0


def _draft(event: Event, by: User | None, until: dict[str, Any], last: Seal | None) -> tuple[Seal, registers.Register]:
    """The next register, not saved, and what it says. The chain of the earlier ones stands before its own lines."""
    earlier = list(event.seals.order_by("number")) if last else []
    facts, lines, head, before = rows_of(event), [], chain.beginning(event.uid), NOTHING
    for one in earlier:
        if not _is_readable(one):
            raise _changed()
        is_exact = _is_exact(one, facts, before)
        new = [*new_lines(facts, before, one.until), _statement(one)]
        lines, head, before = lines + new, hash_of(head, new), one.until
        if head != one.head or not is_exact:
            raise _changed()
    lines += new_lines(facts, before, until)
    draft = Seal(event=event, number=len(earlier) + 1, made_by=by, made_at=timezone.now(), until=until)
    draft.previous = last.head if last else ""
    draft.facts = len(lines) - len(earlier)
    register = registers.build(draft, lines)
    draft.people, draft.sheets = len(register.people), register.digests
    draft.sheets += [getattr(last, f"{kind}_sha256") for kind in FILES] if last else []
    register.close(_statement(draft))
    draft.head = register.head
    return draft, register


def _changed() -> RegistrationError:
    return RegistrationError("changed", _("Facts of an earlier register have changed: look at what the check says."))


def _statement(kept: Seal) -> str:
    return chain.line("register", [kept.number, kept.made_at, kept.made_by_id, kept.facts, kept.sheets])


def _keep(draft: Seal, files: dict[str, bytes], last: Seal | None) -> bool:
    """Save it, unless a fact, a note or another register came between: then it is to be made again."""
    names: list[str] = []
    try:
        with transaction.atomic():
            event = Event.objects.select_for_update(of=("self",), no_key=True).get(pk=draft.event_id)
            before = last.until if last else NOTHING
            lines = [*new_lines(rows_of(event), before, draft.until), _statement(draft)]
            start = last.head if last else chain.beginning(event.uid)
            if event.seals.order_by("number").last() != last or hash_of(start, lines) != draft.head:
                return False
            for kind, content in files.items():
                getattr(draft, kind).save(f"register.{kind}", ContentFile(content), save=False)
                names.append(getattr(draft, kind).name)
                setattr(draft, f"{kind}_sha256", hashlib.sha256(content).hexdigest())
            draft.save(force_insert=True)
            witnessing.tell(draft)
    except BaseException:
        for name in names:
            draft.xlsx.storage.delete(name)
        raise
    return True


def _where(kept: Seal, lines: list[str], is_file_whole: bool) -> Finding:
    """The first link that the kept file writes in another way."""
    if not is_file_whole:
        return Finding(kept.number, "facts")
    with kept.xlsx.open("rb") as file:
        sealed = sealed_xlsx.lines_of(file)
    first = _start(sealed, kept.number)
    for place, (was, now) in enumerate(zip(sealed[first:], lines, strict=False), start=first + 1):
        if was != now:
            return Finding(kept.number, "facts", place, tuple(chain.differences(was, now) or ()))
    return Finding(kept.number, "facts", first + min(len(sealed) - first, len(lines)) + 1)


def _start(sealed: list[str], number: int) -> int:
    """Where the lines begin that are new in register `number`."""
    registers_before = [place for place, one in enumerate(sealed[:-1], start=1) if one.startswith('["register",')]
    return registers_before[-1] if registers_before and number > 1 else 0
