"""What an event asks beside name and address, as fields of any form: signing up, changing answers, handing over.

Fields are named as the refusals name them ("answers.<key>", "needs.<name>", "monitoring.<key>") and take what was sent
as it is: `services.asking` judges it, once for every form and for the API. A question that depends on another is always
there with a hint; `static/js/questions.js` hides it until it counts.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from events.models import NO, YES, Event, Question
from registrations import answers as reading
from registrations import monitoring as funder
from registrations.services import RegistrationError, asking

FEW = 6
NO_ANSWER = ("", "–")
UNSAID = ".not_said"
NEED_LABELS = {
    "access": (
        _("What do you need in order to take part?"),
        _("A place for a wheelchair, sign language, large print, …"),
    ),
    "dietary": (_("What do you not eat?"), _("Allergies, intolerances, vegetarian or other food.")),
}
NEED_PROMISE = _("Only who organises this event reads it; we delete it seven days after.")


class SentField(forms.Field):
    """Takes what was sent as it is; `required` is only shown."""

    shown_if = ""
    shown_if_answer = ""
    is_aside = False
    """Stands in a block that says already that all of it is optional."""

    def clean(self, value: Any) -> Any:
        return value


class Asks:
    """Mixin of a form: call `ask` in `__init__`, then read `answers`, `needs`, `monitoring`, `questions_version`."""

    event: Event
    questions: list[Question]
    items: list[funder.Item]
    had: Mapping[str, Any]

    def ask(
        self,
        event: Event,
        *,
        answers: Mapping[str, Any] | None = None,
        needs: Mapping[str, str] | None = None,
        monitoring: Mapping[str, str] | None = None,
        is_known: bool = False,
    ) -> None:
        """Add the fields, filled with what is known. What is sensitive is asked only of who `is_known` by her link."""
        self.event, self.questions, self.had = event, asking.questions_of(event), answers or {}
        for question in self.questions:
            self.fields[f"answers.{question.key}"] = question_field(question, self.had.get(question.key))
        for name in asking.NEEDS:
            if getattr(event, f"asks_{name}_needs"):
                self.fields[f"needs.{name}"] = _need_field(name, (needs or {}).get(name, ""))
        self.items = [item for item in asking.items_of(event) if is_known or not item.is_sensitive]
        for item in self.items:
            fields = _item_fields(item, (monitoring or {}).get(item.key, ""))
            for field in fields.values():
                field.is_aside = True
            self.fields |= fields

    def clean(self) -> dict[str, Any]:
        """Say what is wrong with the answers beside what is wrong with the rest."""
        cleaned = super().clean()
        try:
            asking.check(event=self.event, answers=self.answers, version=self.questions_version, had=self.had)
        except RegistrationError as error:
            error.add_to(self)
        return cleaned

    @property
    def questions_version(self) -> int | None:
        """The version of the questions that was on the page."""
        sent = str(self.data.get("questions_version", ""))
        return int(sent) if sent.isdecimal() and len(sent) < 10 else None

    @property
    def answers(self) -> dict[str, Any]:
        return self._sent("answers.")

    @property
    def needs(self) -> dict[str, str]:
        return self._sent("needs.")

    @property
    def monitoring(self) -> dict[str, Any]:
        """Without the boxes of "I prefer not to say", each of which is the answer where there is no other."""
        sent = self._sent("monitoring.")
        unsaid = [key.removesuffix(UNSAID) for key in sent if key.endswith(UNSAID) and sent[key]]
        said = {key: value for key, value in sent.items() if not key.endswith(UNSAID)}
        return said | {key: funder.NOT_SAID for key in unsaid if not said.get(key)}

    def _sent(self, prefix: str) -> dict[str, Any]:
        return {
            name.removeprefix(prefix): self.cleaned_data.get(name) for name in self.fields if name.startswith(prefix)
        }

    @cached_property
    def question_rows(self) -> list[forms.BoundField]:
        return self._rows("answers.")

    @cached_property
    def need_rows(self) -> list[forms.BoundField]:
        return self._rows("needs.")

    @cached_property
    def plain_items(self) -> list[forms.BoundField]:
        sensitive = {f"monitoring.{item.key}" for item in self.items if item.is_sensitive}
        return [row for row in self._rows("monitoring.") if row.name not in sensitive]

    @cached_property
    def sensitive_items(self) -> list[forms.BoundField]:
        return [row for row in self._rows("monitoring.") if row not in self.plain_items]

    def _rows(self, prefix: str) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(prefix)]


class AnswersForm(Asks, forms.Form):
    """The same on the personal page, filled with what she told us."""

    def __init__(self, *args: Any, registration: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.ask(
            registration.event,
            answers=registration.answers,
            needs=asking.needs_of(registration),
            monitoring=asking.monitoring_of(registration),
            is_known=True,
        )


def question_field(question: Question, answer: Any = None) -> SentField:
    """One question as a field, filled with the answer as it is kept."""
    widget = _widget(question, reading.offered(question, answer))
    if question.kind == Question.Kind.YES_NO and answer is not None:
        answer = YES if answer else NO
    help_text = format_html("{} {}", question.condition, question.help or "")  # shown as it is: escaped here
    field = SentField(
        label=str(question.label),
        help_text="" if help_text.isspace() else help_text,
        required=question.is_required,
        widget=widget,
        initial=answer,
    )
    if question.shown_if:
        field.shown_if, field.shown_if_answer = f"answers.{question.shown_if.key}", question.shown_if_answer
    return field


def _widget(question: Question, offered: list[tuple[str, str]]) -> forms.Widget:
    kind = question.kind
    if kind == Question.Kind.NUMBER:
        return forms.NumberInput({"step": "any", "inputmode": "decimal"})
    if kind == Question.Kind.DATE:
        return forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    if kind == Question.Kind.CHOICES:
        return forms.CheckboxSelectMultiple(choices=offered)
    if kind not in Question.DECIDING:
        return forms.Textarea({"rows": 2, "class": "short", "maxlength": 2000})
    if question.is_required and len(offered) <= FEW:
        return forms.RadioSelect(choices=offered)
    return forms.Select(choices=[NO_ANSWER, *offered])


def _need_field(name: str, told: str) -> SentField:
    label, example = NEED_LABELS[name]
    widget = forms.Textarea({"rows": 2, "class": "short", "maxlength": asking.LONGEST_NEED})
    return SentField(
        label=label, help_text=format_html("{} {}", example, NEED_PROMISE), required=False, widget=widget, initial=told
    )


def _item_fields(item: funder.Item, told: str) -> dict[str, forms.Field]:
    name = f"monitoring.{item.key}"
    if item.choices:
        widget = forms.Select(choices=[NO_ANSWER, *item.offered])
        return {name: SentField(label=item.label, help_text=item.help, required=False, widget=widget, initial=told)}
    day = forms.DateInput({"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d")
    is_unsaid = told == funder.NOT_SAID
    return {
        name: SentField(
            label=item.label, help_text=item.help, required=False, widget=day, initial="" if is_unsaid else told
        ),
        f"{name}{UNSAID}": forms.BooleanField(
            label=dict(item.offered)[funder.NOT_SAID], required=False, initial=is_unsaid
        ),
    }
