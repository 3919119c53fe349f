"""Numbers in forms: what is too small, too large or no number is said as people say it."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "invalid": _("Write a whole number."),
    "min_value": _("Write a number that is not below %(limit_value)s."),
    "max_value": _("Write a number that is not above %(limit_value)s."),
}


def say_plainly(fields: Iterable[forms.Field]) -> None:
    for field in fields:
        if isinstance(field, forms.IntegerField):
            field.error_messages |= SENTENCES
