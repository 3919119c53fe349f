"""What the staff writes: a new newsletter, and its words in each language."""

import copy
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from i18nfield.strings import LazyI18nString

from newsletters.forms.audience import AudienceForm
from newsletters.models import Newsletter
from newsletters.services import blocks, writing


@dataclass(frozen=True)
class Tool:
    """A button above the text. It puts `before` and `after` around what is selected (or around `sample`), `line` before
    each line, or `block` on a line of its own."""

    label: Promise | str
    before: str = ""
    after: str = ""
    sample: Promise | str = ""
    line: str = ""
    block: Promise | str = ""
    sign: str = ""


TOOLS = [
    (
        _("Shape"),
        [
            Tool(_("Strong"), before="**", after="**", sample=_("strong words")),
            Tool(_("Heading"), line="## "),
            Tool(_("List"), line="- "),
            Tool(_("Link"), before="[", after="](/eventi/)", sample=_("words of the link")),
        ],
    ),
    (
        _("From the programme"),
        [Tool(one.label, block=one.example) for one in blocks.BLOCKS.values()],
    ),
    (
        _("Of who reads"),
        [
            Tool(_("First name"), before="%%first_name%%"),
            Tool(_("Name, or a word"), before="%%first_name|", after="%%", sample=_("friend")),
            Tool(_("Province"), before="%%province|Toscana%%"),
        ],
    ),
]
"""What the editor's buttons write, in groups."""


class BeginForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), max_length=150)
    due_on = forms.DateField(
        label=_("Due around"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    starts_from_last = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, last: Newsletter | None):
        super().__init__(data)
        self.last = last
        if last is None:
            del self.fields["starts_from_last"]
            return
        self.fields["starts_from_last"].label = _("Start from “%(subject)s”") % {"subject": last.title}
        self.fields["starts_from_last"].help_text = _(
            "Its text, its subject in the other languages, its audience and its topic are copied: change them freely."
        )

    def words(self) -> dict[str, Any]:
        subject = LazyI18nString({settings.LANGUAGE_CODE: self.cleaned_data["subject"]})
        start_from = self.last if self.cleaned_data.get("starts_from_last") else None
        return {"subject": subject, "due_on": self.cleaned_data["due_on"], "start_from": start_from}


class EditorForm(AudienceForm):
    """Subject and text in each language (`subject_it`, `body_it`, …), how the preview is shown, and the audience."""

    embeds_images = forms.BooleanField(
        label=_("Images travel inside the mail"),
        required=False,
        help_text=_("They show at once, also where mail programs hold images back; the mail is heavier."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    hides_optional = True

    def __init__(self, data: Any = None, *, newsletter: Newsletter):
        self.newsletter = newsletter
        super().__init__(
            data,
            newsletter=newsletter,
            initial={"version": newsletter.version, "embeds_images": newsletter.embeds_images},
        )
        for code, name in settings.LANGUAGES:
            self._add_words(code, name)

    def _add_words(self, code: str, name: str) -> None:
        is_needed = code == settings.LANGUAGE_CODE
        written = {field: getattr(self.newsletter, field).data for field in ("subject", "body")}
        written = {
            field: text.get(code, "") if isinstance(text, dict) else text * is_needed for field, text in written.items()
        }
        self.fields[f"subject_{code}"] = forms.CharField(
            label=_("Subject"), max_length=150, required=is_needed, initial=written["subject"]
        )
        text = forms.CharField(
            label=_("Text"),
            max_length=writing.LONGEST_BODY,
            required=False,
            initial=written["body"],
            error_messages={"max_length": _("This text is too long: mail programs would cut it.")},
            widget=forms.Textarea(attrs={"rows": 20 if is_needed else 10, "data-longest": writing.LONGEST_BODY}),
        )
        del text.widget.attrs["maxlength"]  # a browser would cut what is pasted and say nothing
        self.fields[f"body_{code}"] = text

    @property
    def words_by_language(self) -> list[dict[str, Any]]:
        """For the template: each language with its two fields."""
        return [
            {"code": code, "name": name, "subject": self[f"subject_{code}"], "body": self[f"body_{code}"]}
            for code, name in settings.LANGUAGES
        ]

    def words(self) -> dict[str, Any]:
        """What `writing.save` wants."""
        words = {
            field: LazyI18nString({code: self.cleaned_data[f"{field}_{code}"] for code, _name in settings.LANGUAGES})
            for field in ("subject", "body")
        }
        return words | {
            "audience": self.audience_on_screen(),
            "embeds_images": self.cleaned_data["embeds_images"],
        }

    def draft(self) -> Newsletter:
        """The newsletter with the words as they are on the screen, not saved."""
        draft = copy.copy(self.newsletter)
        for field in ("subject", "body"):
            words = {
                code: str(self[f"{field}_{code}"].value() or "")[: writing.LONGEST_BODY]
                for code, _name in settings.LANGUAGES
            }
            setattr(draft, field, LazyI18nString(words))
        return draft
