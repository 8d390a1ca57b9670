"""The import law: arrows only go down, the deciding code touches nothing outside, and no folder is a drawer.

`LAW` is the law. One line per part: what it may import of the project. A part is a module or a folder; for a module
the longest name counts (`streams.sinks.base` obeys its own line, else that of `streams.sinks`). Everything may import
from its own part. A new part needs a line here: think about where it stands before you write it.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAW: dict[str, tuple[str, ...]] = {
    # What decides. Time, records and randomness come in as data; nothing here knows that a network exists.
    "detectors": (),
    "streams.models": (),
    "streams.core": ("streams.models", "detectors"),
    # One outside thing each.
    "streams.fatal": (),
    "streams.logs": (),
    "streams.health": (),
    "streams.broker": (),
    "streams.embedded": (),
    "streams.scrape": (),
    "streams.kafka_settings": ("streams.models",),
    "streams.topic_differences": ("streams.models",),
    "streams.topics": ("streams.models", "streams.kafka_settings", "streams.topic_differences"),
    "streams.config": ("streams.models", "detectors"),
    "streams.sinks": ("streams.models", "streams.kafka_settings"),
    # Delivery: which records are done, and what is kept over a restart. Knows records, not what they mean.
    "streams.completion": ("streams.fatal",),
    "streams.positions": ("streams.completion",),
    "streams.checkpoint": (
        *("streams.models", "streams.completion", "streams.positions", "streams.metrics"),
        *("streams.membership", "streams.fatal", "streams.records"),
    ),
    "streams.odd_batch": (),
    "streams.records": ("streams.odd_batch",),
    "streams.garbage": (),
    "streams.answers": (),
    "streams.fetch": (),
    "streams.damage": ("streams.completion", "streams.fatal", "streams.records"),
    "streams.reader": (
        *("streams.answers", "streams.completion", "streams.damage", "streams.fatal", "streams.fetch"),
        "streams.records",
    ),
    "streams.transport": (
        "streams.completion",
        "streams.positions",
        "streams.fatal",
        "streams.fetch",
        "streams.reader",
    ),
    "streams.metrics": ("streams.completion",),
    "streams.watchdog": ("streams.completion", "streams.membership", "streams.fatal"),
    "streams.membership": (),
    "streams.cluster": ("streams.models", "streams.topic_differences"),
    "streams.group": ("streams.cluster",),
    "streams.lanes": ("streams.completion", "streams.fatal"),
    "streams.resaid": ("streams.models",),
    "streams.rekey": ("streams.models", "streams.core", "streams.records", "streams.resaid"),
    "streams.repartition": (
        "streams.models",
        "streams.kafka_settings",
        "streams.rekey",
        "streams.resaid",
        "streams.topics",
    ),
    # The doors, and what is seen from outside.
    "streams.gateway": (
        *("streams.models", "streams.core", "streams.config", "streams.kafka_settings"),
        "streams.records",
    ),
    "streams.web": ("streams.models", "streams.kafka_settings"),
    # Recordings through detectors, from files to files.
    "streams.detect": ("streams.models", "streams.config", "streams.gateway", "detectors"),
    # Loops without decisions: a record in, core asked, the answer sent.
    "streams.agents": (
        *("streams.models", "streams.core", "streams.sinks", "streams.metrics", "streams.fatal"),
        *("streams.transport", "streams.completion", "streams.positions", "streams.checkpoint"),
        "streams.membership",
    ),
    # What puts it together.
    "streams.place": ("streams.models",),
    "streams.app": (
        *("streams.models", "streams.agents", "streams.transport", "streams.completion", "streams.metrics"),
        *("streams.fatal", "streams.fetch", "streams.lanes", "streams.membership"),
    ),
    "streams.roles": ("streams.models", "streams.core", "streams.agents", "streams.sinks", "streams.gateway"),
    "streams.child": ("streams.fatal",),
    "streams.supervise": ("streams.child", "streams.health", "streams.scrape", "streams.fatal"),
    "streams.demo": (
        *("streams.models", "streams.config", "streams.kafka_settings", "streams.fatal"),
        *("streams.embedded", "streams.supervise", "streams.topics"),
    ),
    "streams.replay": ("streams.models", "streams.core"),
    "streams.flags": ("streams.models", "streams.core", "streams.replay"),
    "streams.trial": ("streams.models", "streams.core", "streams.config", "streams.replay"),
    "streams.differences": (),
    "streams.retold": ("streams.models", "streams.differences"),
    "streams.sorted_run": ("streams.models", "streams.core", "streams.differences"),
    "streams.verify": (
        *("streams.models", "streams.core", "streams.differences", "streams.resaid", "streams.retold"),
        "streams.sorted_run",
    ),
    "streams.run": ("streams",),
    "streams.cli": ("streams", "detectors"),
    "streams.__main__": ("streams", "detectors"),
}
# These may import everything below and each other; nobody below imports them.
TOPS = ("streams.run", "streams.cli", "streams.__main__")

# Whoever decides gets time, randomness and the outside as data, or not at all.
IMPURE = frozenset(
    {
        *("time", "random", "secrets", "uuid", "asyncio", "threading", "multiprocessing", "concurrent", "subprocess"),
        *("signal", "socket", "select", "selectors", "ssl", "http", "urllib", "logging", "warnings", "os", "sys", "io"),
        *("pathlib", "shutil", "tempfile", "glob", "sqlite3", "getpass", "platform"),
    }
)
PURE = ("detectors", "streams.core")
CLOCKS = frozenset({"now", "utcnow", "today"})  # datetime.now() needs no import of `time`

# A distribution that only these parts may import, so that it can be replaced.
ONLY_IN = {
    "faust": ("streams.app", "streams.transport", "streams.fetch", "streams.agents"),
    "mode": ("streams.app", "streams.transport", "streams.fetch", "streams.agents"),
    "fastapi": ("streams.web", "streams.gateway"),
    "starlette": ("streams.web", "streams.gateway"),
    "sse_starlette": ("streams.web",),
    "aiohttp": ("streams.health", "streams.supervise"),
    "paho": ("streams.gateway",),
    "redis": ("streams.sinks", "streams.web", "streams.cli"),
    "ruamel": ("streams.config",),
    "ucumvert": ("streams.models",),
    "typer": ("streams.cli", "streams.__main__"),
}
# What these parts may use at all besides the standard library.
MAY_USE = {"detectors": {"numpy"}, "streams.core": {"numpy", "msgspec", "simdjson", "shapely", "pyproj"}}

DRAWERS = frozenset({"utils", "util", "common", "helpers", "helper", "misc", "shared"})


@dataclass(frozen=True)
class Import:
    """`where` (a module of ours) imports `what`."""

    where: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.where}:{self.line} imports {self.what}"


def modules() -> list[Path]:
    return sorted(path for folder in ("streams", "detectors") for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[Import]:
    where = name_of(path)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(where, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{where}:{node.lineno}: write imports in full, not relative"
            assert node.module
            yield from (Import(where, node.lineno, _module(node.module, alias.name)) for alias in node.names)


def _module(package: str, name: str) -> str:
    """`from streams import app` imports streams.app; `from streams.app import make` does too."""
    path = ROOT / package.replace(".", "/") / name
    return f"{package}.{name}" if path.is_dir() or path.with_suffix(".py").exists() else package


def inside(module: str, part: str) -> bool:
    return module == part or module.startswith(part + ".")


def part_of(module: str) -> str | None:
    """The longest part in the law that this module belongs to; `streams` alone has no content."""
    return max((part for part in LAW if inside(module, part)), key=len, default=None)


ALL = [found for path in modules() for found in imports_of(path)]
OURS = [found for found in ALL if inside(found.what, "streams") or inside(found.what, "detectors")]


def test_every_module_stands_somewhere():
    nowhere = [name_of(path) for path in modules() if part_of(name_of(path)) is None and name_of(path) != "streams"]
    assert not nowhere, f"these need a line in LAW: {nowhere}"


def test_arrows_only_go_down():
    def allowed(found: Import) -> bool:
        part = part_of(found.where)
        return part is None or any(inside(found.what, target) for target in (part, *LAW[part]))

    against = [str(found) for found in OURS if not allowed(found)]
    assert not against, "\n".join(against)


def test_the_law_has_no_circle():
    """What a part may import stands below it: following the lines never comes back."""
    edges = {
        part: [p for p in LAW for target in targets if inside(p, target) and p != part] for part, targets in LAW.items()
    }
    done: set[str] = set()

    def visit(part: str, path: tuple[str, ...]) -> None:
        assert part not in path, " -> ".join((*path, part))
        if part in done:
            return
        for below in edges[part]:
            if not (part in TOPS and below in TOPS):
                visit(below, (*path, part))
        done.add(part)

    for part in LAW:
        visit(part, ())


@pytest.mark.parametrize("part", PURE)
def test_what_decides_touches_nothing_outside(part: str):
    against = [str(found) for found in ALL if inside(found.where, part) and found.what.split(".")[0] in IMPURE]
    assert not against, "\n".join(against)


@pytest.mark.parametrize("part", PURE)
def test_what_decides_reads_no_clock_and_no_file(part: str):
    against = [
        f"{name_of(path)}:{node.lineno} calls {_called(node)}()"
        for path in modules()
        if inside(name_of(path), part)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and _called(node) in {*CLOCKS, "open", "input", "print"}
    ]
    assert not against, "\n".join(against)


def _called(call: ast.Call) -> str:
    """`datetime.now(...)` -> now; `open(...)` -> open; the method `x.open()` of an object is not meant."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr if call.func.attr in CLOCKS else ""
    return call.func.id if isinstance(call.func, ast.Name) else ""


@pytest.mark.parametrize("part", sorted(MAY_USE))
def test_few_distributions_in_what_decides(part: str):
    known = {"streams", "detectors", *sys.stdlib_module_names, *MAY_USE[part]}
    against = [str(found) for found in ALL if inside(found.where, part) and found.what.split(".")[0] not in known]
    assert not against, "\n".join(against)


@pytest.mark.parametrize("distribution", sorted(ONLY_IN))
def test_a_distribution_stays_in_its_corner(distribution: str):
    corner = ONLY_IN[distribution]
    against = [
        str(found)
        for found in ALL
        if inside(found.what, distribution) and not any(inside(found.where, part) for part in corner)
    ]
    assert not against, "\n".join(against)


def test_no_drawers():
    tree = [path for folder in ("streams", "detectors", "tests") for path in (ROOT / folder).rglob("*")]
    drawers = [str(path.relative_to(ROOT)) for path in tree if path.stem.removeprefix("test_") in DRAWERS]
    assert not drawers, f"what is in these has better names: {drawers}"
