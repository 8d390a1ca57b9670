"""The steps of an input: parts of the catalogue, with parameters in words, durations, numbers with their units."""

from collections.abc import Mapping
from dataclasses import replace
from inspect import Parameter
from typing import Any

from detectors import DETECTORS
from detectors.offline import takes_rows
from detectors.transforms import TRANSFORMS
from streams.config.parts import DURATIONS, PARTS, make, parameters_of
from streams.config.presets import load_preset, preset_names
from streams.config.problems import Words, listed
from streams.config.quantity import Wrong, quantity
from streams.config.table import Table, said
from streams.config.yaml_file import Node
from streams.models.durations import FORM
from streams.models.site import Step
from streams.models.times import SECOND
from streams.models.units import conversion

#: parameters that are numbers of the value's unit ({}), or of a fixed one; by part, as some names mean several things
QUANTITIES: Mapping[str, Mapping[str, str]] = {
    "days_over": {"level": "{}"},
    "forecast": {"level": "{}"},
    "inverse_velocity": {"min_rate": "{}/d"},
    "rain_threshold": {"a": "mm/h"},
    "stuck": {"tolerance": "{}"},
    "tangent_angle": {"uniform": "{}/d", "min_rate": "{}/d"},
    "uniform_rate": {"uniform": "{}/d", "min_rate": "{}/d"},
}
#: these have defaults in the value's unit, or are told in it
ALWAYS = frozenset({"days_over", "forecast", "inverse_velocity", "tangent_angle", "uniform_rate"})


class Steps:
    """Reads the steps of one input in order."""

    def __init__(self, table: Table, channels: tuple[str, ...] = ()) -> None:
        """`channels`: of an input that is made of several."""
        self._table, self._channels = table, channels

    def one(self, node: Node, unit: str, number: int) -> Step | None:
        """A step of values in a unit; the first of several channels takes rows."""
        where, form = self._table.path("steps"), "one transform, like {rate: {over: 30 min}}"
        outer = Table.of(node, where, self._table.report, form)
        if outer is None:
            return None
        if len(node.value) != 1:
            self._table.report.error(node.at, where, Words(f"{len(node.value)} keys"), form)
            return None
        ((part, inner),) = outer.items()
        rows = bool(self._channels) and number == 0
        if part not in PARTS or takes_rows(part) != rows:
            self._wrong(node, part, rows=rows)
            return None
        parameters = Table.of(inner, f"{where}.{part}", self._table.report, "a mapping like {over: 30 min}")
        return self._made(part, parameters, unit) if parameters is not None else None

    def _wrong(self, node: Node, part: str, *, rows: bool) -> None:
        taken = [[n for n in names if takes_rows(n) == rows] for names in (TRANSFORMS, DETECTORS)]
        found = part
        if part in PARTS:
            found = Words(f"{part}, which takes {'one value' if rows else 'several channels'}")
        expected = f"one of the transforms {listed(taken[0], 40)}, or of the detectors {listed(taken[1], 40)}"
        if part in PARTS and not rows:
            expected += "; several channels come from `of: {NAME: INPUT, …}`"
        near = (*taken[0], *taken[1]) if part not in PARTS else ()
        self._table.report.error(node.keys[part], self._table.path("steps"), found, expected, near)

    def _made(self, part: str, table: Table, unit: str) -> Step | None:
        known = parameters_of(part)
        before = len(table.report.problems.errors)
        parameters = _preset(part, table)
        table.close(also=known)
        if part in TRANSFORMS and known.get("over") is not None and not takes_rows(part):
            table.get("over", need=f"a duration ({FORM})")
        for key in sorted(table.node.value.keys() & known.keys()):
            parameters[key] = self._parameter(table, part, known[key], unit)
        if len(table.report.problems.errors) > before:
            return None
        if self._channels and "items" in known and "items" not in parameters:
            parameters["items"] = ",".join(self._channels)
        step = Step(part, parameters)
        try:
            make(step, len(self._channels))
        except (ValueError, TypeError, MemoryError) as error:
            if _short(table, parameters):
                return None
            table.report.error(table.node.at, table.where, Words(str(error)), f"parameters that {part} can work with")
            return None
        bears = part in ALWAYS or "tolerance" in parameters
        return replace(step, unit=unit) if bears else step

    def _parameter(self, table: Table, part: str, known: Parameter, unit: str) -> Any:
        """One parameter: a duration, a number with its unit, a whole number or a word, as its default tells."""
        key = known.name
        if key in DURATIONS:
            return table.duration(key, need=f"a duration ({FORM})")
        if key in QUANTITIES.get(part, {}):
            return _quantity(table, key, QUANTITIES[part][key].format(unit))
        if isinstance(known.default, int):
            return table.whole(key, least=1)
        return _number(table, key) if isinstance(known.default, float) else table.text(key)


def _short(table: Table, parameters: dict[str, Any]) -> bool:
    """Say that a window, or the gap in one, is too short to hold anything."""
    for key, least, words in (("over", SECOND, "1 s or longer"), ("max_gap", 1, "longer than nothing, like 10 min")):
        length = parameters.get(key)
        if key in table.node.value and isinstance(length, int) and length < least:
            table.error(key, said(table.node.value[key]), words)
            return True
    return False


def _preset(part: str, table: Table) -> dict[str, Any]:
    """The parameters of `preset: NAME`, which others beside it replace."""
    named = "preset" in table.node.value
    names = [name for name in preset_names() if load_preset(name).part == part] if named else []
    if not names or not table.has("preset"):
        return {}
    name = table.choice("preset", names)
    return dict(load_preset(name).parameters) if name else {}


def _quantity(table: Table, key: str, like: str) -> float | None:
    node = table.get(key)
    if node is None:
        return None
    found = quantity(node.text, like) if not isinstance(node.value, dict | list) else Wrong(said(node), f"`3 {like}`")
    if isinstance(found, Wrong):
        table.error(key, Words(found.found), found.expected)
        return None
    change = conversion(found[1], like)
    return change.difference(found[0]) if like.endswith("/d") else change(found[0])


def _number(table: Table, key: str) -> float | None:
    node = table.get(key)
    if node is None:
        return None
    try:
        return float(node.value)
    except (TypeError, ValueError):
        table.error(key, said(node), "a number")
        return None
