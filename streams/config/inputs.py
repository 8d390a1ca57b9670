"""The `inputs:` of a hazard: a property, or others through transforms, in the unit that its conditions speak."""

from dataclasses import replace

from detectors.base import Part
from detectors.units import Unit, given, output_of, wanted
from streams.config.parts import PARTS, make
from streams.config.problems import Report, Words, listed
from streams.config.quantity import unit_at
from streams.config.several import Of, read_channels, read_join
from streams.config.steps import Steps
from streams.config.table import Table
from streams.config.yaml_file import Node
from streams.models.ids import ID_FORM, is_id
from streams.models.site import Input, Source, Step
from streams.models.units import is_dimensionless, per_time, same_dimension

#: what these make of heights are heights, above the same datum
HEIGHTS = frozenset({"daily", "extreme", "mean", "median"})


def read_inputs(table: Table | None) -> dict[str, Input]:
    """All inputs, each after the one that it is made of."""
    if table is None:
        return {}
    tables = {name: Table.of(node, table.path(name), table.report) for name, node in table.items()}
    reading = _Reading(tables)
    for name in tables:
        reading.read(name, ())
    _check_datums(table, reading.found)
    return reading.found


def _check_datums(table: Table, found: dict[str, Input]) -> None:
    """Heights of one property are heights above a datum under every name, whoever adds another one: an overlay too."""
    raw = {name: one for name, one in found.items() if not one.steps and not one.sources}
    needed = {one.property: name for name, one in raw.items() if one.datum}
    for name, one in raw.items():
        if not one.datum and one.property in needed:
            words = Words(f"input {name} of {one.property} without `datum: required`")
            expected = (
                f"`datum: required`, as in input {needed[one.property]}: heights are compared only above the same zero"
            )
            table.report.error(table.node.value[name].at, table.path(name), words, expected)


class _Reading:
    """Inputs as they are found, those first that others are made of."""

    def __init__(self, tables: dict[str, Table | None]) -> None:
        self._tables = tables
        self.found: dict[str, Input] = {}

    def read(self, name: str, above: tuple[str, ...]) -> Input | None:
        """One input."""
        table = self._tables[name]
        if name in self.found or table is None or table.asked:
            return self.found.get(name)
        made = self._derived(name, table, above) if table.has("of") else _direct(name, table)
        table.close(also={"of", "property", "unit", "steps", "datum", "join", "max_wait", "max_age", "output"})
        if made is not None:
            self.found[name] = made
        return made

    def _derived(self, name: str, table: Table, above: tuple[str, ...]) -> Input | None:
        for key in ("property", "datum"):
            if table.has(key):
                table.error(key, Words(f"both `of` and `{key}`"), "one of them: what is derived has both of its input")
        if isinstance(table.node.value["of"].value, dict):
            return self._several(name, table, above)
        other = table.text("of")
        source = self._of(table, other, (*above, name)) if other is not None else None
        for key in ("join", "max_wait", "max_age"):
            if table.has(key):
                table.error(key, Words(f"{key} of one input"), "`of: {NAME: INPUT, …}` beside it, or nothing")
        if source is None:
            return None
        made = _made(table, name, source, ())
        if made is None:
            return None
        datum = source.datum and all(step.part in HEIGHTS for step in made.steps[len(source.steps) :])
        return Input(
            name, source.property, made.unit, made.steps, datum, made.output, source.sources, source.join,
            source.max_wait, source.max_age,
        )  # fmt: skip

    def _several(self, name: str, table: Table, above: tuple[str, ...]) -> Input | None:
        """An input of several: its first step takes rows."""
        of: Of = read_channels(table, lambda at, other: self._of(at, other, (*above, name)))
        if not of:
            return None
        first = next(iter(of.values()))
        made = _made(table, name, Input("", first.property, first.unit), tuple(of))
        if made is None:
            return None
        part = make(made.steps[0], len(of))
        sources = _sources(table, of, part.inputs or tuple(of), part.input_units)
        joined = read_join(table, part.join)
        if sources is None or joined is None:
            return None
        return Input(name, sources[0].property, made.unit, made.steps, False, made.output, sources, *joined)

    def _of(self, table: Table, other: str, above: tuple[str, ...]) -> Input | None:
        if other not in self._tables or other in above:
            near = () if other in self._tables else self._tables
            expected = f"one of the inputs {listed(self._tables)}" if near else "an input that is not made of this one"
            table.error("of", other, expected, near)
            return None
        return self.read(other, above)


def _direct(name: str, table: Table) -> Input | None:
    observed = table.text("property", need="the observed property, or `of: INPUT` for a derived input")
    unit = unit_at(table, "unit")
    if observed and not is_id(observed):
        table.error("property", observed, ID_FORM)
    if table.has("steps"):
        table.error("steps", Words("steps without `of`"), "`of: INPUT` beside steps: name the raw input first")
    for key in ("join", "max_wait", "max_age", "output"):
        if table.has(key):
            table.error(key, Words(f"{key} without `of`"), "`of: …` beside it, or nothing")
    datum = table.choice("datum", ("required",)) if table.has("datum") else None
    return Input(name, observed, unit, datum=datum is not None) if observed and unit else None


def _sources(table: Table, of: Of, channels: tuple[str, ...], units: tuple[str, ...]) -> tuple[Source, ...] | None:
    """The channels in the order of the part, each in the unit that it has to be in."""
    if set(of) != set(channels):
        table.error("of", Words(listed(of)), f"the channels {listed(channels)}")
        return None
    kept = len(units) == 0 and table.node.value["steps"].value[0].value.keys() == {"multivariate"}
    first, found = of[channels[0]].unit, []
    for number, channel in enumerate(channels):
        source = of[channel]
        unit = units[number] if units else source.unit if kept else first
        if not same_dimension(source.unit, unit):
            table.error("of", Words(f"{channel} in {source.unit}"), f"an input that can be converted to {unit}")
            return None
        found.append(Source(channel, source.property, unit, source.steps, source.output))
    return tuple(found)


def _made(table: Table, name: str, source: Input, channels: tuple[str, ...]) -> Input | None:
    """An input's steps after those of its source, and its unit and output."""
    before = len(table.report.problems.errors)
    nodes = table.sequence("steps", need="a list like [{rate: {over: 30 min}}]") or []
    found = _steps(table, source, channels, nodes)
    if found is None or (channels and not nodes):
        return None
    steps, unit, fixed = found
    output = table.text("output")
    code = unit.code if unit.code in fixed and not table.has("unit") else unit_at(table, "unit")
    if code is None or len(table.report.problems.errors) > before:
        return None
    if not same_dimension(code, unit.code):
        table.error("unit", code, _right_unit(steps[len(source.steps) :], source, unit))
        return None
    return Input(name, source.property, code, tuple(steps), output=output)


def _steps(
    table: Table, source: Input, channels: tuple[str, ...], nodes: list[Node]
) -> tuple[list[Step], Unit, set[str]] | None:
    """All steps, what comes out, and the units that an answer may be left in without a word."""
    reader, steps, unit = Steps(table, channels), list(_built_upon(source)), Unit(source.unit)
    output, fixed = table.text("output"), {source.unit, "1"}
    for number, node in enumerate(nodes):
        step = reader.one(node, unit.code, number)
        if step is None or not _fits(table, steps, step, unit):
            return None
        part, last = make(step, len(channels)), number == len(nodes) - 1
        if not _picks(table, step, part, output, last=last):
            return None
        unit = given(part, unit, output if last else None)
        fixed |= set(part.units)
        steps.append(step)
    if output is not None and (not nodes or len(PARTS[steps[-1].part].outputs) == 1):
        table.error("output", output, "nothing: the last step gives out one value")
    return steps, unit, fixed


def _built_upon(source: Input) -> tuple[Step, ...]:
    """The steps of an input that others follow: the last one has to say itself which of its answers goes on."""
    if source.output is None:
        return source.steps
    return (*source.steps[:-1], replace(source.steps[-1], output=source.output))


def _picks(table: Table, step: Step, part: Part, output: str | None, *, last: bool) -> bool:
    """Of several answers one goes on, and only at the end."""
    try:
        output_of(part, output if last else None)
    except LookupError as error:
        said = output if last and output else Words(f"{step.part}, which gives out several values")
        expected = f"`output`: {error}" if last else "it at the end, with `output` beside the steps"
        table.error("output" if last and output else "steps", said, expected, part.outputs if last and output else ())
        return False
    return True


def _fits(table: Table, before: list[Step], step: Step, unit: Unit) -> bool:
    if before and PARTS[before[-1].part].outputs == ("score",) and before[-1].part != "threshold":
        found, expected = "a detector before other steps", "a detector at the end: it makes a score of a value"
    elif step.part == "rate" and any(one.part == "rate" for one in before):
        found, expected = "a second rate", "at most one rate in a chain of inputs"
    elif (asked := wanted(make(step))) and not same_dimension(unit.code, asked):
        found, expected = f"{step.part} of values in {unit.code}", f"values that can be converted to {asked}"
    else:
        return True
    table.error("steps", Words(found), expected)
    return False


def _right_unit(own: list[Step], source: Input, unit: Unit) -> str:
    if is_dimensionless(unit.code):
        return "1: a score has no unit" if PARTS[own[-1].part].outputs == ("score",) else "1: it has no unit"
    if any(step.part == "rate" for step in own) and per_time(f"{source.unit}/h", source.unit):
        return f"{source.unit} per time, like {source.unit}/h"
    return f"a unit that {unit.code} can be converted to"


def unused(report: Report, table: Table | None, names: set[str], used: set[str], what: str) -> None:
    """Warn of names that nothing speaks of."""
    for name in sorted(names - used):
        at = table.node.keys.get(name) if table else None
        place = table.path(name) if table else name
        report.warning(at, place, Words(f"{what} that nothing uses"), "one that is used, or none")
