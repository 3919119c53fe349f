"""What the organiser chooses before the groups are formed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from events.models import Event

MOST_GROUPS = 60


class GroupsForm(forms.Form):
    """`cleaned_data` are the arguments of `groups.form_groups`."""

    facilitators = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Facilitators"), widget=forms.CheckboxSelectMultiple, required=False
    )
    number = forms.IntegerField(
        label=_("Number of groups"),
        help_text=_("Leave it empty for one group a facilitator."),
        min_value=1,
        max_value=MOST_GROUPS,
        required=False,
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any):
        eligible = User.objects.facilitators_at(event)
        there = list(event.groups.values_list("facilitator_id", flat=True))
        leading = [pk for pk in there if pk]
        kwargs.setdefault(
            "initial",
            {
                "facilitators": leading if there else [one.pk for one in eligible],
                "number": len(there) if len(there) > len(leading) else None,
            },
        )
        super().__init__(*args, **kwargs)
        self.fields["facilitators"].queryset = eligible
        self.fields["facilitators"].label_from_instance = _with_organisation


def _with_organisation(user: User) -> str:
    return f"{user} · {user.organisation}" if user.organisation else str(user)
