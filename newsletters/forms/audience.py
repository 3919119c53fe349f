"""To whom a newsletter goes, as the staff ticks it."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from events.models import Event
from newsletters.models import Newsletter
from newsletters.services.audiences import Audience
from programmes.models import Territory


class AudienceForm(forms.Form):
    provinces = forms.MultipleChoiceField(label=_("Provinces"), required=False, widget=forms.CheckboxSelectMultiple)
    events = forms.MultipleChoiceField(
        label=_("Who registered for"), required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(
        label=_("Language of the readers"), required=False, choices=[("", _("All languages")), *settings.LANGUAGES]
    )

    def __init__(self, data: Any = None, *, newsletter: Newsletter, initial: dict[str, Any] | None = None):
        audience = Audience.of(newsletter)
        ticked = {
            "provinces": list(audience.provinces),
            "events": list(audience.events),
            "language": audience.language,
        }
        super().__init__(data, initial=ticked | (initial or {}))
        programme = newsletter.programme
        self.fields["provinces"].choices = [
            (one.slug, one.name) for one in Territory.objects.filter(programme=programme)
        ]
        self.fields["events"].choices = [
            (one.slug, str(one)) for one in Event.objects.filter(programme=programme, published_at__isnull=False)
        ]

    def audience_on_screen(self) -> Audience:
        """What is ticked, saved or not; what does not exist is left out."""
        ticked = {name: self[name].value() or "" for name in ("provinces", "events", "language")}
        known = {name: {value for value, _label in self.fields[name].choices} for name in ticked}
        return Audience(
            provinces=tuple(one for one in ticked["provinces"] if one in known["provinces"]),
            events=tuple(one for one in ticked["events"] if one in known["events"]),
            language=ticked["language"] if ticked["language"] in known["language"] else "",
        )
