"""`app.yaml` and `topics.yaml`."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from streams.config.check_cells import AMOUNTS, LENGTHS, RATES, TOGETHER
from streams.config.folders import yaml_files
from streams.config.problems import Problems, Report, Words, listed
from streams.config.quantity import Wrong, quantity
from streams.config.table import Table, said
from streams.config.validated import good_part, validated
from streams.config.yaml_file import Node, read_yaml
from streams.models.datastream import LIMITS
from streams.models.durations import FORM, parse_duration
from streams.models.ids import ID_FORM, is_id
from streams.models.settings import App, PropertyQuality, Quality, Topic, Topics
from streams.models.units import is_unit

FOREVER = "forever"
#: of `defaults:` in topics.yaml; what a topic is for is not a default
DEFAULTS = ("partitions", "replication", "retention", "max_message_bytes")
_SAME_PARTITIONS = {"checkpoints.observe": "readings", "checkpoints.assess": "signals"}
_ONE_PARTITION = "config"  # rule bundles are activated in one order


def read_app(path: Path, problems: Problems, shown: str) -> App:
    """The checked app.yaml; the defaults when it is missing or wrong."""
    report = problems.in_file(shown)
    node = read_yaml(path, report, optional=True)
    if node is None or node.value is None:
        return App()
    before = len(problems.errors)
    app = validated(App, node, "", report) or good_part(App, node)
    _check_app(app, node, report)
    good = len(problems.errors) == before
    _check_use(app, node, path.parent / app.files.hazards, report)
    if good:
        return app
    bare = Quality(types=dict.fromkeys(app.quality.types, PropertyQuality()))  # else each row would meet it again
    return app.model_copy(update={"quality": bare})


def _check_app(app: App, node: Node, report: Report) -> None:
    """What only a look at the meaning shows."""
    table = Table(node, "", report)
    try:
        ZoneInfo(app.timezone)
    except (OSError, ValueError, KeyError):
        table.error("timezone", app.timezone, "a time zone like Asia/Shanghai", ("Asia/Shanghai", "Asia/Urumqi", "UTC"))
    for key in ("progress", "rebuild_readings"):
        _check_duration(table, key)
    for number, kind in enumerate(app.report_kinds):
        if not is_id(kind):
            table.error("report_kinds", kind, f"{ID_FORM} (entry {number + 1})")
    quality = table.table("quality")
    if quality is not None:
        _check_duration(quality, "stuck_for", "never")
        for group, known in (("properties", app.quality.properties), ("types", app.quality.types)):
            found = quality.table(group)
            for name, one in [(name, one) for name, one in (found.items() if found else ()) if name in known]:
                _check_property(known[name], Table(one, f"quality.{group}.{name}", report))


def _check_use(app: App, node: Node, folder: Path, report: Report) -> None:
    """Names of hazards that there are."""
    known = [path.stem for path in yaml_files(folder)] if folder.is_dir() else []
    table = Table(node, "", report).table("hazards")
    nodes = table.sequence("use") if table and app.hazards.use is not None else None
    if nodes is not None and not nodes and table:
        table.error("use", Words("an empty list"), "the names of some hazards, or no `use`: all of them")
    for one in nodes or ():
        if known and one.text not in known:
            report.error(one.at, "hazards.use", said(one), f"some of {listed(known)}", known)


def _check_duration(table: Table, key: str, word: str = "") -> None:
    if table.has(key) and not (word and table.node.value[key].value == word):
        length = table.duration(key)
        if length == 0:
            table.error(key, said(table.node.value[key]), "longer than nothing")


def _check_property(found: PropertyQuality, table: Table) -> None:
    _check_duration(table, "stuck_for", "never")
    for key in LENGTHS:
        _check_duration(table, key)
    bounds = [bound for bound in (*LIMITS, *AMOUNTS) if getattr(found, bound) is not None]
    bounds += ["months"] if found.months else []
    if bounds and found.unit is None:
        table.report.error(
            table.node.at, table.where, Words(f"{bounds[0]} without a unit"), "`unit:`, the UCUM unit of these numbers"
        )
    elif found.unit is not None and not is_unit(found.unit):
        table.error("unit", found.unit, "a UCUM unit")
    for key in RATES:
        rate = getattr(found, key)
        wrong = None if rate is None else quantity(rate, f"{found.unit}/h" if found.unit else _unit_of(rate))
        if isinstance(wrong, Wrong):
            table.error(key, Words(wrong.found), wrong.expected)
    for names in TOGETHER:
        missing = [name for name in names if not getattr(found, name)]
        if missing and missing != list(names):
            table.error(next(name for name in names if name not in missing), None, f"{' and '.join(missing)} as well")


def _unit_of(rate: str) -> str:
    """Its own unit, where nothing else is known of it."""
    return [*rate.strip().split(maxsplit=1), "m/h"][1]


def read_topics(path: Path, problems: Problems, shown: str) -> Topics:
    """The topics of the code, with topics.yaml laid over."""
    report = problems.in_file(shown)
    node = read_yaml(path, report, optional=True)
    table = None if node is None or node.value is None else Table.of(node, "", report)
    if table is None:
        return Topics()
    defaults, own = table.table("defaults"), table.table("topics")
    table.close()
    over = _overlay(defaults, DEFAULTS) if defaults else {}
    each = {name: one for name, inner in own.items() if (one := _one(name, inner, own))} if own else {}
    for name, like in _SAME_PARTITIONS.items():
        _check_same(name, like, over, each, own)
    return Topics(topics={name: _laid(name, over, each) for name in Topics().topics})


def _overlay(table: Table, known: tuple[str, ...]) -> dict[str, Any]:
    found = {key: node.plain() for key in known if (node := table.get(key))}
    table.close()
    _check_retention(table)
    validated(Topic, Node({k: table.node.value[k] for k in found}, *table.node.at), table.where, table.report)
    return found


def _one(name: str, node: Node, own: Table) -> dict[str, Any] | None:
    known = Topics().topics
    if name not in known:
        own.report.error(own.node.keys[name], "topics", name, f"one of the topics {', '.join(known)}", known)
        return None
    table = Table.of(node, own.path(name), own.report)
    return None if table is None else _overlay(table, tuple(Topic.model_fields))


def _check_retention(table: Table) -> None:
    node = table.get("retention")
    if node is None or node.text == FOREVER:
        return
    try:
        parse_duration(node.text)
    except ValueError:
        table.error("retention", said(node), f"{FOREVER}, or {FORM}")


def _laid(name: str, over: dict[str, Any], each: dict[str, dict[str, Any]]) -> Topic:
    """A topic's own default, then `defaults`, then what is said of it by name."""
    base = Topics()[name]
    general = {key: value for key, value in over.items() if not _keeps_its_own(name, key, base)}
    values = base.model_dump() | general | each.get(name, {})
    if name in _SAME_PARTITIONS:
        values["partitions"] = _partitions(_SAME_PARTITIONS[name], over, each)
    try:
        return Topic.model_validate(values)
    except ValidationError:
        return base  # said already


def _partitions(name: str, over: dict[str, Any], each: dict[str, dict[str, Any]]) -> Any:
    return {"partitions": Topics()[name].partitions, **over, **each.get(name, {})}["partitions"]


def _check_same(name: str, like: str, over: dict[str, Any], each: dict[str, dict[str, Any]], own: Table | None) -> None:
    """Partition n of a checkpoint topic belongs to partition n of what it saves."""
    found, wanted = each.get(name, {}).get("partitions"), _partitions(like, over, each)
    if own is not None and found not in (None, wanted):
        node = own.node.value[name].value["partitions"]
        expected = f"{wanted}, as many as {like} has (or nothing: it follows)"
        own.report.error(node.at, f"{own.path(name)}.partitions", str(found), expected)


def _keeps_its_own(name: str, key: str, base: Topic) -> bool:
    return (key == "partitions" and name == _ONE_PARTITION) or (key == "retention" and base.retention == FOREVER)
