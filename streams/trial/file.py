"""Reading a scenario file and what it is based on. Everything that is wrong is said at once, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from streams.config.problems import ConfigError, Place, Problems, Report, Words
from streams.config.validated import validated
from streams.config.yaml_file import Node, read_yaml
from streams.models.times import parse_time
from streams.trial.model import SCHEMA, START, Case, File

SITE = ("config", "timezone", "app", "stations", "zones", "reaches", "hazards", "overlays")
LISTS = ("stations", "zones", "reaches", "hazards", "overlays")
DEEPEST = 10  # bases of bases
_OVER = ("start", "until", "every", "seed", "exact", "rejects", "outages")  # what a scenario says itself, or its file


@dataclass(frozen=True)
class Source:
    """A checked file with the tree that it was read from."""

    path: Path
    file: File
    node: Node
    report: Report
    base: "Source | None" = None

    @cached_property
    def line(self) -> "tuple[Source, ...]":
        """What it is based on, the farthest first, then itself."""
        return (*(self.base.line if self.base else ()), self)

    def given(self, key: str) -> "tuple[Source, Any] | None":
        """A value of this file, else of its base."""
        found = (s for s in reversed(self.line) if key in s.file.model_fields_set)
        source = next(found, None)
        return None if source is None else (source, getattr(source.file, key))

    def items(self, key: str) -> "Iterator[tuple[Source, Node, Any]]":
        """The entries of a list: those of the base first."""
        for source in self.line:
            nodes = source.node.value[key].value if getattr(source.file, key) else ()
            for node, one in zip(nodes, getattr(source.file, key), strict=True):
                yield source, node, one

    def error(self, node: Node, where: str, found: object, expected: str, near: Any = ()) -> None:
        """Something to put right in this file."""
        self.report.error(node.at, where, found, expected, near)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a file, complete: what it leaves out is the file's, or its base's."""

    source: Source
    name: str  # of those of one file; empty where there is only one
    case: Case
    node: Node
    start: int
    settings: Case  # start, until, every, seed, exact, rejects, outages

    @property
    def title(self) -> str:
        """How it is called."""
        return self.name or self.source.file.name or self.source.path.stem

    @property
    def full(self) -> str:
        """The same with its file."""
        return f"{self.source.path}::{self.title}"

    def readings(self) -> Iterator[tuple[Source, Node, Any]]:
        """Those of the base, of the file, and its own."""
        yield from self.source.items("readings")
        if self.name:
            yield from self.own("readings")

    def own(self, key: str) -> Iterator[tuple[Source, Node, Any]]:
        """Entries of one of its lists with their places."""
        entries = getattr(self.case, key) or ()
        for node, one in zip(self.node.value[key].value if entries else (), entries, strict=True):
            yield self.source, node, one


def is_base(path: Path) -> bool:
    """A file that only others build on: `_county.yaml`."""
    return path.name.startswith("_")


def scenarios(path: Path, problems: Problems) -> list[Scenario]:
    """All scenarios of a file; what is wrong with it goes to `problems`."""
    source = read(path, problems)
    if source is None:
        return []
    file, node = source.file, source.node
    if not file.scenarios:
        return [_whole(source, "", file, node)]
    for key in ("reports", "acts", "expect"):
        if key in file.model_fields_set:
            source.report.error(node.keys[key], key, Words("beside `scenarios`"), "inside one of the scenarios")
    inner = node.value["scenarios"].value
    return [_whole(source, name, case, inner[name]) for name, case in file.scenarios.items()]


def _whole(source: Source, name: str, case: Case, node: Node) -> Scenario:
    settings: dict[str, Any] = {}
    for key in _OVER:
        if key in case.model_fields_set:
            settings[key] = getattr(case, key)
        elif (found := source.given(key)) is not None:
            settings[key] = found[1]
    whole = Case.model_construct(**settings)
    start = whole.start if whole.start is not None else parse_time(START)
    return Scenario(source, name, case, node, start, whole)


def read(path: Path, problems: Problems, inside: tuple[Path, ...] = ()) -> Source | None:
    """A file and its bases; None after saying what is wrong."""
    report = problems.in_file(str(path))
    before = len(problems.errors)
    node = read_yaml(path, report)
    if node is None:
        if len(problems.errors) == before:
            report.error((1, 1), "", Words("an empty file"), f"a scenario: `schema: {SCHEMA}`, hazards, stations, …")
        return None
    file = validated(File, node, "", report)
    if file is None or len(problems.errors) > before:
        return None
    base = None
    if file.base is not None:
        base = _base(path, file.base, node.value["base"].at, report, (*inside, path.resolve()))
        if base is None:
            return None
    return Source(path, file, node, report, base)


def _base(path: Path, name: str, at: Place, report: Report, inside: tuple[Path, ...]) -> Source | None:
    other = path.parent / name
    if other.resolve() in inside or len(inside) > DEEPEST:
        report.error(at, "base", name, "a file that does not build on this one")
        return None
    if not other.is_file():
        near = [one.name for one in path.parent.glob("*.y*ml")]
        report.error(at, "base", name, "a file beside this one", near)
        return None
    return read(other, report.problems, inside)


def raise_all(problems: Problems) -> None:
    """ConfigError, if there is anything to say."""
    if problems.errors:
        raise ConfigError(problems.errors)
