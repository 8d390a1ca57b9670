"""`overlays/*.yaml`: what a site sets in a hazard file without editing it, value by value (docs/configuration.md)."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from streams.config.activity import Overlaid
from streams.config.conditions import deciding
from streams.config.folders import warn_unread, yaml_files
from streams.config.overlaid_datum import check_datums, datums_needed
from streams.config.problems import Problems, Words, listed, nearest_name
from streams.config.table import Table
from streams.config.yaml_file import Node, read_yaml
from streams.models.level import COLOURS, NUMBER

SCHEMA = "tocsin.overlay/1"
_FORM = f'an overlay: `schema: {SCHEMA}`, hazard, `set: {{conditions.X.at_least: 3 m}}`, `accept: {{memory: "NAME"}}`'
_FIXED = ("schema", "hazard")
#: keys of a condition that are its numbers: where one of them is set, the source is the overlay
_NUMBERS = {"at_least", "above", "at_most", "below", "forecast_reaches", "absent", "seasons", "within"}
Path_ = tuple[str, ...]


@dataclass(slots=True)
class Overlay:
    """One file."""

    table: Table
    shown: str
    hazard: str
    sets: dict[str, Node]
    person: str | None = None
    levels: tuple[int, ...] = ()  # that `accept` speaks of


@dataclass(slots=True)
class Overlays:
    """All files of the folder."""

    files: list[Overlay] = field(default_factory=list)

    def check_names(self, hazards: set[str]) -> None:
        """An overlay of a hazard that there is not would change nothing, silently."""
        for one in self.files:
            if one.hazard not in hazards:
                one.table.error("hazard", one.hazard, f"one of the hazards {listed(hazards)}", hazards)

    def lay_over(self, hazard: str, node: Node) -> Overlaid:
        """Write what the overlays set into a hazard's tree."""
        found = Overlaid(memory=_from_memory(node))
        placed: list[tuple[Path_, Overlay, str]] = []
        mine = [one for one in self.files if one.hazard == hazard]
        needed = datums_needed(node)
        _accept_all(found, [one for one in mine if one.person], node)
        for one in mine:
            for key, value in one.sets.items():
                path = _set(node, key, value, one)
                if path:
                    placed.append((path, one, key))
                    _note(found, path, value, one)
        check_datums(needed, node, [(path, one.table, key) for path, one, key in placed])
        _check_conflicts(placed)
        found.unset = _unset(found.given, node)
        return found


def read_overlays(folder: Path, shown: Path, problems: Problems) -> Overlays:
    """Every `*.yaml` of a folder that may be missing."""
    try:
        paths = yaml_files(folder) if folder.exists() else []
        if folder.exists():
            warn_unread(folder, problems.in_file(str(shown)))
    except (OSError, ValueError) as error:
        problems.in_file(str(shown)).error(None, "", Words(str(error)), "a folder with overlays (*.yaml), or none")
        paths = []
    found = (_read(path, problems, shown / path.name) for path in paths)
    return Overlays([one for one in found if one is not None])


def _read(path: Path, problems: Problems, shown: Path) -> Overlay | None:
    report = problems.in_file(str(shown))
    before = len(problems.errors)
    node = read_yaml(path, report)
    if node is None and len(problems.errors) == before:
        report.error((1, 1), "", Words("an empty file"), _FORM)
    table = Table.of(node, "", report, _FORM)
    if table is None:
        return None
    table.choice("schema", (SCHEMA,), need=True)
    hazard = table.text("hazard", need="the hazard that this is laid over")
    sets_at = table.table("set")
    sets = dict(sets_at.items()) if sets_at else {}
    person, levels = _accept(table.table("accept"))
    if not table.has("set") and not table.has("accept"):
        table.report.error(table.node.at, "", Words("neither `set` nor `accept`"), _FORM)
    table.close()
    name = f"{shown.parent.name}/{shown.name}"
    return None if hazard is None else Overlay(table, name, hazard, sets, person, levels)


def _accept(table: Table | None) -> tuple[str | None, tuple[int, ...]]:
    if table is None:
        return None, ()
    person = table.text("memory", need='the name of the person who answers for values from memory: memory: "NAME"')
    levels = table.words("levels", COLOURS)
    table.close()
    return person, tuple(NUMBER[colour] for colour in (COLOURS if levels is None else levels))


def _accept_all(found: Overlaid, overlays: list[Overlay], node: Node) -> None:
    """Who answers for which level: one person, or which one it is would be a matter of the files' names."""
    first: dict[int, Overlay] = {}
    for one in overlays:
        _warn_idle(one, node)
        for level in one.levels:
            other = first.setdefault(level, one)
            if other is not one:
                line = other.table.place("accept")[0]
                words = Words(f"{COLOURS[level - 1]}, which {other.shown} accepts in line {line}")
                one.table.report.error(one.table.place("accept"), "accept", words, "each level accepted in one overlay")
            elif one.person:
                found.accepted[level] = one.person


def _warn_idle(overlay: Overlay, node: Node) -> None:
    """Somebody still answers for values that have been verified since."""
    sources = node.value.get("sources")
    known = sources.value.values() if sources and isinstance(sources.value, dict) else ()
    statuses = [one.value["status"].text for one in known if isinstance(one.value, dict) and "status" in one.value]
    if "memory" not in statuses:
        words = Words(f"nothing from memory in hazard {overlay.hazard}")
        overlay.table.report.warning(overlay.table.place("accept"), "accept", words, "no `accept`")


def _from_memory(node: Node) -> frozenset[str]:
    """Conditions whose source is from memory: another source in an overlay gives no value, and no person's name."""
    sources, conditions = (_mapping(node.value.get(key)) for key in ("sources", "conditions"))
    memory = {
        key for key, one in sources.items() if "status" in (at := _mapping(one)) and at["status"].text == "memory"
    }
    return frozenset(
        name for name, one in conditions.items() if "source" in (at := _mapping(one)) and at["source"].text in memory
    )


def _mapping(node: Node | None) -> dict[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _set(root: Node, key: str, value: Node, overlay: Overlay) -> Path_ | None:
    """Put a value at a dotted path; the path, or None after saying why not."""
    parts, at, path = key.split("."), root, list[str]()
    while parts:
        step, rest = _step(at, parts)
        if not rest and isinstance(at.value, dict):
            step = step or ".".join(parts)  # a key that the file leaves out: whether it is known, the file's checks say
            if not path and step in _FIXED:
                break
            if value.value is None and step not in at.value:
                break
            _put(at, step, value)
            at.keys[step] = overlay.table.node.value["set"].keys[key]
            return (*path, step)
        if step is None:
            break
        path.append(step)
        if not rest:
            at.value[int(step)] = value
            return tuple(path)
        at, parts = (at.value[int(step)] if isinstance(at.value, list) else at.value[step]), rest
    _refuse(key, parts, at, path, overlay)
    return None


def _put(at: Node, key: str, value: Node) -> None:
    """A value at a key; null takes the key away."""
    if value.value is None:
        del at.value[key]
    else:
        at.value[key] = value


def _step(at: Node, parts: list[str]) -> tuple[str | None, list[str]]:
    """The next key of a path (names may hold dots) and what comes below it."""
    if isinstance(at.value, list):
        known = parts[0].isascii() and parts[0].isdecimal() and int(parts[0][:9]) < len(at.value)
        return (parts[0] if known else None), parts[1:]
    if isinstance(at.value, dict):
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            if name in at.value:
                return name, parts[length:]
    return None, parts[1:]


def _refuse(key: str, parts: list[str], at: Node, path: list[str], overlay: Overlay) -> None:
    sets = overlay.table.node.value["set"]
    where = f"set.{key}"
    if isinstance(at.value, dict):
        known = [name for name in at.value if path or name not in _FIXED]
        below = ".".join(path) or f"hazard {overlay.hazard}"
        new = path and parts[1:] and not nearest_name(parts[0], known)  # then it is no slip of the pen
        whole = f", or all of it: `{'.'.join([*path, parts[0]])}: {{…}}`" if new else ""
        overlay.table.report.error(sets.keys[key], where, parts[0], f"one of {listed(known)} in {below}{whole}", known)
    elif isinstance(at.value, list):
        expected = f"a place in the list {'.'.join(path)}: 0 to {len(at.value) - 1}, or the whole list"
        overlay.table.report.error(sets.keys[key], where, parts[0], expected)
    else:
        overlay.table.report.error(
            sets.keys[key], where, Words(f"the value {at.text!r}"), "a path to a key of the hazard file"
        )


def _note(found: Overlaid, path: Path_, value: Node, overlay: Overlay) -> None:
    """Which conditions the overlay answers for."""
    if path[0] != "conditions" or len(path) < 2:
        return
    keys = set(value.value) if len(path) == 2 and isinstance(value.value, dict) else set(path[2:3])
    if keys & _NUMBERS:
        found.given[path[1]] = overlay.shown
    if "source" in keys:
        found.sourced.add(path[1])


def _unset(given: dict[str, str], root: Node) -> dict[str, str]:
    """Of conditions that overlays speak of: the first number that decides and is still the file's own."""
    found: dict[str, str] = {}
    conditions = _mapping(root.value.get("conditions"))
    for name in given:
        if _mapping(conditions.get(name)):
            where = f"conditions.{name}"
            numbers = list(deciding(conditions[name], where)) or [(where, root)]
            own = [path for path, number in numbers if number.file == root.file]
            found |= {name: own[0]} if own else {}
    return found


def _check_conflicts(placed: list[tuple[Path_, Overlay, str]]) -> None:
    """The same value set twice: which one counts would be a matter of the files' names."""
    for (path, one, first), (other, overlay, key) in pairwise(sorted(placed, key=lambda item: item[0])):
        if other[: len(path)] == path:
            line = one.table.node.value["set"].keys[first][0]
            words = Words(f"{key}, which {one.shown} sets in line {line}" + ("" if key == first else f" ({first})"))
            at = overlay.table.node.value["set"].keys[key]
            overlay.table.report.error(at, f"set.{key}", words, "each value in one overlay")
