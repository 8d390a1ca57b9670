"""One hazard file: `configs/hazards/<hazard>.yaml` (docs/configuration.md)."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from streams.config.activity import Overlaid, settle, sources_with
from streams.config.conditions import Context, read_conditions
from streams.config.conduct import read_area, read_lower, read_quality
from streams.config.folders import warn_unread, yaml_files
from streams.config.inputs import read_inputs, unused
from streams.config.levels import names_in, read_levels
from streams.config.message import read_message, read_sources
from streams.config.overlays import Overlays
from streams.config.problems import Problems, Report, Words
from streams.config.table import Table, bilingual
from streams.config.yaml_file import Node, read_yaml
from streams.models.ids import ID_FORM, is_id
from streams.models.site import AnyCondition, Hazard

SCHEMA = "tocsin.hazard/1"
SUBJECTS = ("zone", "station", "source", "reach", "event")
_FORM = f"a hazard: `schema: {SCHEMA}`, hazard, name, subject, inputs, conditions, levels, …"


@dataclass(frozen=True, slots=True)
class HazardFile:
    """A hazard with the tree that it was read from, so that later checks know the place of things."""

    hazard: Hazard
    table: Table
    conditions: dict[str, AnyCondition]  # all of the file, also those that are not active

    def place(self, *keys: str) -> tuple[int, int]:
        """Where a nested key stands."""
        node = self.table.node
        for key in keys[:-1]:
            node = node.value[key]
        return node.keys.get(keys[-1], node.at)


def hazard_names(folder: Path) -> set[str]:
    """What the files of a folder are called, whether they are good or not."""
    with suppress(OSError, ValueError):
        return {path.stem for path in yaml_files(folder)}
    return set()


def read_hazards(
    folder: Path, shown: Path, problems: Problems, kinds: Iterable[str], overlays: Overlays | None = None
) -> list[HazardFile]:
    """Every `*.yaml` of a folder, with its overlays."""
    report = problems.in_file(str(shown))
    try:
        paths = yaml_files(folder)
        warn_unread(folder, report)
    except (OSError, ValueError) as error:
        why = "no such folder" if not folder.exists() else str(error)
        report.error(None, "", Words(why), "a folder with hazard files (*.yaml)")
        return []
    if not paths:
        report.error(None, "", Words("no *.yaml file"), "at least one hazard file")
    overlays = overlays or Overlays()
    overlays.check_names({path.stem for path in paths})
    found = [read_hazard(path, problems.in_file(str(shown / path.name)), kinds, overlays) for path in paths]
    return [one for one in found if one is not None]


def read_hazard(
    path: Path, report: Report, kinds: Iterable[str], overlays: Overlays | None = None
) -> HazardFile | None:
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
    over = (overlays or Overlays()).lay_over(path.stem, node)
    table.choice("schema", (SCHEMA,), need=True)
    made = _hazard(path, table, list(kinds), over)
    table.close()
    return made if len(report.problems.errors) == before else None


def _hazard(path: Path, table: Table, kinds: list[str], over: Overlaid) -> HazardFile | None:
    name = _name(path, table)
    title = bilingual(table.table("name", need="{zh: …, en: …}"))
    subject = table.choice("subject", SUBJECTS, need=True)
    sources = read_sources(table.table("sources"))
    inputs_at, conditions_at = table.table("inputs"), table.table("conditions", need="at least one condition")
    inputs = read_inputs(inputs_at)
    named = set(inputs_at.node.value) if inputs_at else set()
    found = read_conditions(
        conditions_at, Context(inputs, named, sources, tuple(kinds), frozenset(over.given), over.unset, over.memory)
    )
    levels_at = table.table("levels", need="levels, like {yellow: CONDITION}")
    rules, empty = read_levels(levels_at, found.declared, found.good)
    active = settle(table, rules, empty, found, over)
    doubt, lower = read_quality(table.table("quality")), read_lower(table.table("lower"), str(subject))
    message, area = read_message(table.table("message")), read_area(table)
    classification = table.choice("classification", ("open", "sensitive", "restricted"), "sensitive")
    _warn_unused(table, inputs_at, conditions_at, set().union(*map(names_in, rules.values())))
    if not message.texts:
        table.report.warning(
            table.node.at, "message", None, "message.default.instruction, so that a warning says what to do"
        )
    if name is None or subject is None or classification is None:
        return None
    hazard = Hazard(
        name, title, cast("Any", subject), inputs, active.conditions, active.levels, lower, doubt.raises_at_most,
        doubt.checks, message, version_of(table.node, over.accepted), sources_with(sources, over),
        cast("Any", classification), doubt.agreeing, area, active.inactive,
    )  # fmt: skip
    return HazardFile(hazard, table, found.good)


def _warn_unused(table: Table, inputs_at: Table | None, conditions_at: Table | None, used: set[str]) -> None:
    declared = set(conditions_at.node.value) if conditions_at else set()
    unused(table.report, conditions_at, declared, used, "a condition")
    of = _sources_of(inputs_at) | _sources_of(conditions_at)
    unused(table.report, inputs_at, set(inputs_at.node.value) if inputs_at else set(), of, "an input")


def _sources_of(table: Table | None) -> set[str]:
    nodes = table.node.value.values() if table else ()
    of = [n.value["of"] for n in nodes if isinstance(n.value, dict) and "of" in n.value]
    parts = [part for one in of for part in (one.value.values() if isinstance(one.value, dict) else [one])]
    return {one.text for one in parts}


def _name(path: Path, table: Table) -> str | None:
    name = table.text("hazard", need=f"the file's name: {path.stem}")
    if name is not None and name != path.stem:
        table.error("hazard", name, f"the file's name: {path.stem}", [path.stem])
    elif name is not None and not is_id(name):
        table.error("hazard", name, ID_FORM)
    return name


def version_of(node: Node, accepted: dict[int, str] | None = None) -> str:
    """Digest of what the file and its overlays say: comments, blanks and the order of keys do not change it."""
    content = [node.plain(), accepted] if accepted else node.plain()
    said = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()}"
