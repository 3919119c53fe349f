"""The form with which somebody registers several colleagues: who, in which mode, and what if places are short."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.addresses import AddressField
from core.errors import RuleError
from core.numbers import whole
from events.models import Event
from registrations.forms.participant import PlaceForm
from registrations.services.together import MOST, Person

ROWS = 3
MORE = 3


class TogetherForm(PlaceForm):
    """What is the same for all of them: mode, organisation, who registers them."""

    registered_by = forms.CharField(
        label=_("Your own name"),
        max_length=170,
        help_text=_("Your colleagues read it in their mail."),
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Say who you are: your colleagues read it in the mail.")},
    )
    fit = forms.ChoiceField(
        label=_("And if there are not enough places?"), choices=[], widget=forms.RadioSelect, initial="all"
    )

    def __init__(self, *args, event: Event, **kwargs):
        super().__init__(*args, **kwargs)
        self.show_places(event)
        self.fields["organisation"].required = True
        some = _("As many as fit; the others go on the waiting list") if event.has_waiting_list else _("As many as fit")
        self.fields["fit"].choices = [("all", _("All of them, or nobody")), ("some", some)]

    @property
    def request_data(self) -> dict[str, object]:
        data = self.cleaned_data
        names = ("mode", "organisation", "registered_by", "via")
        return {name: data[name] for name in names} | {"as_many_as_fit": data["fit"] == "some"}


class PersonForm(forms.Form):
    """One colleague. A line that is left empty is nobody."""

    first_name = forms.CharField(label=_("First name"), max_length=80)
    last_name = forms.CharField(label=_("Surname"), max_length=80, required=False)
    email = AddressField(label=_("E-mail address"), max_length=254, widget=forms.EmailInput({"inputmode": "email"}))


class _People(forms.BaseFormSet):
    def initial_form_count(self) -> int:
        """None: each line may be left empty, also one in which something stood."""
        return 0

    def wishes(self) -> list[tuple[int, Person]]:
        """Who was written down, each with the number of her line."""
        filled = [(number, form.cleaned_data) for number, form in enumerate(self.forms) if form.has_changed()]
        return [(number, Person(**data)) for number, data in filled]

    def show(self, error: RuleError, lines: list[int]) -> dict[str, object]:
        """Put the sentences of a refusal at their lines; returns those that belong elsewhere."""
        elsewhere = {}
        for name, sentence in error.fields.items():
            room, _dot, rest = name.partition(".")
            if room == "people" and rest:
                number, _dot, field = rest.partition(".")
                self.forms[lines[int(number)]].add_error(field, forms.ValidationError(sentence, error.code))
            else:
                elsewhere[name] = sentence
        return elsewhere


def people_of(data=None, *, typed: list[dict[str, str]] = ()) -> _People:
    """Lines for people: as they were sent, or those `typed` so far and some empty ones."""
    rows = min(len(typed) + MORE, MOST) if typed else ROWS
    make = forms.formset_factory(PersonForm, formset=_People, extra=rows, max_num=MOST, absolute_max=MOST)
    return make(data, prefix="people", initial=list(typed) or None)


def more_lines(data) -> _People:
    """The same people, as they were typed, and some empty lines more."""
    lines = range(min(whole(data.get("people-TOTAL_FORMS", "")) or ROWS, MOST))
    names = PersonForm.base_fields
    return people_of(typed=[{name: data.get(f"people-{line}-{name}", "") for name in names} for line in lines])
