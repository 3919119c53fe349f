"""To whom a newsletter goes, as the staff ticks it."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from events.models import Event
from newsletters.kinds import OrganisationKind, Topic
from newsletters.models import Newsletter, SavedAudience
from newsletters.services.audiences import Audience
from newsletters.services.parts import Part
from programmes.models import Territory

GONE = _("“%(name)s”, which is there no more: finds nobody")


class AudienceForm(forms.Form):
    hides_optional = True
    topic = forms.ChoiceField(
        label=_("What it is about"),
        required=False,
        choices=[("", _("A bit of everything")), *Topic.choices],
        help_text=_("Readers who ticked topics get what is about one of them, and what is about a bit of everything."),
    )
    provinces = forms.MultipleChoiceField(
        label=_("Provinces"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who chose one of these provinces, and who left it at “all of them”."),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who registered for one of these at least, or took the part ticked below in it."),
    )
    parts = forms.MultipleChoiceField(
        label=_("Part in the events"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=Part.choices,
        help_text=_(
            "In the events ticked above, or in any where none is ticked. “Partner” is who wrote the whole name of one "
            "of our partner organisations when registering; where no event is ticked, their people who work here too."
        ),
    )
    organisation_kinds = forms.MultipleChoiceField(
        label=_("Where they work"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=OrganisationKind.choices,
        help_text=_("Only who has told us so."),
    )
    language = forms.ChoiceField(
        label=_("Language of the readers"), required=False, choices=[("", _("All languages")), *settings.LANGUAGES]
    )
    saved_audience = forms.ModelChoiceField(
        SavedAudience.objects.none(), label=_("A saved audience"), required=False, empty_label=_("Choose one")
    )
    audience_name = forms.CharField(
        label=_("Save what is ticked under the name"),
        required=False,
        max_length=80,
        widget=forms.TextInput({"form": "none", "autocomplete": "off"}),  # Enter in here must not send the whole form
    )

    def __init__(
        self,
        data: Any = None,
        *,
        newsletter: Newsletter,
        initial: dict[str, Any] | None = None,
        audience: Audience | None = None,
    ):
        kept = audience or Audience.of(newsletter)
        ticked = {name: list(getattr(kept, name)) for name in Audience.LISTS}
        ticked |= {"language": kept.language, "topic": kept.topic}
        super().__init__(data, initial=ticked | (initial or {}))
        programme = newsletter.programme
        self.fields["provinces"].choices = [
            (one.slug, one.name) for one in Territory.objects.filter(programme=programme)
        ]
        self.fields["events"].choices = [
            (one.slug, str(one)) for one in Event.objects.filter(programme=programme, published_at__isnull=False)
        ]
        for name in Audience.LISTS:
            _keep_what_is_gone(self.fields[name], ticked[name])
        self.fields["saved_audience"].queryset = programme.audiences.all()

    def audience_on_screen(self) -> Audience:
        """What is ticked, saved or not."""
        ticked = {name: self[name].value() or "" for name in (*Audience.LISTS, "language")}
        topic = self["topic"].value()
        return Audience.read(ticked, topic if topic in Topic.values else "")

    @property
    def narrows(self) -> bool:
        return not self.audience_on_screen().is_everybody


def _keep_what_is_gone(field: forms.MultipleChoiceField, ticked: list[str]) -> None:
    """A deleted event stays ticked until somebody unticks it: silently forgotten, it would let everybody in."""
    known = {value for value, _label in field.choices}
    field.choices = [*field.choices, *((one, GONE % {"name": one}) for one in ticked if one not in known)]
