"""Inputs that the staff's forms need beside Django's: one for each language, and the browser's own day and time."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from i18nfield.forms import I18nFormField, I18nWidget

from core import clock


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


class MainLanguage(I18nFormField):
    """Texts that must be there in the main language; the others fall back to it."""

    def clean(self, value):
        texts = super().clean(value)
        main = settings.LANGUAGE_CODE
        if self.one_required and not (texts.data.get(main) or "").strip():
            sentence = _("Write it in %(language)s at least: whoever reads another language then sees this.")
            raise ValidationError(sentence % {"language": str(dict(settings.LANGUAGES)[main]).lower()}, code="required")
        return texts


class DayAndTime(forms.DateTimeField):
    """The browser's own picker, to the minute; read and shown in the current time zone (Europe/Rome).

    An hour that comes twice is the first of the two.
    """

    class widget(forms.DateTimeInput):  # noqa: N801 (Django's name)
        input_type = "datetime-local"

        def __init__(self, attrs=None):
            super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")

    def to_python(self, value):
        if value in self.empty_values:
            return None
        try:
            typed = parse_datetime(str(value).strip())
        except ValueError:
            typed = None
        if typed is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if typed.year not in clock.YEARS:
            raise ValidationError(_("Check the year: %(year)s is too far away."), "far_away", {"year": typed.year})
        if timezone.is_aware(typed):
            return typed
        zone = timezone.get_current_timezone()
        try:
            return clock.instants(typed, zone)[0].astimezone(zone)
        except clock.NoSuchTimeError as error:
            raise ValidationError(str(error), "no_such_time") from None

    def has_changed(self, initial, data):
        if initial is not None:
            initial = initial.replace(second=0, microsecond=0)
        return super().has_changed(initial, data)


class WebAddress(forms.URLField):
    """An address typed without its beginning is https."""

    def __init__(self, **kwargs):
        super().__init__(assume_scheme="https", **kwargs)
