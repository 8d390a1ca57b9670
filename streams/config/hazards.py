"""One hazard file: `configs/hazards/<hazard>.yaml` (docs/configuration.md)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, cast

from streams.config.conditions import read_conditions
from streams.config.inputs import read_inputs, unused
from streams.config.levels import names_in, read_levels
from streams.config.message import read_message, read_sources
from streams.config.problems import Problems, Report, Words
from streams.config.table import Table, bilingual
from streams.config.yaml_file import Node, read_yaml
from streams.models.ids import ID_FORM, is_id
from streams.models.level import COLOURS, NUMBER, YELLOW
from streams.models.site import CHECKS, Check, Condition, Hazard, Lower
from streams.models.times import HOUR

SCHEMA = "tocsin.hazard/1"
SUBJECTS = ("zone", "station", "source", "reach", "event")
_ENDS = ("timer", "person")
_FORM = f"a hazard: `schema: {SCHEMA}`, hazard, name, subject, inputs, conditions, levels, …"
End = Literal["timer", "person"]


@dataclass(frozen=True, slots=True)
class HazardFile:
    """A hazard with the tree that it was read from, so that later checks know the place of things."""

    hazard: Hazard
    table: Table

    def place(self, *keys: str) -> tuple[int, int]:
        """Where a nested key stands."""
        node = self.table.node
        for key in keys[:-1]:
            node = node.value[key]
        return node.keys.get(keys[-1], node.at)


def read_hazards(folder: Path, shown: Path, problems: Problems, kinds: Iterable[str]) -> list[HazardFile]:
    """Every `*.yaml` of a folder."""
    report = problems.in_file(str(shown))
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    except (OSError, ValueError) as error:
        report.error(None, "", Words(str(error)), "a folder with hazard files (*.yaml)")
        return []
    if not paths:
        report.error(None, "", Words("no *.yaml file"), "at least one hazard file")
    found = [read_hazard(path, problems.in_file(str(shown / path.name)), kinds) for path in paths]
    return [one for one in found if one is not None]


def read_hazard(path: Path, report: Report, kinds: Iterable[str]) -> HazardFile | None:
    """One file; None when something is wrong that leaves nothing to build on."""
    before = len(report.problems.errors)
    node = read_yaml(path, report)
    if node is None:
        if len(report.problems.errors) == before:
            report.error((1, 1), "", Words("an empty file"), _FORM)
        return None
    table = Table.of(node, "", report, _FORM)
    if table is None:
        return None
    table.choice("schema", (SCHEMA,), need=True)
    hazard = _hazard(path, table, list(kinds))
    table.close()
    return HazardFile(hazard, table) if hazard and len(report.problems.errors) == before else None


def _hazard(path: Path, table: Table, kinds: list[str]) -> Hazard | None:
    name = _name(path, table)
    title = bilingual(table.table("name", need="{zh: …, en: …}"))
    subject = table.choice("subject", SUBJECTS, need=True)
    inputs_at, conditions_at = table.table("inputs"), table.table("conditions", need="at least one condition")
    inputs = read_inputs(inputs_at)
    sources = read_sources(table.table("sources"))
    named = set(inputs_at.node.value) if inputs_at else set()
    declared = set(conditions_at.node.value) if conditions_at else set()
    conditions = read_conditions(conditions_at, inputs, named, sources, kinds)
    levels = read_levels(table.table("levels", need="levels, like {yellow: CONDITION}"), declared, conditions)
    capped, checks = _quality(table.table("quality"))
    lower = _lower(table.table("lower"), str(subject))
    message = read_message(table.table("message"))
    classification = table.choice("classification", ("open", "sensitive", "restricted"), "sensitive")
    used = set[str]().union(*(names_in(rule) for rule in levels.values()))
    unused(table.report, conditions_at, set(conditions), used, "a condition")
    of = {c.input for c in conditions.values() if isinstance(c, Condition)}
    unused(table.report, inputs_at, set(inputs), of | _sources_of(inputs_at), "an input")
    if not message.texts:
        table.report.warning(
            table.node.at, "message", None, "message.default.instruction, so that a warning says what to do"
        )
    if name is None or subject is None or classification is None:
        return None
    return Hazard(
        name, title, cast("Any", subject), inputs, conditions, levels, lower, capped, checks, message,
        version_of(table.node), sources, cast("Any", classification),
    )  # fmt: skip


def _sources_of(table: Table | None) -> set[str]:
    nodes = table.node.value.values() if table else ()
    return {n.value["of"].text for n in nodes if isinstance(n.value, dict) and "of" in n.value}


def _name(path: Path, table: Table) -> str | None:
    name = table.text("hazard", need=f"the file's name: {path.stem}")
    if name is not None and name != path.stem:
        table.error("hazard", name, f"the file's name: {path.stem}", [path.stem])
    elif name is not None and not is_id(name):
        table.error("hazard", name, ID_FORM)
    return name


def _quality(table: Table | None) -> tuple[int, tuple[Check, ...]]:
    if table is None:
        return YELLOW, CHECKS
    colour = table.choice("suspect_raises_at_most", COLOURS, "yellow") or "yellow"
    checks = table.words("checks", CHECKS)
    table.close()
    return NUMBER[colour], CHECKS if checks is None else cast("tuple[Check, ...]", checks)


def _lower(table: Table | None, subject: str) -> Lower:
    """Slopes, dams, tailings, gas and fire (the alerts about a source) and everything red are a person's to end."""
    end: End = "person" if subject == "source" else "timer"
    if table is None:
        return Lower(HOUR, end, "person", HOUR)
    after, reopen = table.duration("after", HOUR), table.duration("reopen", HOUR)
    found = table.choice("end", _ENDS, end), table.choice("end_red", _ENDS, "person")
    table.close()
    return Lower(after or 0, cast("End", found[0]), cast("End", found[1]), reopen or 0)


def version_of(node: Node) -> str:
    """Digest of what the file says: comments, blanks and the order of keys do not change it."""
    said = json.dumps(node.plain(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()}"
