"""What a register says, as tables: who was there from when to when, every fact, its corrections, the files.

`build` makes them from one `register_snapshot`; `documents` writes them down as XLSX and PDF. Stays and
minutes are computed here from the very facts that are sealed, by the same rule as everywhere (`attendance`), not read
from the registration; while the event runs, as far as they have come (`Seal.is_provisional`). A person stands among
those who were there when she has a stay, in the order of the paper register; her e-mail address never does. What is
said of each stands in `telling_presence`. Always in the first language of the site.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from events.models import Event, Mode
from registrations import chain
from registrations.documents import paper, sealed_words, sealed_xlsx
from registrations.models import Correction, Evidence, Registration, Scan, Seal
from registrations.services import attendance, strange_codes, telling_presence
from registrations.services.register_snapshot import AddedByHand, Snapshot, clean, local

LANGUAGE = settings.LANGUAGE_CODE
Row = list[str | int]
LINES_OF_SHEET, LINES_OF_PAPER = 40, 6
"""Entries and exits of one person that are told one by one: a cell has room for 32,767 signs, a page for much less."""


@dataclass(frozen=True)
class Person:
    """One row of the register. `mode` is how she was there, whatever she had said; `stays` in words, each with its
    source, `printed` fewer of them; `admission`: by which right she came in; `codes`: which of the online room she
    gave, where that can be; `days` and `parts`: minutes of each day, where there are several, and of each part of the
    agenda."""

    registration: Registration
    mode: str
    first: str
    last: str
    stays: list[str]
    printed: list[str]
    admission: str
    codes: telling_presence.Codes | None
    minutes: int
    days: list[int]
    parts: list[int]
    is_enough: bool
    sources: list[str]
    corrections: list[str]


@dataclass
class Register:
    seal: Seal
    lines: list[str]
    people: list[Person]
    tables: list[tuple[str, list[Row]]]
    """Register, facts, corrections, files: each its title and its rows, headings first."""
    decisions: list[Row]
    phones: list[Row]
    days: list[paper.Part]
    earlier_rules: list[tuple[int, str, str]]
    """What an earlier register said of how presence counts, where that was another rule: its number, label, words."""
    hashes: list[str] = field(default_factory=list)

    @property
    def event(self) -> Event:
        return self.seal.event

    @property
    def files(self) -> list[Row]:
        """The last table without the phones below them."""
        return self.tables[3][1][: -len(self.phones)]

    @property
    def digests(self) -> list[str]:
        return [chain.digest(rows) for _title, rows in self.tables]

    @property
    def head(self) -> str:
        return self.hashes[-1]

    def close(self, statement: str) -> None:
        """The register's own link, below everything else: its hash is the head."""
        self.lines.append(statement)
        head = chain.link(self.hashes[-1] if self.hashes else chain.beginning(self.event.uid), statement)
        self.hashes.append(head)
        facts = self.tables[1][1]
        with translation.override(LANGUAGE):
            last = [len(self.lines), _("register"), local(self.seal.made_at)]
        facts.append(last + [""] * (len(facts[0]) - len(last) - 2) + [statement, head])


def build(draft: Seal, lines: list[str]) -> Register:
    with translation.override(LANGUAGE):
        return _Writer(draft).register(lines)


class _Writer(Snapshot):
    """Tells the snapshot in rows."""

    def register(self, lines: list[str]) -> Register:
        people, phones = self._people(), self._phone_rows()
        hashes, head = [], chain.beginning(self.event.uid)
        for one in lines:
            head = chain.link(head, one)
            hashes.append(head)
        tables = [
            (_("Attendance register"), self._register_rows(people)),
            (_("Facts"), self._fact_rows(lines, hashes)),
            (_("Corrections"), self._correction_rows()),
            (_("Files and phones"), [*self._file_rows(), *phones]),
        ]
        return Register(
            self.draft, list(lines), people, tables, self._decisions(), phones, self.days, self._earlier_rules(), hashes
        )

    def _people(self) -> list[Person]:
        corrections = defaultdict(list)
        for one in self.decided():
            corrections[one.scan.registration_id].append(self._corrected(one))
        everybody = [self._person(person, self.facts[pk], corrections[pk]) for pk, person in self.people.items()]
        return [one for one in everybody if one.stays]

    def _person(self, person: Registration, facts: list[Scan], corrections: list[str]) -> Person:
        sightings = [scan for scan in facts if scan.says_where]
        stays = attendance.so_far(self.event, attendance.stays(self.event, sightings), self.draft.made_at)
        minutes = attendance.minutes_of(self.event, stays)
        last = telling_presence.last_of(stays)
        is_online = any(stay.mode == Mode.ONLINE for stay in stays)
        return Person(
            registration=person,
            mode=", ".join(str(mode.label) for mode in Mode if any(stay.mode == mode for stay in stays)),
            first=local(min((stay.start for stay in stays), default=None)),
            last=telling_presence.last_exit(stays, self.clock, local(last and last.until)),
            stays=self._told(stays, LINES_OF_SHEET),
            printed=self._told(stays, LINES_OF_PAPER),
            admission=telling_presence.admission(person, facts) if stays else "",
            codes=telling_presence.codes_given(self.event, sightings, self.clock) if is_online else None,
            minutes=minutes,
            days=attendance.minutes_by_part(stays, self.days),
            parts=attendance.minutes_by_part(stays, self.parts),
            is_enough=minutes >= self.event.minutes_needed,
            sources=sorted({scan.get_source_display() for scan in sightings}),
            corrections=corrections,
        )

    def _told(self, stays: list[attendance.Stay], most: int) -> list[str]:
        return telling_presence.entries_and_exits(self.event, stays, self.clock, most)

    def _corrected(self, one: Correction | AddedByHand) -> str:
        words = {
            "what": one.get_kind_display(),
            "fact": f"{one.scan.get_direction_display()} {local(one.scan.at)}",
            "who": self.who(one.by_id) or self.door(one.device_id) or "–",
            "at": local(one.at),
            "why": _why(one) or "–",
        }
        return _("%(fact)s: %(what)s by %(who)s, %(at)s, because: %(why)s") % words

    def _register_rows(self, people: list[Person]) -> list[Row]:
        days = [f"{day.title} ({day.day:%d/%m/%Y})" for day in self.days]
        parts = [_("Minutes: %(part)s") % {"part": clean(part)} for part in [*days, *self.parts]]
        has_codes = any(one.codes for one in people)
        minutes = _("Minutes present so far (provisional)") if self.draft.is_provisional else _("Minutes present")
        rows: list[Row] = [[
            _("Surname"), _("First name"), _("Organisation"), _("Code"), _("State"), _("Mode"), _("First entry"),
            _("Last exit"), _("Entries and exits"), minutes, *parts, _("Enough for the certificate"), _("Admission"),
            *([_("Codes of the online room")] if has_codes else []), _("Sources"), _("Corrections"),
        ]]  # fmt: skip
        for one in people:
            person = one.registration
            rows.append([
                *self._named(person), person.code, person.shown_state, one.mode, one.first, one.last,
                clean("; ".join(one.stays)), one.minutes, *one.days, *one.parts, _("yes") if one.is_enough else _("no"),
                clean(one.admission), *([str(one.codes or "")] if has_codes else []), ", ".join(one.sources),
                clean("; ".join(sealed_words.few(one.corrections, LINES_OF_SHEET))),
            ])  # fmt: skip
        return rows

    def _named(self, person: Registration | None) -> Row:
        if person is None:
            return ["", "", ""]
        first_name = person.first_name or person.name  # of whom the name was erased: that it was
        return [clean(person.last_name), clean(first_name), clean(person.organisation)]

    def _fact_rows(self, lines: Iterable[str], hashes: Iterable[str]) -> list[Row]:
        rows: list[Row] = [[
            _("Link"), _("Kind"), _("When"), _("Surname"), _("First name"), _("Organisation"), _("Code"),
            _("Direction"), _("Mode"), _("Source"), _("Answer"), _("Reason"), _("Forced"), _("Phone’s clock"),
            _("Milliseconds added"), _("Received"), _("Door"), _("Who"), _("Why"), _("File"),
            _("As it is hashed"), _("Hash"),
        ]]  # fmt: skip
        for number, (one, its_hash) in enumerate(zip(lines, hashes, strict=True), start=1):
            kind, *values = json.loads(one)
            words = getattr(self, f"_{kind}")(dict(zip(chain.FIELDS[kind], values, strict=True)))
            rows.append([number, *words, one, its_hash])
        return rows

    def _fact(self, one: dict[str, Any]) -> Row:
        return [
            _("fact"), local(one["at"]), *self._named(self.by_code.get(one["person"])),
            clean(one["person"] or one["code"]), _label(Scan.Direction, one["direction"]), _label(Mode, one["mode"]),
            _label(Scan.Source, one["source"]), _label(Scan.Status, one["status"]),
            _label(Scan.Reason, one["reason"]) if one["reason"] else "", self._forced(one),
            local(one["device_at"]), one["clock_offset"], local(one["received_at"]), clean(self.door(one["device"])),
            clean(self.who(one["by"])), clean(one["note"]), clean(self.file_names.get(one["file"], "")),
        ]  # fmt: skip

    def _forced(self, one: dict[str, Any]) -> str:
        """“sì”; and of who was let in above the places, whichever way, that it was so."""
        if one["nonce"] in self.above:
            return _("yes, above the places")
        return _("yes") if one["is_forced"] else ""

    def _correction(self, one: dict[str, Any]) -> Row:
        scan, decided = self.by_nonce.get(one["fact"]), self.by_fact.get((one["fact"], one["kind"]))
        person = self.people.get(scan.registration_id) if scan else None
        return [
            _("correction"), local(one["at"]), *self._named(person), person.code if person else "",
            scan.get_direction_display() if scan else "", "", "", _label(Correction.Kind, one["kind"]), "", "", "", "",
            local(one["received_at"]), clean(self.door(one["device"])), clean(self.who(one["by"])),
            clean(_why(decided) if decided else one["reason"]), "",
        ]  # fmt: skip

    def _file(self, one: dict[str, Any]) -> Row:
        return self._about_file(_("file"), one["added_at"], one, "", one["name"])

    def _withdrawal(self, one: dict[str, Any]) -> Row:
        return self._about_file(
            _("file withdrawn"), one["at"], one, one["reason"], self.file_names.get(one["sha256"], "")
        )

    def _about_file(self, kind: str, at: str, one: dict[str, Any], why: str, name: str) -> Row:
        label = _label(Evidence.Kind, one["kind"])
        return [kind, local(at), *[""] * 6, label, *[""] * 7, clean(self.who(one["by"])), clean(why), clean(name)]

    def _register(self, one: dict[str, Any]) -> Row:
        return [_("register"), local(one["made_at"]), *[""] * 17]

    def _correction_rows(self) -> list[Row]:
        rows: list[Row] = [[
            _("Surname"), _("First name"), _("Code"), _("Fact"), _("When"), _("Correction"), _("Decided on"), _("Who"),
            _("Door"), _("Why"),
        ]]  # fmt: skip
        for one in self.decided():
            person = self.people.get(one.scan.registration_id)
            rows.append([
                *self._named(person)[:2], person.code if person else clean(strange_codes.called(one.scan, self.titles)),
                one.scan.get_direction_display(), local(one.scan.at), one.get_kind_display(), local(one.at),
                clean(self.who(one.by_id)), clean(self.door(one.device_id)), clean(_why(one)),
            ])  # fmt: skip
        return rows

    def _file_rows(self) -> list[Row]:
        rows: list[Row] = [[
            _("What it is"), _("Part of the event"), _("File"), _("Bytes"), _("SHA-256"), _("Brought on"), _("By whom"),
            _("Withdrawn on"), _("Withdrawn by"), _("Why"),
        ]]  # fmt: skip
        withdrawn = set(self.draft.until["withdrawn"])
        for one in self.files:
            gone = [local(one.withdrawn_at), clean(self.who(one.withdrawn_by_id)), clean(one.withdrawn_because)]
            rows.append([
                one.get_kind_display(), clean(one.part), clean(one.name), one.size, one.sha256, local(one.added_at),
                clean(self.who(one.added_by_id)), *(gone if one.pk in withdrawn else ["", "", ""]),
            ])  # fmt: skip
        return rows

    def _phone_rows(self) -> list[Row]:
        """The phones at the door: who stood there is known by who paired them."""
        rows: list[Row] = [[
            _("Phone (its name when sealed)"), _("Number in the chain"), _("Paired by"), _("Paired on"),
            _("Revoked on"), _("Facts and corrections"),
        ]]  # fmt: skip
        for pk, one in self.devices.items():
            rows.append([
                clean(self.door(pk)), pk, clean(self.who(one.created_by_id)), local(one.paired_at),
                local(one.revoked_at), self.of_device[pk],
            ])  # fmt: skip
        return rows

    def _decisions(self) -> list[Row]:
        """Facts in which somebody decided something, and what was refused: with who and why. What was refused again and
        again, of the same person or code, is one line."""
        times: dict[tuple, list[Scan]] = defaultdict(list)
        for scan in self.scans:
            is_plain = scan.status == Scan.Status.OK and not (scan.is_forced or scan.note or scan.by_id)
            if is_plain or scan.status == Scan.Status.REPEATED:
                continue
            single = scan.pk if scan.status == Scan.Status.OK else None
            way = (scan.source, scan.direction, scan.status, scan.reason, scan.is_forced)
            times[single, scan.registration_id, scan.code, way, scan.by_id, scan.device_id, scan.note].append(scan)
        return [self._decision(first, more) for first, *more in times.values()]

    def _decision(self, scan: Scan, more: list[Scan]) -> Row:
        person = self.people.get(scan.registration_id)
        name = paper.listed_name(person) if person else strange_codes.called(scan, self.titles)
        words = [scan.get_direction_display(), scan.get_source_display(), scan.get_status_display()]
        if scan.nonce in self.above:
            words.append(_("above the places"))
        else:
            words += [scan.get_reason_display()] if scan.reason else []
            words += [_("forced")] if scan.is_forced else []
        told = ", ".join(words)
        if more:
            again = {"what": told, "number": len(more) + 1, "at": self.clock.at(more[-1].at)}
            told = _("%(what)s ×%(number)d, last at %(at)s") % again
        who = self.who(scan.by_id) or self.door(scan.device_id)
        return [local(scan.at), clean(name), told, clean(who), clean(scan.note)]

    def _earlier_rules(self) -> list[tuple[int, str, str]]:
        now = sealed_words.rules(self.event)
        return [
            (kept.number, label, words)
            for kept in self.event.seals.filter(number__lt=self.draft.number).order_by("number")
            for label, words in sealed_xlsx.said(kept.xlsx, list(now)).items()
            if words != now[label]
        ]


def _why(one: Correction | AddedByHand) -> str:
    return telling_presence.reason_of(one) if isinstance(one, Correction) else one.reason


@cache
def _label(choices: Any, value: str) -> str:
    """Always in one language (`build`), so it may be kept."""
    return str(choices(value).label) if value in choices.values else clean(value)
