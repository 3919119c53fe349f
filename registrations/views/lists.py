"""A list of people on a page of the staff: what stands in it is shown first; only the same list, sent again with a yes,
is written. What is to be mended stays on the page.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import ngettext

from registrations.forms.admission import PeopleListForm
from registrations.services import RegistrationError
from registrations.services.people_lists import Sifted


@dataclass
class Brought:
    form: PeopleListForm
    sifted: Sifted | None = None
    written: int | None = None
    """How many were new, once somebody said yes."""

    @property
    def status(self) -> int:
        return 422 if self.form.errors else 200


def bring(request: HttpRequest, *, look_at: Callable[..., Sifted], write: Callable[..., Sifted]) -> Brought:
    """`look_at` and `write` take the list as `text`; `write` says what became of each row."""
    if request.method != "POST":
        return Brought(PeopleListForm())
    form = PeopleListForm(request.POST, request.FILES)
    if not form.is_valid():
        return Brought(form)
    text = form.cleaned_data["text"]
    try:
        if "confirm" not in request.POST or not form.was_seen:
            return Brought(PeopleListForm.of(text), look_at(text=text))
        done = write(text=text)
    except RegistrationError as error:
        error.add_to(form)
        return Brought(form)
    rest = look_at(text=done.rest) if done.rest else None
    return Brought(PeopleListForm.of(done.rest), rest, len(done.new))


def outcome(brought: Brought, words: str) -> str:
    """`words` say how many were written; then what is still to be mended, which stays in the box."""
    number = len(brought.sifted.broken) if brought.sifted else 0
    if not number:
        return words
    rest = ngettext("%(number)d row is to be mended.", "%(number)d rows are to be mended.", number)
    return f"{words} {rest % {'number': number}}"
