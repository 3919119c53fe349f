"""E-mail addresses: when two spellings are the same person's, and which no mail server takes.

`normalise_email` is the form in which an address is stored and compared. `address_in` is the door for what people type,
paste or bring in a list: it takes off what stands around an address and refuses, with a sentence that says what to
mend, what could never be delivered. `AddressField` is that door in a form.
"""

import re
import unicodedata
from contextlib import suppress
from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

LONGEST = 254
"""RFC 5321 section 4.5.3.1.3, without the angle brackets."""
LONGEST_LOCAL = 64
"""RFC 5321 section 4.5.3.1.1."""
MOST_TYPED = 1000
AROUND = "\"'“”‘’„«»<>()[],;:"
"""Signs that stand around an address in a mail program or a letter, never in one that a server takes."""


def normalise_email(address: str) -> str:
    """The form in which an address is stored and compared.

    Trimmed, without invisible characters, wide letters made plain (NFKC), lower case, a domain with accents in the
    form that mail servers take (IDNA 2008, UTS 46), no dot at its end. Dots and +tags before the @ are kept: only Gmail
    ignores them, and a family may share an inbox with tags.
    """
    plain = unicodedata.normalize("NFKC", address)
    plain = "".join(character for character in plain if unicodedata.category(character) not in {"Cf", "Cc"})
    local, at, domain = plain.strip().lower().rpartition("@")
    if not at:
        return domain
    domain = domain.rstrip(".")
    if not domain.isascii():
        with suppress(idna.IDNAError, UnicodeError):  # no domain at all: whoever validates the address says so
            domain = idna.encode(domain, uts46=True).decode()
    return f"{local}@{domain}"


def address_in(written: str) -> str:
    """The one address in what somebody wrote, such as `Anna Verdi <Anna@Example.org>` or `mailto:anna@example.org`, as
    it is stored. Raises ValidationError with a code and a sentence."""
    if len(written) > MOST_TYPED:
        raise ValidationError(_("An e-mail address has at most 254 characters."), "too_long")
    plain = unicodedata.normalize("NFKC", written).strip()
    if any(unicodedata.category(sign) == "Cc" for sign in plain):
        raise ValidationError(_("There is a line break or another invisible sign in the address."), "control")
    bracketed = re.search(r"<([^<>]*)>[\s.,;]*$", plain)
    address = normalise_email(bracketed[1] if bracketed else plain).lstrip(AROUND + " ").rstrip(AROUND + ". ")
    address = normalise_email(re.sub(r"^mailto:([^?]*).*$", r"\1", address).strip(AROUND + " "))
    check_address(address)
    return address


def check_address(address: str) -> None:
    """A validator: raises ValidationError for an address, normalised before, that no mail server takes."""
    local, _at, domain = address.rpartition("@")
    for code, is_wrong, sentence in [
        ("too_long", len(address) > LONGEST, _("An e-mail address has at most 254 characters.")),
        ("two_at", "@" in local, _("There is more than one @: write one address only.")),
        ("space", bool(re.search(r"\s", address)), _("There is a space in the address.")),
        ("no_at", not local or not domain, _("An address has something before and after the sign @.")),
        (
            "not_ascii",
            not local.isascii(),
            _("Mail servers do not take accents or foreign letters before the @: ask for the address without them."),
        ),
        ("local_too_long", len(local) > LONGEST_LOCAL, _("What stands before the @ is longer than mail servers take.")),
        ("dots", ".." in address, _("Two dots follow each other in the address.")),
        (
            "dots",
            local.startswith(".") or local.endswith("."),
            _("A dot cannot be the first or last sign before the @."),
        ),
        ("no_ending", "." not in domain, _("After the @ the ending is missing, such as .it or .org.")),
        ("domain", not domain.isascii(), _("What stands after the @ is not the name of any site.")),
    ]:
        if is_wrong:
            raise ValidationError(sentence, code)
    if local.startswith('"') or domain.startswith("["):
        raise ValidationError(_("This is not an e-mail address."), "invalid")
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError(_("This is not an e-mail address."), "invalid") from error


class AddressField(forms.EmailField):
    """Gives the address as it is stored. `error_messages` may say "invalid" better than we do."""

    default_validators = []

    def to_python(self, value: Any) -> str:
        value = super().to_python(value)
        if value in self.empty_values:
            return ""
        try:
            return address_in(value)
        except ValidationError as error:
            if error.code in {"invalid", "no_at"}:
                raise ValidationError(self.error_messages.get("invalid", error.message), "invalid") from error
            raise
