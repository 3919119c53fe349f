"""What an event asks who registers."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from i18nfield.fields import I18nCharField
from i18nfield.strings import LazyI18nString

from events.models.event import Event

YES, NO = "yes", "no"


class QuestionQuerySet(models.QuerySet):
    def asked(self) -> Self:
        """Those that who registers now is asked, in order."""
        return self.filter(retired_at=None)


class Question(models.Model):
    """Something an event asks who registers, beside name and address. An answer is kept under `key`.

    A question that was answered is never deleted but retired: it is asked no more and stays in the exports.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        CHOICE = "choice", _("One of several choices")
        CHOICES = "choices", _("Several choices")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        YES_NO = "yes_no", _("Yes or no")

    WITH_OPTIONS = [Kind.CHOICE, Kind.CHOICES]
    DECIDING = [*WITH_OPTIONS, Kind.YES_NO]
    """Kinds whose answer may decide whether another question is asked."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=40, editable=False)
    kind = models.CharField(_("kind of answer"), max_length=8, choices=Kind, default=Kind.TEXT)
    label = I18nCharField(_("question"), max_length=200)
    help = I18nCharField(_("help"), max_length=300, blank=True)
    is_required = models.BooleanField(_("an answer is required"), default=False)
    options = models.JSONField(
        _("choices"), default=list, blank=True, help_text="[{key, label: {language: text}, is_retired?}]"
    )
    shown_if = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="followers", verbose_name=_("shown only if")
    )
    shown_if_answer = models.CharField(_("has the answer"), max_length=80, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["event", "key"], name="question_key_once")]

    objects = QuestionQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.label)

    @property
    def offered(self) -> list[tuple[str, str]]:
        """What one may choose: (value, label in the current language). Empty where one writes instead."""
        if self.kind == self.Kind.YES_NO:
            return [(YES, str(_("Yes"))), (NO, str(_("No")))]
        if self.kind not in self.WITH_OPTIONS:
            return []
        return [(one["key"], str(LazyI18nString(one["label"]))) for one in self.options if not one.get("is_retired")]

    def label_of(self, value: str) -> str:
        """The words of an option, also of one that is offered no more."""
        known = {one["key"]: one["label"] for one in self.options}
        return str(LazyI18nString(known[value])) if value in known else value

    @property
    def condition(self) -> str:
        """“Only if …” in words, or nothing. Needs `shown_if`."""
        if self.shown_if is None:
            return ""
        answer = dict(self.shown_if.offered).get(self.shown_if_answer, self.shown_if_answer)
        return _("Only if you answered “%(answer)s” to “%(question)s”.") % {
            "answer": answer,
            "question": self.shown_if.label,
        }
