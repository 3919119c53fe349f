"""Bringing along a list that existed before, with the proof that its people asked for it.

A row with `consent_at` and `consent_source` is subscribed at once, one without is asked once by mail. Who left stays
away, who is there stays as she is, and one address in thirty spellings is one person. Nothing is imported while a row
is wrong: the errors name row and column, the file is mended and brought again, and what was there already does no harm.
"""

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from functools import partial
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.addresses import normalise_email
from newsletters.models import Subscription
from newsletters.services import NewsletterError, subscriptions
from programmes.models import Programme, Territory

COLUMNS = ("email", "first_name", "last_name", "province", "language", "consent_at", "consent_source")
NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""Signs that pictures and spreadsheets have and text has not."""


@dataclass
class Report:
    """What was done, or on a dry run would be. Rows are counted as a spreadsheet shows them: the heading is row 1."""

    subscribed: int = 0
    asked: int = 0
    unchanged: int = 0
    repeated: int = 0
    errors: list[tuple[int, str, str]] = field(default_factory=list)
    """Row, column and what is wrong there; a row has as many as it has mistakes."""


def read_table(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file as spreadsheets write it: UTF-8 or Windows-1252, commas or semicolons.

    Errors `not_text`, `columns`, `csv`.
    """
    if NO_TEXT.search(content):
        raise NewsletterError("not_text", _("This is not a CSV file. Save the table as “CSV UTF-8” and bring that."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    heading = text.partition("\n")[0]
    table = csv.DictReader(StringIO(text), delimiter=";" if heading.count(";") > heading.count(",") else ",")
    try:
        columns = [(name or "").strip().lower() for name in table.fieldnames or []]
        missing = [name for name in COLUMNS if name not in columns]
        if missing:
            raise NewsletterError("columns", _("These columns are missing: %(names)s.") % {"names": ", ".join(missing)})
        table.fieldnames = columns
        return [{name: str(row.get(name) or "").strip() for name in COLUMNS} for row in table]
    except csv.Error as error:
        number = max(table.line_num, 1)
        raise NewsletterError("csv", _("Row %(number)d cannot be read.") % {"number": number}) from error


@transaction.atomic
def import_subscribers(*, programme: Programme, rows: Iterable[dict[str, str]], source: str, dry_run: bool) -> Report:
    """Subscribe or ask everybody of `rows`, all or none; `source` names the list in the proof."""
    report, seen = Report(), set()
    provinces = _province_names(programme)
    for number, row in enumerate(rows, start=2):
        try:
            person = _person(row, programme, provinces)
        except NewsletterError as error:
            report.errors += [(number, column, str(sentence)) for column, sentence in error.fields.items()]
            continue
        if person["email"] in seen:
            report.repeated += 1
            continue
        seen.add(person["email"])
        outcome = _add(programme, person, f"import:{source}"[:120])
        setattr(report, outcome, getattr(report, outcome) + 1)
    if dry_run or report.errors:
        transaction.set_rollback(True)
    return report


def _add(programme: Programme, person: dict[str, Any], source: str) -> str:
    consent_at, words = person.pop("consent_at"), person.pop("consent_source")
    if not consent_at or not words:
        return "asked" if subscriptions.ask_once(programme=programme, source=source, **person) else "unchanged"
    was_active = Subscription.objects.active().filter(programme=programme, email=person["email"]).exists()
    subscription = subscriptions.add_with_proof(
        programme=programme, consent_text=words, consent_source=source, consent_at=consent_at, **person
    )
    is_active = subscription.state == Subscription.State.ACTIVE
    return "subscribed" if is_active and not was_active else "unchanged"


def _person(row: dict[str, str], programme: Programme, provinces: dict[str, Territory]) -> dict[str, Any]:
    """What a row says. Error `row`, whose `fields` are its columns, each with what is wrong in it."""
    read: dict[str, Callable[[str], Any]] = {
        "email": _address,
        "first_name": partial(_short, 80),
        "last_name": partial(_short, 80),
        "province": partial(_province, provinces),
        "language": _language,
        "consent_at": partial(_moment, programme),
        "consent_source": partial(_short, 1000),
    }
    person, wrong = {}, {}
    for column in COLUMNS:
        try:
            person[column] = read[column](row[column])
        except NewsletterError as error:
            wrong[column] = error.message
    if wrong:
        raise NewsletterError("row", _("This row is wrong."), wrong)
    person["territory"] = person.pop("province")
    return person


def _short(size: int, written: str) -> str:
    if len(written) > size:
        raise NewsletterError("too_long", _("This is longer than %(size)d characters.") % {"size": size})
    return written


def _province(provinces: dict[str, Territory], written: str) -> Territory | None:
    if written and written.lower() not in provinces:
        raise NewsletterError("province", _("“%(name)s” is not a province of the programme.") % {"name": written[:60]})
    return provinces.get(written.lower())


def _language(written: str) -> str:
    language = written.lower() or settings.LANGUAGE_CODE
    if language not in dict(settings.LANGUAGES):
        message = _("“%(language)s” is not a language we write in.") % {"language": written[:60]}
        raise NewsletterError("language", message)
    return language


def _address(written: str) -> str:
    address = normalise_email(parseaddr(written)[1] if "<" in written else written)
    try:
        validate_email(address)
        _short(254, address)
    except (ValidationError, NewsletterError) as error:
        message = _("“%(email)s” is not an e-mail address.") % {"email": written[:60]}
        raise NewsletterError("email", message) from error
    return address


def _moment(programme: Programme, written: str) -> datetime | None:
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise NewsletterError(
            "consent_at", _("“%(moment)s” is not a date such as 2024-02-15.") % {"moment": written}
        ) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(programme.time_zone))
    if moment > timezone.now():
        raise NewsletterError("consent_at", _("The consent of %(moment)s is in the future.") % {"moment": written})
    return moment


def _province_names(programme: Programme) -> dict[str, Territory]:
    """By name, slug and sigla, in small letters."""
    return {
        name.lower(): territory
        for territory in programme.territories.all()
        for name in (territory.name, territory.slug, territory.sigla)
    }
