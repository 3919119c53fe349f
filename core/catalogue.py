"""Reads a TOML file that people write, and says where it is wrong: file, line, field, and what is expected.

A room describes its part by pydantic models derived from `Entry`; `Catalogue.table` and `.tables` check one part each
and collect what is wrong, so that all problems of a file are told together. What the types cannot say (unknown
references, dates that cross) the rooms add by `problem(path, sentence)`. Nothing here knows a database: who calls
`finish` before writing changes nothing when a file is wrong.
"""

import re
import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar

from django.conf import settings
from i18nfield.strings import LazyI18nString
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

Path_ = tuple[str | int, ...]


class Entry(BaseModel):
    """A table of the file. Unknown fields are errors: they are typing mistakes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)

    def values(self, *left_out: str) -> dict[str, Any]:
        """The fields by name, without those `left_out`."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in left_out}


def _in_every_language(texts: dict[str, str]) -> LazyI18nString:
    languages = [code for code, _name in settings.LANGUAGES]
    absent = [code for code in languages if not texts.get(code, "").strip()]
    foreign = [code for code in texts if code not in languages]
    if absent:
        raise ValueError(f"is missing in {', '.join(absent)}")
    if foreign:
        raise ValueError(f"is in a language that the site does not have: {', '.join(foreign)}")
    return LazyI18nString({code: texts[code].strip() for code in languages})


Text = Annotated[dict[str, str], AfterValidator(_in_every_language)]
"""A text in every language of the site: `{ it = "…", en = "…" }`. Becomes a LazyI18nString."""
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=50)]

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True)
class Problem:
    """One mistake in a file."""

    file: str
    line: int
    field: str
    sentence: str

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.file, f"line {self.line}", self.field])) + f": {self.sentence}"


class CatalogueError(Exception):
    """The file is wrong. Nothing was changed."""

    def __init__(self, problems: list[Problem]):
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class Catalogue:
    """A TOML file that is being checked, part by part."""

    name: str
    data: dict[str, Any]
    lines: dict[Path_, int]
    problems: list[Problem] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    @classmethod
    def open(cls, path: Path) -> "Catalogue":
        """Raises CatalogueError when the file cannot be read or is not TOML."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise CatalogueError([Problem(path.name, 1, "", f"cannot be read ({reason})")]) from error
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"line (\d+)", str(error))
            line = int(place[1]) if place else len(text.splitlines())
            sentence = re.sub(r" \(at .*\)$", "", str(error))
            raise CatalogueError([Problem(path.name, line, "", f"is not TOML: {sentence}")]) from error
        return cls(path.name, data, line_numbers(text))

    def problem(self, path: Path_, sentence: str) -> None:
        self.problems.append(Problem(self.name, self.line_of(path), spelled(path), sentence))

    def line_of(self, path: Path_) -> int:
        """The line of the field, or of the nearest table around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def table(self, key: str, model: type[E]) -> E | None:
        """The one table `[key]`, or None when it is absent or wrong."""
        self.known.add(key)
        if key not in self.data:
            self.problem((key,), "is missing")
            return None
        return self._checked((key,), self.data[key], model)

    def tables(self, key: str, model: type[E]) -> list[tuple[Path_, E]]:
        """The right ones among the tables `[[key]]`, each with its path. A `slug` may stand once."""
        self.known.add(key)
        found = self.data.get(key, [])
        if not isinstance(found, list):
            self.problem((key,), f"must be a list of tables: write [[{key}]]")
            return []
        checked = [((key, number), self._checked((key, number), one, model)) for number, one in enumerate(found)]
        right = [(path, one) for path, one in checked if one is not None]
        self.once(right, "slug")
        return right

    def named_tables(self, key: str, model: type[E]) -> dict[str, E]:
        """The right ones among `[key.name]`."""
        self.known.add(key)
        found = self.data.get(key, {})
        if not isinstance(found, dict):
            self.problem((key,), f"must be tables with a name: write [{key}.name]")
            return {}
        checked = {name: self._checked((key, name), one, model) for name, one in found.items()}
        return {name: one for name, one in checked.items() if one is not None}

    def once(self, entries: list[tuple[Path_, E]], *names: str) -> None:
        """No two entries have the same in these fields."""
        seen: dict[tuple, Path_] = {}
        for path, entry in entries:
            value = tuple(getattr(entry, name, None) for name in names)
            if None in value:
                continue
            if value in seen:
                shown = ", ".join(str(part) for part in value)
                self.problem((*path, names[-1]), f"“{shown}” stands already in {spelled(seen[value])}")
            seen.setdefault(value, path)

    def names(self, key: str) -> set[str]:
        """Every slug (or name) written in a part, of wrong entries too: their mistake is told once, at its place."""
        found = self.data.get(key, [])
        if isinstance(found, dict):
            return set(found)
        return {str(one.get("slug")) for one in found if isinstance(one, dict)} if isinstance(found, list) else set()

    def reference(self, path: Path_, value: str | None, key: str) -> None:
        """`value` must be the slug of an entry of `key`."""
        names = self.names(key)
        if value is not None and value not in names:
            self.problem(path, f"“{value}” is not one of {key}{_suggestion(value, names)}")

    def finish(self) -> None:
        """Raises CatalogueError with everything that was found wrong."""
        for key in self.data.keys() - self.known:
            self.problem((key,), f"is not known here{_suggestion(key, self.known)}")
        if self.problems:
            raise CatalogueError(self.problems)

    def _checked(self, path: Path_, value: Any, model: type[E]) -> E | None:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                self.problem((*path, *one["loc"]), _sentence(one, model))
            return None


def spelled(path: Path_) -> str:
    """`("events", 3, "starts_at")` as `events[3].starts_at`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".")


def _suggestion(word: Any, known: Any) -> str:
    near = get_close_matches(str(word), [str(one) for one in known], n=1)
    return f" (did you mean “{near[0]}”?)" if near else ""


def _sentence(error: dict[str, Any], model: type[Entry]) -> str:
    kind, given = error["type"], error.get("input")
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        fields = model.model_fields if len(error["loc"]) == 1 else ()
        return f"is not a known field{_suggestion(error['loc'][-1], fields)}"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    sentence = error["msg"].replace("Input should be", "must be").replace("String should", "should")
    return f"{sentence}, not {given!r}" if isinstance(given, str | int | float | bool) else sentence


_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_KEY = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_STATEMENT = re.compile(rf"[ \t]*(?:\[\[[ \t]*(?P<many>{_KEY})|\[[ \t]*(?P<one>{_KEY})|(?P<key>{_KEY})[ \t]*=)")
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}\n]|[^"\'#\[\]{}\n]+',
    re.DOTALL,
)


def line_numbers(text: str) -> dict[Path_, int]:
    """The line of every table and key of a file that is known to be TOML. Inside inline values: the line of the key."""
    lines: dict[Path_, int] = {}
    counts: dict[Path_, int] = {}
    table: Path_ = ()
    position = 0
    while position < len(text):
        line = text.count("\n", 0, position) + 1
        statement = _STATEMENT.match(text, position)
        if statement:
            name = next(filter(None, (statement["many"], statement["one"], statement["key"])))
            path = _resolved(re.findall(_PART, name), () if statement["key"] is None else table, counts)
            if statement["many"]:
                counts[path] = counts.get(path, -1) + 1
                path = (*path, counts[path])
            if statement["key"] is None:
                table = path
            for length in range(1, len(path) + 1):
                lines.setdefault(path[:length], line)
        position = _end_of_statement(text, position)
    return lines


def _resolved(parts: list[str], table: Path_, counts: dict[Path_, int]) -> Path_:
    """A dotted name as a path: through a list of tables it goes on in the newest one."""
    path = table
    for number, part in enumerate(parts):
        path = (*path, part.strip("\"'"))
        if path in counts and number < len(parts) - 1:
            path = (*path, counts[path])
    return path


def _end_of_statement(text: str, position: int) -> int:
    depth = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            return position + 1
        position = token.end()
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if token[0] == "\n" and depth <= 0:
            break
    return position
