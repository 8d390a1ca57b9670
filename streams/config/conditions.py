"""The `conditions:` of a hazard: a value against a threshold, the absence of data, or people's reports."""

from collections.abc import Iterable

from streams.config.problems import Words, listed
from streams.config.quantity import threshold_at
from streams.config.table import Table
from streams.models.durations import FORM
from streams.models.ids import ID_FORM, is_id
from streams.models.site import Condition, Input, ReportCondition, Threshold
from streams.models.units import conversion

# key -> (kind, strict, key of the clearing threshold)
_COMPARISONS = {
    "at_least": ("above", False, "clear_below"),
    "above": ("above", True, "clear_below"),
    "at_most": ("below", False, "clear_above"),
    "below": ("below", True, "clear_above"),
}
_KEYS = {"of", *_COMPARISONS, "clear_below", "clear_above", "for", "absent", "source"}
_REPORT_KEYS = {"reports", "at_least", "within", "source"}
_FORMS = "{of: INPUT, at_least: 3 m, clear_below: 2.8 m, for: 10 min}"


def read_conditions(
    table: Table | None, inputs: dict[str, Input], declared: set[str], sources: Iterable[str], kinds: Iterable[str]
) -> dict[str, Condition | ReportCondition]:
    """All conditions that make sense. `declared` are all inputs named in the file, also those that are wrong."""
    found: dict[str, Condition | ReportCondition] = {}
    for name, node in table.items() if table else ():
        one = Table.of(node, table.path(name) if table else name, table.report, _FORMS)  # type: ignore[union-attr]
        if one is None:
            continue
        if not is_id(name):
            one.report.error(one.node.at, one.where, name, ID_FORM)
        made = _reports(name, one, kinds) if one.has("reports") else _of_input(name, one, inputs, declared)
        _check_source(one, sources)
        one.close(also=_REPORT_KEYS if one.has("reports") else _KEYS)
        if made is not None:
            found[name] = made
    return found


def _check_source(table: Table, sources: Iterable[str]) -> None:
    source = table.text("source")
    if source is not None and source not in sources:
        table.error("source", source, f"one of the keys under `sources:`: {listed(sources)}", sources)


def _reports(name: str, table: Table, kinds: Iterable[str]) -> ReportCondition | None:
    wanted = table.words("reports", kinds)
    least = table.whole("at_least", least=1, need="how many different people, like 3")
    within = table.duration("within", need=FORM)
    if wanted == () and not table.node.value["reports"].value:
        table.error("reports", Words("no kind of report"), f"some of {listed(kinds)}")
    if not wanted or least is None or within is None:
        return None
    return ReportCondition(name, wanted, least, within, table.text("source"))


def _of_input(name: str, table: Table, inputs: dict[str, Input], declared: set[str]) -> Condition | None:
    of = table.text("of", need=f"the input, one of {listed(declared)}; or `reports: [KIND]`")
    if of is not None and of not in declared:
        table.error("of", of, f"one of the inputs {listed(declared)}", declared)
    given = [key for key in (*_COMPARISONS, "absent") if table.has(key)]
    if not given and table.node.value.keys() - _KEYS:
        return None  # a misspelt key, which is said when the table is closed
    if len(given) != 1:
        keys = f"one of {', '.join(_COMPARISONS)}, absent"
        found = Words("both " + " and ".join(given)) if given else None
        table.report.error(table.node.at, table.where, found, keys)
        return None
    if of not in inputs:
        return None
    return _absence(name, table, of) if given == ["absent"] else _comparison(name, table, inputs[of], given[0])


def _absence(name: str, table: Table, of: str) -> Condition | None:
    hold = table.duration("absent", need=FORM)
    for key in ("clear_below", "clear_above", "for"):
        if table.has(key):
            table.error(key, Words(f"{key} beside absent"), "absent alone: it ends with the next reading")
    return None if hold is None else Condition(name, of, "absent", hold=hold, source=table.text("source"))


def _comparison(name: str, table: Table, source: Input, key: str) -> Condition | None:
    kind, strict, clear = _COMPARISONS[key]
    other = "clear_above" if clear == "clear_below" else "clear_below"
    if table.has(other):
        table.error(other, Words(f"{other} beside {key}"), f"{clear}: it is what ends {key}")
    on = threshold_at(table, key, source.unit)
    off = threshold_at(table, clear, source.unit) if table.has(clear) else on
    hold = table.duration("for", 0)
    if on is None or off is None or hold is None:
        return None
    if wrong_side(on, off, kind, source.unit):
        side = "at or below" if kind == "above" else "at or above"
        table.error(clear, table.node.value[clear].text, f"a value {side} {table.node.value[key].text}")
    return Condition(
        name, source.name, "above" if kind == "above" else "below", on, off, strict, hold, table.text("source")
    )


def wrong_side(on: Threshold, off: Threshold, kind: str, unit: str) -> bool:
    """Whether a clearing threshold lies beyond the one it clears; of different attributes only a station can tell."""
    if on.attribute != off.attribute:
        return False
    distance = _in(off, unit) - _in(on, unit)
    return distance > 0 if kind == "above" else distance < 0


def _in(threshold: Threshold, unit: str) -> float:
    change = conversion(threshold.unit, unit)
    return change.difference(threshold.offset) if threshold.attribute else change(threshold.offset)
