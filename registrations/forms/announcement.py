"""A message to a part of the people registered, as the staff write it. What is allowed is in `services.announcing`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from events import kinds as event_kinds
from events.inputs import LanguageLines, LanguageTexts, MainLanguage
from events.models import Event, Mode
from programmes.models import Territory
from registrations import listing
from registrations.models import Announcement, Registration
from registrations.services.announcing import Choice

State = Registration.State
ALL = ("", _("All of them"))
STATES = [
    (State.CONFIRMED.value, _("Registered")),
    (State.WAITING.value, State.WAITING.label),
    (State.REQUESTED.value, State.REQUESTED.label),
    (State.OFFERED.value, State.OFFERED.label),
    ("", _("All of them")),
]


class AnnouncementForm(forms.Form):
    """Of one event, or of a programme or province; who may write in one province only chooses among hers."""

    hides_optional = True

    province = forms.ChoiceField(label=_("Province"), required=False)
    kind = forms.ChoiceField(label=_("Kind of event"), required=False)
    events = forms.MultipleChoiceField(
        label=_("Only these events"), required=False, widget=forms.CheckboxSelectMultiple
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    mode = forms.ChoiceField(label=_("Mode"), required=False, choices=[ALL, *Mode.choices])
    group = forms.ChoiceField(label=_("Group"), required=False)
    presence = forms.ChoiceField(label=_("Presence"), required=False, choices=[ALL, *listing.PRESENCE_LABELS])
    subject = MainLanguage(label=_("Subject"), widget=LanguageLines, require_all_fields=False, max_length=150)
    body = MainLanguage(
        label=_("Text"),
        widget=LanguageTexts,
        require_all_fields=False,
        help_text=_("Markdown: **bold**, [words](https://…), lists. %%first_name%% becomes the person’s first name."),
    )

    def __init__(self, data: Any = None, *, announcement: Announcement, user: User):
        kept = Choice.read(announcement.choice)
        initial = kept.as_json() | {"subject": announcement.subject, "body": announcement.body}
        super().__init__(data, initial=initial)
        self.announcement = announcement
        if announcement.event:
            self._of_one_event(announcement.event)
        else:
            self._of_many(user, announcement.programme_id)

    def _of_one_event(self, event: Event) -> None:
        for name in ("province", "kind", "events"):
            del self.fields[name]
        groups = [(group.pk, str(group)) for group in event.groups.all()]
        if groups:
            self.fields["group"].choices = [ALL, *groups]
        else:
            del self.fields["group"]

    def _of_many(self, user: User, programme: int) -> None:
        del self.fields["group"]
        events = Event.objects.visible_to(user, "registrations.change").filter(
            programme=programme, published_at__isnull=False
        )
        mine = Territory.objects.filter(programme=programme, events__in=events).distinct()
        is_everywhere = user.has_perm("registrations.change", self.announcement.programme)
        provinces = [(one.slug, one.name) for one in mine.order_by("name")]
        self.fields["province"].choices = [ALL, *provinces] if is_everywhere else provinces
        self.fields["province"].required = not is_everywhere
        self.fields["kind"].choices = [ALL, *event_kinds.choices()]
        self.fields["events"].choices = [
            (one.pk, f"{one} ({one.local_start:%d/%m/%Y})") for one in events.order_by("-starts_at", "pk")
        ]

    @property
    def choice(self) -> Choice:
        """What is ticked and can be understood, also while the words are not written yet."""
        known = getattr(self, "cleaned_data", {})
        ticked = {name: known[name] for name in ("province", "kind", "state", "mode", "presence") if name in known}
        group, events = known.get("group"), known.get("events", [])
        return Choice(**ticked, events=[int(pk) for pk in events], group=int(group) if group else None)

    def territory(self) -> Territory | None:
        """Where the message belongs: to its event's province, to the one chosen, or to the whole programme."""
        if self.announcement.event:
            return self.announcement.event.territory
        slug = self.choice.province
        return Territory.objects.filter(programme=self.announcement.programme, slug=slug).first() if slug else None
