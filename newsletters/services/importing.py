"""Bringing along a list that existed before, with the proof that its people asked for it.

A row with `consent_at` and `consent_source` is subscribed at once, one without is asked once by mail. Who left stays
away, who is there stays as she is, and one address in thirty spellings is one person. Nothing is imported while a row
is wrong: the errors name row and column, the file is mended and brought again, and what was there already does no harm.
The dry run finds out the same without writing anything. Reading the file itself is `tables`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.addresses import address_in
from core.names import one_line, only_a_name
from newsletters.models import Proof, Subscription
from newsletters.services import NewsletterError, subscriptions
from newsletters.services.tables import COLUMNS, Row
from programmes.models import Programme, Territory

State = Subscription.State
AT_ONCE = 500
UNREADABLE = "\ufffd"


@dataclass
class Report:
    """What was done, or on a dry run would be. Rows are counted as a spreadsheet shows them: the heading is row 1."""

    subscribed: int = 0
    asked: int = 0
    unchanged: int = 0
    repeated: int = 0
    errors: list[tuple[int, str, str]] = field(default_factory=list)
    """Row, column and what is wrong there; a row has as many as it has mistakes."""

    @property
    def wrong_rows(self) -> int:
        return len({number for number, _column, _sentence in self.errors})


@transaction.atomic
def import_subscribers(
    *, programme: Programme, rows: Iterable[Row], source: str, dry_run: bool, most_asked: int | None = None
) -> Report:
    """Subscribe or ask everybody of `rows`, all or none; `source` names the list in the proof.

    Error `too_many_to_ask` where mails would go to more than `most_asked` people.
    """
    report = Report()
    people = _people(rows, programme, report)
    outcomes = dict(_outcomes(programme, people))
    for outcome in outcomes.values():
        setattr(report, outcome, getattr(report, outcome) + 1)
    if most_asked is not None and report.asked > most_asked:
        message = _("%(asked)d people would be asked by mail, at most %(most)d at once: divide the list.")
        raise NewsletterError("too_many_to_ask", message % {"asked": report.asked, "most": most_asked})
    if not dry_run and not report.errors:
        _carry_out(programme, people, outcomes, f"import:{one_line(source)}"[:120])
    return report


def _people(rows: Iterable[Row], programme: Programme, report: Report) -> dict[str, dict[str, Any]]:
    """What the rows say, by address; mistakes and repeated addresses are noted in `report`."""
    people: dict[str, dict[str, Any]] = {}
    read = _readers(programme)
    for row in rows:
        try:
            person = _person(row.cells, read)
        except NewsletterError as error:
            report.errors += [(row.number, column, str(sentence)) for column, sentence in error.fields.items()]
            continue
        if person["email"] in people:
            report.repeated += 1
        else:
            people[person["email"]] = person
    return people


def _outcomes(programme: Programme, people: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """By address what becomes of each. Locks who is there already, so that nobody leaves meanwhile unnoticed."""
    for some in by_many(people):
        known = programme.subscriptions.select_for_update().filter(email__in=some)
        there = {email: (state, ended_at) for email, state, ended_at in known.values_list("email", "state", "ended_at")}
        for email in some:
            yield email, _outcome(people[email], *there.get(email, ("", None)))


def _outcome(person: dict[str, Any], state: str, ended_at: datetime | None) -> str:
    if not person["consent_at"] or not person["consent_source"]:
        return "unchanged" if state else "asked"
    has_left_since = ended_at is not None and ended_at >= person["consent_at"]
    return "unchanged" if state == State.ACTIVE or has_left_since else "subscribed"


def _carry_out(programme: Programme, people: dict[str, dict], outcomes: dict[str, str], source: str) -> None:
    proved = [people[email] for email, outcome in outcomes.items() if outcome == "subscribed"]
    for some in by_many(proved):
        _subscribe(programme, some, source)
    for email, outcome in outcomes.items():
        if outcome == "asked":
            subscriptions.ask_once(programme=programme, source=source, **_about(people[email]))


def _subscribe(programme: Programme, people: Iterable[dict[str, Any]], source: str) -> None:
    """Who is new is written with all the others; who is there in another state goes the way of everybody."""
    now = timezone.now()
    made = [
        Subscription(programme=programme, state=State.ACTIVE, confirmed_at=now, **_about(person)) for person in people
    ]
    Subscription.objects.bulk_create(made, ignore_conflicts=True)
    written = dict(Subscription.objects.filter(token__in=[one.token for one in made]).values_list("email", "pk"))
    Proof.objects.bulk_create(
        Proof(
            subscription_id=written[person["email"]],
            text=person["consent_source"],
            source=source,
            asked_at=person["consent_at"],
            way=Proof.Way.ELSEWHERE,
            confirmed_at=now,
        )
        for person in people
        if person["email"] in written
    )
    for person in people:
        if person["email"] not in written:
            proof = {"consent_text": person["consent_source"], "consent_at": person["consent_at"]}
            subscriptions.add_with_proof(programme=programme, consent_source=source, **proof, **_about(person))


def _about(person: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in person.items() if name not in {"consent_at", "consent_source"}}


def _readers(programme: Programme) -> dict[str, Callable[[str], Any]]:
    """How each column is read."""
    return {
        "email": _address,
        "first_name": _name,
        "last_name": _name,
        "province": partial(_province, _province_names(programme)),
        "language": _language,
        "consent_at": partial(_moment, programme),
        "consent_source": partial(_short, 1000),
    }


def _person(cells: dict[str, str], read: dict[str, Callable[[str], Any]]) -> dict[str, Any]:
    """What a row says. Error `row`, whose `fields` are its columns, each with what is wrong in it."""
    person, wrong = {}, {}
    for column in COLUMNS:
        try:
            if UNREADABLE in cells[column]:
                raise NewsletterError("unreadable", _("A letter cannot be read: save the table as “CSV UTF-8”."))
            person[column] = read[column](cells[column])
        except NewsletterError as error:
            wrong[column] = error.message
    if wrong:
        raise NewsletterError("row", _("This row is wrong."), wrong)
    person["territory"] = person.pop("province")
    return person


def _short(size: int, written: str) -> str:
    written = one_line(unicodedata.normalize("NFC", written))
    if len(written) > size:
        raise NewsletterError("too_long", _("This is longer than %(size)d characters.") % {"size": size})
    return written


def _name(written: str) -> str:
    name = _short(80, written)
    try:
        only_a_name(name)
    except ValidationError as error:
        raise NewsletterError("not_a_name", error.message) from error
    return name


def _province(provinces: dict[str, Territory], written: str) -> Territory | None:
    if written and _letters(written) not in provinces:
        raise NewsletterError("province", _("“%(name)s” is not a province of the programme.") % {"name": written[:60]})
    return provinces.get(_letters(written))


def _language(written: str) -> str:
    language = written.lower() or settings.LANGUAGE_CODE
    if language not in dict(settings.LANGUAGES):
        message = _("“%(language)s” is not a language we write in.") % {"language": written[:60]}
        raise NewsletterError("language", message)
    return language


def _address(written: str) -> str:
    try:
        return address_in(written)
    except ValidationError as error:
        raise NewsletterError("email", f"“{one_line(written)[:60]}”: {error.message}") from error


def _moment(programme: Programme, written: str) -> datetime | None:
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise NewsletterError(
            "consent_at", _("“%(moment)s” is not a date such as 2024-02-15.") % {"moment": written[:60]}
        ) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(programme.time_zone))
    if moment > timezone.now():
        raise NewsletterError("consent_at", _("The consent of %(moment)s is in the future.") % {"moment": written[:60]})
    return moment


def _province_names(programme: Programme) -> dict[str, Territory]:
    """By name, slug and sigla, as `_letters`."""
    return {
        _letters(name): territory
        for territory in programme.territories.all()
        for name in (territory.name, territory.slug, territory.sigla)
    }


def _letters(written: str) -> str:
    """Small letters only: “Massa Carrara” is “massa-carrara”."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", written).casefold())


def by_many(things: Iterable[Any]) -> Iterator[list[Any]]:
    """`things`, some hundred at a time."""
    rest = iter(things)
    while some := list(islice(rest, AT_ONCE)):
        yield some
