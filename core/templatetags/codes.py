"""`{{ registration.code|grouped }}`: a code as it is read aloud."""

from django import template

from core import tokens

register = template.Library()


@register.filter
def grouped(code: str) -> str:
    return tokens.grouped(code)
