"""What the funder has us ask who takes part, in one table, and which common indicators an answer counts for.

Codes EECO01–19 as in annex I of Regulation (EU) 2021/1057. Every question may be left out or answered with "I prefer
not to say"; none is ever a condition for a place. `is_sensitive` answers are kept encrypted and leave the house only as
sums (`services.monitoring`). Everything is as it was on the day of entry: age, status, education.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programmes.models import MonitoringProfile

NOT_SAID = "not_said"
YES_OR_NO = (("yes", _("Yes")), ("no", _("No")))
Choices = tuple[tuple[str, Promise], ...]


@dataclass(frozen=True)
class Item:
    """One question. Without `choices` it asks for a day."""

    key: str
    label: Promise
    choices: Choices = ()
    help: Promise | str = ""
    is_sensitive: bool = False

    @property
    def offered(self) -> Choices:
        return (*self.choices, (NOT_SAID, _("I prefer not to say")))

    def label_of(self, value: str) -> str:
        return str(dict(self.offered).get(value, value))


ORGANISATION = [
    Item(
        "organisation_kind",
        _("What kind of organisation do you come from?"),
        (
            ("public", _("Public administration or public service")),
            ("micro", _("Enterprise with fewer than 10 people")),
            ("small", _("Enterprise with 10 to 49 people")),
            ("medium", _("Enterprise with 50 to 249 people")),
            ("large", _("Enterprise with 250 people or more")),
            ("other", _("Association, trade union, school or other")),
            ("none", _("I come for myself")),
        ),
        _("Cooperatives and social enterprises are enterprises, too."),
    ),
    Item(
        "sector",
        _("In which field?"),
        (
            ("agriculture", _("Agriculture, forestry, fishing")),
            ("industry", _("Industry and crafts")),
            ("construction", _("Construction")),
            ("trade", _("Trade, tourism, restaurants")),
            ("transport", _("Transport and logistics")),
            ("services", _("Services for enterprises, information, finance")),
            ("public", _("Public administration")),
            ("education", _("Education and training")),
            ("care", _("Health and social care")),
            ("other", _("Another")),
        ),
    ),
]
CORE = [
    Item("sex", _("Gender"), (("female", _("Woman")), ("male", _("Man")), ("non_binary", _("Non-binary person")))),
    Item("birth_date", _("Date of birth"), help=_("Only your age on the day of the event is counted.")),
    Item(
        "employment",
        _("Your work on the day of the event"),
        (
            ("employed", _("Employed")),
            ("self_employed", _("Self-employed")),
            ("unemployed", _("Without work and looking for it")),
            ("inactive", _("Studying, retired, or not looking for work")),
        ),
    ),
    Item(
        "unemployed_for",
        _("If you are looking for work: for how long?"),
        (
            ("up_to_6", _("Up to 6 months")),
            ("up_to_12", _("From 6 to 12 months")),
            ("over_12", _("Longer than 12 months")),
        ),
    ),
    Item(
        "education",
        _("The highest certificate you have"),
        (
            ("isced_0_2", _("None, primary or lower secondary school (ISCED 0–2)")),
            ("isced_3_4", _("Upper secondary school or vocational training (ISCED 3–4)")),
            ("isced_5_8", _("University or higher (ISCED 5–8)")),
        ),
    ),
]
SENSITIVE = [
    Item("disability", _("Do you have a disability?"), YES_OR_NO, is_sensitive=True),
    Item("third_country", _("Are you a citizen of a country outside the EU?"), YES_OR_NO, is_sensitive=True),
    Item(
        "foreign_background",
        _("Do you, or does a parent of yours, come from another country?"),
        YES_OR_NO,
        is_sensitive=True,
    ),
    Item("minority", _("Do you belong to a minority, such as Roma people?"), YES_OR_NO, is_sensitive=True),
    Item("homeless", _("Are you without a home, or without a secure one?"), YES_OR_NO, is_sensitive=True),
    Item("rural", _("Do you live in a rural area?"), YES_OR_NO, is_sensitive=True),
]
PROFILES: dict[str, list[Item]] = {
    MonitoringProfile.OFF: [],
    MonitoringProfile.ORGANISATION: ORGANISATION,
    MonitoringProfile.PARTICIPANT: [*CORE, *SENSITIVE],
}

INDICATORS: dict[str, Promise] = {
    "EECO01": _("Participants in all"),
    "EECO02": _("Unemployed, long-term included"),
    "EECO03": _("Long-term unemployed"),
    "EECO04": _("Inactive"),
    "EECO05": _("Employed, self-employed included"),
    "EECO06": _("Under 18 years"),
    "EECO07": _("18 to 29 years"),
    "EECO08": _("55 years and over"),
    "EECO09": _("Lower secondary education or less (ISCED 0–2)"),
    "EECO10": _("Upper secondary or post-secondary education (ISCED 3–4)"),
    "EECO11": _("Tertiary education (ISCED 5–8)"),
    "EECO12": _("With disabilities"),
    "EECO13": _("Citizens of third countries"),
    "EECO14": _("With a foreign background"),
    "EECO15": _("Of minorities, Roma people included"),
    "EECO16": _("Homeless or excluded from housing"),
    "EECO17": _("From rural areas"),
}
SENSITIVE_INDICATORS = {
    "disability": "EECO12",
    "third_country": "EECO13",
    "foreign_background": "EECO14",
    "minority": "EECO15",
    "homeless": "EECO16",
    "rural": "EECO17",
}
ENTITIES: dict[str, Promise] = {
    "EECO18": _("Public administrations or services supported"),
    "EECO19": _("Micro, small and medium-sized enterprises supported"),
}
_ENTITY_OF = {"public": "EECO18", "micro": "EECO19", "small": "EECO19", "medium": "EECO19"}
_WORK = {"unemployed": "EECO02", "inactive": "EECO04", "employed": "EECO05", "self_employed": "EECO05"}
_EDUCATION = {"isced_0_2": "EECO09", "isced_3_4": "EECO10", "isced_5_8": "EECO11"}


def age_on(day: date, born: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_complete(values: Mapping[str, Any]) -> bool:
    """Is everything that is not sensitive said? Only then a record counts for more than the grand total."""
    needed = {"sex", "birth_date", "employment", "education"}
    if values.get("employment") == "unemployed":
        needed.add("unemployed_for")
    return all(values.get(name, NOT_SAID) != NOT_SAID for name in needed)


def indicators_of(values: Mapping[str, Any], sensitive: Mapping[str, Any], day: date) -> set[str]:
    """What a complete record counts for, by who she was on `day`. EECO01 is the sum of EECO02, 04 and 05."""
    age = age_on(day, date.fromisoformat(values["birth_date"]))
    codes = {"EECO01", _WORK[values["employment"]], _EDUCATION[values["education"]]}
    if values["employment"] == "unemployed" and _is_long_term(values["unemployed_for"], age):
        codes.add("EECO03")
    if age < 18:
        codes.add("EECO06")
    elif age < 30:
        codes.add("EECO07")
    elif age >= 55:
        codes.add("EECO08")
    return codes | {code for name, code in SENSITIVE_INDICATORS.items() if sensitive.get(name) == "yes"}


def entity_of(values: Mapping[str, Any]) -> str | None:
    """EECO18 or EECO19, where the organisation is one of these."""
    return _ENTITY_OF.get(values.get("organisation_kind", ""))


def _is_long_term(unemployed_for: str, age: int) -> bool:
    """More than six months under 25 years, more than twelve from then on."""
    return unemployed_for == "over_12" or (unemployed_for == "up_to_12" and age < 25)
