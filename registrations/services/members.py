"""Who belongs to the programme's organisations: the list of members that the coordinator keeps, and whose addresses end
with what.

Both decide who may register for an event that is for an audience (`admitting`). A member has an organisation, a role in
it, or both; the same person may stand there several times with another role. Nobody on the list is written to.
Refusals: `domain`, and those of `people_lists`.
"""

import re
from collections.abc import Mapping
from typing import Any

import idna
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.names import one_line
from programmes.models import Member, Organisation, Programme
from registrations.services import RegistrationError, people_lists
from registrations.services.people_lists import Person, Sifted

ORDER = ("email", "first_name", "last_name", "organisation", "role")
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]+")
ANYBODYS = {
    "gmail.com", "googlemail.com", "outlook.com", "outlook.it", "hotmail.com", "hotmail.it", "live.com", "live.it",
    "yahoo.com", "yahoo.it", "icloud.com", "me.com", "libero.it", "virgilio.it", "tiscali.it", "alice.it", "tim.it",
    "tin.it", "email.it", "inwind.it", "fastwebnet.it", "pec.it", "legalmail.it", "arubapec.it", "aruba.it",
    "proton.me", "protonmail.com", "gmx.com", "aol.com", "msn.com",
}  # fmt: skip
"""Where anybody may have an address: such an ending says nothing of who belongs."""


def look_at(*, programme: Programme, text: str) -> Sifted:
    """What would become of a list. Nothing is written."""
    organisations = _by_name(programme)

    def read(cells: dict[str, str]) -> Person:
        return _read(cells, organisations)

    return people_lists.sift(text, order=ORDER, read=read, key=_key, known=lambda people: _known(programme, people))


@transaction.atomic
def add(*, programme: Programme, text: str) -> Sifted:
    """Put on the list everybody who is new, and say what became of each row. Twice is once."""
    Programme.objects.select_for_update(of=("self",), no_key=True).get(pk=programme.pk)
    sifted = look_at(programme=programme, text=text)
    Member.objects.bulk_create(Member(programme=programme, **row.person) for row in sifted.new)
    return sifted


def organisations_of(programme: Programme) -> QuerySet[Organisation]:
    """Those people belong to: whoever only gives money has no members here."""
    return programme.organisations.exclude(role=Organisation.Role.FUNDER)


def remove(*, member: Member) -> None:
    """Off the list. What she registered for stays hers."""
    member.delete()


def search(programme: Programme, words: str) -> QuerySet[Member]:
    """Every word must be in the name, the address, the role or the organisation."""
    found = Member.objects.filter(programme=programme).select_related("organisation")
    for word in words.split():
        found = found.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
            | Q(role__icontains=word)
            | Q(organisation__name__icontains=word)
        )
    return found


@transaction.atomic
def set_domains(*, programme: Programme, domains: Mapping[int, str]) -> None:
    """What the addresses of each organisation (by pk) end with. All or none; raises `domain` with `domains-<pk>`."""
    wrong: dict[str, Any] = {}
    for organisation in programme.organisations.select_for_update(of=("self",)):
        if organisation.pk not in domains:
            continue
        try:
            parts = filter(None, re.split(r"[\s,;]+", domains[organisation.pk]))
            written = ", ".join(dict.fromkeys(_domain(part) for part in parts))
            if len(written) > 300:
                raise RegistrationError("domain", _("This is longer than %(size)d characters.") % {"size": 300})
        except RegistrationError as error:
            wrong[f"domains-{organisation.pk}"] = error.message
            continue
        if written != organisation.email_domains:
            organisation.email_domains = written
            organisation.save(update_fields=["email_domains"])
    if wrong:
        raise RegistrationError("domain", _("Please check what you wrote."), wrong)


def _domain(written: str) -> str:
    domain = written.rpartition("@")[2].strip().lower().strip(".")
    try:
        domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        domain = ""
    if not DOMAIN.fullmatch(domain):
        sentence = _("“%(domain)s” is not the ending of an address, such as cna.it.")
        raise RegistrationError("domain", sentence % {"domain": one_line(written)[:60]})
    if domain in ANYBODYS:
        sentence = _("Anybody may have an address at %(domain)s: put its people on the list instead.")
        raise RegistrationError("domain", sentence % {"domain": domain})
    return domain


def _by_name(programme: Programme) -> dict[str, Organisation]:
    return {
        _letters(name): organisation
        for organisation in programme.organisations.all()
        for name in (organisation.name, organisation.slug)
    }


def _letters(written: str) -> str:
    return re.sub(r"[\W_]+", "", written.casefold())


def _read(cells: dict[str, str], organisations: dict[str, Organisation]) -> Person:
    written = one_line(cells["organisation"])
    organisation = organisations.get(_letters(written)) if written else None
    if written and organisation is None:
        sentence = _("“%(name)s” is not an organisation of the programme.") % {"name": written[:60]}
        raise RegistrationError("organisation", sentence)
    person = {
        "email": people_lists.read_address(cells),
        "first_name": people_lists.read_name(cells, "first_name"),
        "last_name": people_lists.read_name(cells, "last_name"),
        "organisation": organisation,
        "role": people_lists.read_name(cells, "role"),
    }
    if organisation is None and not person["role"]:
        raise RegistrationError("belongs_nowhere", _("Give the organisation, the role, or both."))
    return person


def _key(person: Person) -> tuple[int | None, str, str]:
    return person["organisation"] and person["organisation"].pk, person["email"], person["role"]


def _known(programme: Programme, people: list[Person]) -> set[tuple[int | None, str, str]]:
    addresses = [person["email"] for person in people]
    there = Member.objects.filter(programme=programme, email__in=addresses)
    return set(there.values_list("organisation_id", "email", "role"))
