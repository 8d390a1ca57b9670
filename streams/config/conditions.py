"""The `conditions:` of a hazard, each with a name: of an input, of people's reports, or of another hazard's alerts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from streams.config.comparison import COMPARISONS, KEYS, read_comparison
from streams.config.other_conditions import (
    ALERT_KEYS,
    REPORT_KEYS,
    read_absence,
    read_alert,
    read_forecast,
    read_reports,
)
from streams.config.problems import Words, listed
from streams.config.quantity import LOCAL
from streams.config.table import Table
from streams.config.yaml_file import Node
from streams.models.ids import ID_FORM, is_id
from streams.models.site import AnyCondition, Input

_FORMS = "{of: INPUT, at_least: 3 m, clear_below: 2.8 m, for: 10 min}"
_OF_INPUT = (*COMPARISONS, "forecast_reaches", "absent")
OPEN = (*COMPARISONS, "clear_below", "clear_above", "forecast_reaches")  # keys where `local` may stand


@dataclass(slots=True)
class Conditions:
    """What was found. `declared` are all names in the file, also of conditions that are wrong in themselves."""

    declared: set[str] = field(default_factory=set)
    good: dict[str, AnyCondition] = field(default_factory=dict)
    asleep: dict[str, str] = field(default_factory=dict)  # name -> why it is not active
    unconfirmed: set[str] = field(default_factory=set)  # of these, those that somebody may accept as they are


@dataclass(frozen=True, slots=True)
class Context:
    """What conditions may speak of. `named` are all inputs in the file, also those that are wrong."""

    inputs: dict[str, Input]
    named: set[str]
    sources: dict[str, dict[str, Any]]
    kinds: tuple[str, ...]  # of reports
    given: frozenset[str] = frozenset()  # conditions of which an overlay sets a number
    unset: Mapping[str, str] = field(default_factory=dict)  # of these: a number that decides and is still the file's
    memory: frozenset[str] = frozenset()  # conditions whose source was from memory before an overlay named another


def read_conditions(table: Table | None, context: Context) -> Conditions:
    """All conditions."""
    found = Conditions(set(table.node.value) if table else set())
    for name, node in table.items() if table else ():
        one = Table.of(node, table.path(name) if table else name, table.report, _FORMS)  # type: ignore[union-attr]
        if one is None:
            continue
        if name == LOCAL:
            one.report.error(
                one.node.at, one.where, name, f"another name: {LOCAL} stands for what the site has to give"
            )
        elif not is_id(name):
            one.report.error(one.node.at, one.where, name, ID_FORM)
        source = _source(one, context)
        made = _made(name, one, context)
        if made is not None:
            found.good[name] = made
        _sleep(found, name, one, context.sources.get(source or "", {}).get("status"), context)
    return found


def _made(name: str, table: Table, context: Context) -> AnyCondition | None:
    made: AnyCondition | None
    if table.has("reports"):
        made, known = read_reports(name, table, context.kinds), REPORT_KEYS
    elif table.has("alert"):
        made, known = read_alert(name, table), ALERT_KEYS
    else:
        made, known = _of_input(name, table, context), KEYS
    table.close(also=known)
    return made


def _source(table: Table, context: Context) -> str | None:
    source = table.text("source")
    if source is not None and source not in context.sources:
        table.error("source", source, f"one of the keys under `sources:`: {listed(context.sources)}", context.sources)
    return source


def _sleep(found: Conditions, name: str, table: Table, status: str | None, context: Context) -> None:
    """A number that nobody has given, or that nobody has confirmed, does not act."""
    empty = next(_empty(table.node, table.where), None)
    if empty is not None:
        found.asleep[name] = f"{empty} is `{LOCAL}`: the site has not given a value"
    elif (status == "memory" or name in context.memory) and (name not in context.given or name in context.unset):
        found.asleep[name] = (
            f"{context.unset[name]} is from memory: no overlay sets it and nobody has confirmed it"
            if name in context.unset
            else f"the source of {table.where} is from memory and nobody has confirmed it"
        )
        found.unconfirmed.add(name)


def _empty(node: Node, where: str) -> Iterator[str]:
    """Where `local` stands in place of a number, also of a season."""
    yield from (f"{where}.{key}" for key in OPEN if key in node.value and node.value[key].text == LOCAL)
    seasons = node.value.get("seasons")
    for one in seasons.value if seasons is not None and isinstance(seasons.value, list) else ():
        if isinstance(one.value, dict):
            yield from _empty(one, f"{where}.seasons")


def deciding(node: Node, where: str) -> Iterator[tuple[str, Node]]:
    """The numbers that decide, also those of seasons: what only clears, delays or looks ahead is none of them."""
    yield from ((f"{where}.{key}", node.value[key]) for key in _OF_INPUT if key in node.value)
    seasons = node.value.get("seasons")
    for number, one in enumerate(seasons.value if seasons is not None and isinstance(seasons.value, list) else ()):
        if isinstance(one.value, dict):
            yield from deciding(one, f"{where}.seasons.{number}")


def _of_input(name: str, table: Table, context: Context) -> AnyCondition | None:
    of = table.text("of", need=f"the input, one of {listed(context.named)}; or `reports: [KIND]`, or `alert: HAZARD`")
    if of is not None and of not in context.named:
        table.error("of", of, f"one of the inputs {listed(context.named)}", context.named)
    given = [key for key in _OF_INPUT if table.has(key)]
    if not given and table.node.value.keys() - KEYS:
        return None  # a misspelt key, which is said when the table is closed
    if len(given) != 1 and not (not given and table.has("seasons")):
        found = Words("both " + " and ".join(given)) if given else None
        table.report.error(table.node.at, table.where, found, f"one of {', '.join(_OF_INPUT)}")
        return None
    source = context.inputs.get(of or "")
    if source is None:
        return None
    if given == ["absent"]:
        return read_absence(name, table, source)
    if given == ["forecast_reaches"]:
        return read_forecast(name, table, source)
    return read_comparison(name, table, source, given[0] if given else "")
