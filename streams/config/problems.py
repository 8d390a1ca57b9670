"""What is wrong with a configuration: where, what was found, what would be right, the nearest known name."""

import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Literal

Place = tuple[int, int | None] | None  # line and column, counted from 1
_SHOWN = 80
_ALIKE = 0.7  # of difflib: two letters changed places in a word of five
_SHORTEST, _PAIR = 3, 2  # letters of a name that a slip of one is told of; that have changed places
_TYPESET = str.maketrans({"−": "-", "–": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "、": ",", "。": "."})
_MOST = 1_000  # a file of rubbish must not fill the memory with complaints


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right (`error`) or to know (`warning`)."""

    file: str
    where: str
    found: str
    expected: str
    line: int | None = None
    column: int | None = None
    nearest: str | None = None
    severity: Literal["error", "warning"] = "error"

    @property
    def place(self) -> str:
        """`file:line:column`, as editors understand it."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{self.place}: {where}found {self.found}; expected {self.expected}{hint}"

    def as_dict(self) -> dict[str, Any]:
        """For programs that read `--json`."""
        return asdict(self)


class ConfigError(Exception):
    """A configuration that must not be used, with every problem that was found in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Problems:
    """Collects what is found, so that everything is said at once."""

    def __init__(self) -> None:
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self.unsaid = 0
        self._known: set[Problem] = set()

    def add(self, problem: Problem) -> None:
        """Keep one; beyond a thousand only count."""
        kept = self.errors if problem.severity == "error" else self.warnings
        if problem in self._known:
            return  # several may have asked for the same value
        if len(kept) < _MOST:
            self._known.add(problem)
            kept.append(problem)
        else:
            self.unsaid += 1

    def in_file(self, file: str) -> "Report":
        """A short way to speak of one file."""
        return Report(self, file)


@dataclass(frozen=True, slots=True)
class Report:
    """Says problems of one file."""

    problems: Problems
    file: str

    def error(self, at: Place, where: str, found: object, expected: str, near: Iterable[str] = ()) -> None:
        """Something that must be put right; `near` are the names that would have been known."""
        self._add(at, where, found, expected, near, "error")

    def warning(self, at: Place, where: str, found: object, expected: str, near: Iterable[str] = ()) -> None:
        """Something to know that stops nothing."""
        self._add(at, where, found, expected, near, "warning")

    def _add(
        self,
        at: Place,
        where: str,
        found: object,
        expected: str,
        near: Iterable[str],
        severity: Literal["error", "warning"],
    ) -> None:
        line, column = at or (None, None)
        file = getattr(at, "file", "") or self.file  # a node of an overlay stands in a file of its own
        nearest = (
            str(near) if isinstance(near, Meant) else nearest_name(found, near) if isinstance(found, str) else None
        )
        text = found if isinstance(found, Words) else shown(found)
        self.problems.add(Problem(file, where, text, expected, line, column, nearest, severity))


class Words(str):
    """Something found that is told in words and not quoted."""

    __slots__ = ()


class Meant(str):
    """The one that is meant, however different it looks; in place of the names that would have been known."""

    __slots__ = ()


def nearest_name(found: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    names = {name.lower(): name for name in known}
    given = half_width(found.partition("：")[0]).lower()[:_SHOWN]  # `of：stage` is one word in YAML
    close = get_close_matches(given, names, n=1, cutoff=_ALIKE) or [name for name in names if _one_slip(given, name)]
    return names[close[0]] if close else None


def _one_slip(given: str, name: str) -> bool:
    """Whether one letter is another, too much or left out, or two have changed places."""
    if min(len(given), len(name)) < _SHORTEST:
        return False
    front = _alike(given, name)
    one, other = given[front:], name[front:]
    back = _alike(one[::-1], other[::-1])
    one, other = one[: len(one) - back], other[: len(other) - back]
    return max(len(one), len(other)) <= 1 or (len(one) == _PAIR and one == other[::-1])


def _alike(one: str, other: str) -> int:
    """With how many letters both begin."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def half_width(text: str) -> str:
    """Without the characters of a Chinese keyboard or of a typeset page: `－ ０.５` is `- 0.5`."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_TYPESET)


def shown(found: object) -> str:
    """A value as found, quoted and cut short."""
    text = "nothing" if found is None else repr(found)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def listed(names: Iterable[str], most: int = 12) -> str:
    """Known names for a message."""
    names = sorted(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(names[:most]) or "none") + more
