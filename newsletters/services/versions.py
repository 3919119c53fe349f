"""What was saved when, and by whom: nothing that somebody wrote is lost.

`writing.save` keeps a version each time that something changed; the first time also what stood there before. Two
versions are compared line by line, for people: what went, what came, and a little of what stands around it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from i18nfield.strings import LazyI18nString

from accounts.models import User
from newsletters.models import Newsletter, Version

MOST = 200
AROUND = 2
"""Lines shown before and after a change."""


def keep(newsletter: Newsletter, by: User | None) -> None:
    """As it stands now; the oldest go when there are more than MOST."""
    _write(newsletter, saved_by=by)
    too_old = newsletter.versions.order_by("-number").values_list("pk", flat=True)[MOST:]
    Version.objects.filter(pk__in=list(too_old)).delete()


def keep_first(newsletter: Newsletter) -> None:
    """What stood there before anybody saved: the programme's own draft, or what was copied."""
    if not newsletter.versions.exists():
        _write(newsletter, saved_at=newsletter.changed_at)


def _write(newsletter: Newsletter, **fields: object) -> None:
    newsletter.versions.create(
        number=newsletter.version,
        subject=newsletter.subject,
        body=newsletter.body,
        audience=newsletter.audience,
        topic=newsletter.topic,
        embeds_images=newsletter.embeds_images,
        **fields,
    )


@dataclass(frozen=True)
class Line:
    """`kind`: same, gone, new, or skipped (`number` lines)."""

    kind: str
    text: str = ""
    number: int = 0


@dataclass(frozen=True)
class Difference:
    """One text in one language, before and after."""

    name: Promise | str
    language: Promise | str
    lines: list[Line]


def differences(before: Version | None, after: Version) -> list[Difference]:
    """What changed in the words, text by text; texts that are the same are left out."""
    found = []
    for field, name in (("subject", _("Subject")), ("body", _("Text"))):
        for code, language in settings.LANGUAGES:
            old, new = (_lines(getattr(one, field, None), code) for one in (before, after))
            if old != new:
                found.append(Difference(name, language, list(_compare(old, new))))
    return found


def _lines(text: LazyI18nString | None, language: str) -> list[str]:
    data = text.data if text else ""
    written = (data.get(language) or "") if isinstance(data, dict) else str(data or "")
    return written.replace("\r\n", "\n").split("\n") if written else []


def _compare(old: list[str], new: list[str]) -> Iterator[Line]:
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (Line("gone", line) for line in old[start:end])
            yield from (Line("new", line) for line in new[new_start:new_end])
            continue
        before = old[start : start + AROUND] if start else []
        after = old[max(start, end - AROUND) : end] if end < len(old) else []
        hidden = (end - start) - len(before) - len(after)
        if hidden <= 1:
            yield from (Line("same", line) for line in old[start:end])
            continue
        yield from (Line("same", line) for line in before)
        yield Line("skipped", number=hidden)
        yield from (Line("same", line) for line in after)
