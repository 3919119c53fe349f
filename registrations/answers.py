"""One answer to one question: read as a form or a program sends it, and put into words for people.

Kept answers are plain JSON: text, the key of a choice, a list of keys, a number, a day as 2024-05-14, true or false.
Which questions are asked, and what happens with the answers, is decided in `services.asking`.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.clock import YEARS
from events.models import NO, YES, Question

LONGEST = 2000
LARGEST = 10**12
EMPTY = (None, "", [], ())


class WrongAnswer(ValueError):
    """Not an answer to this question; says why in a translated sentence."""


def read(question: Question, value: Any, had: Any = None) -> Any:
    """The answer as it is kept, or None for none. Raises WrongAnswer.

    A choice that is offered no more may stay with who `had` it.
    """
    value = value.strip() if isinstance(value, str) else value
    if value in EMPTY:
        return None
    if question.kind in Question.WITH_OPTIONS:
        keys = [key for key, _label in offered(question, had)]
        return _choice(keys, value) if question.kind == Question.Kind.CHOICE else _choices(keys, value)
    return READERS[question.kind](value)


def offered(question: Question, had: Any = None) -> list[tuple[str, str]]:
    """What one may choose, with what she `had` chosen before it was taken away."""
    found = question.offered
    known = {value for value, _label in found}
    kept = had if isinstance(had, list) else [had] if isinstance(had, str) else []
    return found + [(key, question.label_of(key)) for key in kept if key not in known]


def words(question: Question, answer: Any) -> Any:
    """The answer as people read it in the current language; numbers and days stay what they are."""
    if answer is None:
        return ""
    if question.kind == Question.Kind.CHOICE:
        return question.label_of(str(answer))
    if question.kind == Question.Kind.CHOICES:
        return ", ".join(question.label_of(one) for one in answer)
    if question.kind == Question.Kind.YES_NO:
        return _("Yes") if answer else _("No")
    return answer


def shown(question: Question, answer: Any) -> str:
    """The same for a page: days written out."""
    if question.kind == Question.Kind.DATE and answer:
        return date_format(date.fromisoformat(answer))
    return str(words(question, answer))


def is_asked(question: Question, answers: Mapping[str, Any], questions: Mapping[int, Question]) -> bool:
    """Is its condition met by what was answered, and that of the question it depends on? `questions` by their pk."""
    if question.shown_if_id is None:
        return True
    deciding = questions.get(question.shown_if_id)
    if deciding is None or not is_asked(deciding, answers, questions):
        return False
    answer = answers.get(deciding.key)
    if deciding.kind == Question.Kind.YES_NO:
        return answer is not None and answer == (question.shown_if_answer == YES)
    return question.shown_if_answer in (answer if isinstance(answer, list) else [answer])


def free_text(value: str, longest: int = LONGEST) -> str:
    """What somebody wrote, without signs that nobody types. Raises WrongAnswer when it is too long."""
    text = "".join(sign for sign in value if sign.isprintable() or sign == "\n").strip()
    if len(text) > longest:
        raise WrongAnswer(_("Please answer in at most %(number)d characters.") % {"number": longest})
    return text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongAnswer(_("Please answer with a text."))
    return free_text(value)


def _choice(keys: list[str], value: Any) -> str:
    if value not in keys:
        raise WrongAnswer(_("Please choose one of the answers offered."))
    return value


def _choices(keys: list[str], value: Any) -> list[str]:
    if not isinstance(value, list) or any(one not in keys for one in value):
        raise WrongAnswer(_("Please choose among the answers offered."))
    return [key for key in keys if key in value]


def _number(value: Any) -> int | float:
    try:
        if "_" in str(value):
            raise InvalidOperation
        number = Decimal(str(value).replace(",", ".")) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > LARGEST:
        raise WrongAnswer(_("Please answer with a number, such as 3 or 2.5."))
    return int(number) if number == number.to_integral_value() else float(number)


def _day(value: Any) -> str:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = None
    if day is None or not (1900 <= day.year <= YEARS.stop):
        raise WrongAnswer(_("Please answer with a day, such as 2024-05-14."))
    return day.isoformat()


def _yes_no(value: Any) -> bool:
    if value in (YES, NO):
        return value == YES
    if not isinstance(value, bool):
        raise WrongAnswer(_("Please answer with yes or no."))
    return value


READERS: dict[str, Callable[[Any], Any]] = {
    Question.Kind.TEXT: _text,
    Question.Kind.NUMBER: _number,
    Question.Kind.DATE: _day,
    Question.Kind.YES_NO: _yes_no,
}
