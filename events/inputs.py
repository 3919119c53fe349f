"""Inputs that the staff's forms need beside Django's: one for each language, and the browser's own day and time."""

from django import forms
from django.conf import settings
from django.utils.html import format_html, format_html_join
from i18nfield.forms import I18nWidget


class _LanguageInputs(I18nWidget):
    """One input a language, each under the visible name of its language."""

    use_fieldset = True

    def render(self, name, value, attrs=None, renderer=None):
        values = value if isinstance(value, list) else self.decompress(value)
        attrs = self.build_attrs(self.attrs, attrs)
        languages = dict(settings.LANGUAGES)
        rows = []
        for number, (locale, widget) in enumerate(zip(self.locales, self.widgets, strict=True)):
            own = {**attrs, "id": f"{attrs.get('id', name)}_{number}", "lang": locale}
            shown = widget.render(f"{name}_{number}", values[number], own, renderer=renderer)
            rows.append((own["id"], languages[locale], shown))
        inputs = format_html_join("", '<div class="desk-language"><label for="{}">{}</label>{}</div>', rows)
        return format_html('<div id="{}" class="desk-languages">{}</div>', attrs.get("id", name), inputs)


class LanguageLines(_LanguageInputs):
    widget = forms.TextInput


class LanguageTexts(_LanguageInputs):
    widget = forms.Textarea

    def __init__(self, *args, attrs=None, **kwargs):
        super().__init__(*args, attrs={"rows": 4} | (attrs or {}), **kwargs)


class DayAndTime(forms.DateTimeField):
    """The browser's own picker, to the minute; read and shown in the current time zone (Europe/Rome)."""

    class widget(forms.DateTimeInput):  # noqa: N801 (Django's name)
        input_type = "datetime-local"

        def __init__(self, attrs=None):
            super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")

    def has_changed(self, initial, data):
        if initial is not None:
            initial = initial.replace(second=0, microsecond=0)
        return super().has_changed(initial, data)


class WebAddress(forms.URLField):
    """An address typed without its beginning is https."""

    def __init__(self, **kwargs):
        super().__init__(assume_scheme="https", **kwargs)
