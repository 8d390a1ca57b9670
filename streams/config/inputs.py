"""The `inputs:` of a hazard: a property, or another input through transforms, in the unit that its conditions speak."""

from typing import Any

from detectors import DETECTORS
from detectors.offline import takes_rows
from detectors.transforms import TRANSFORMS
from streams.config.parts import DURATIONS, PARTS, fits_a_step, parameters_of
from streams.config.problems import Report, Words, listed
from streams.config.quantity import unit_at
from streams.config.table import Table, said
from streams.config.yaml_file import Node
from streams.models.durations import FORM
from streams.models.ids import ID_FORM, is_id
from streams.models.site import Input, Step
from streams.models.units import is_dimensionless, per_time, same_dimension

_SCORES = DETECTORS.keys() - {*TRANSFORMS, "threshold"}  # what they give out is a plain number


def read_inputs(table: Table | None) -> dict[str, Input]:
    """All inputs, each after the one that it is made of."""
    if table is None:
        return {}
    tables = {name: Table.of(node, table.path(name), table.report) for name, node in table.items()}
    found: dict[str, Input] = {}
    for name in tables:
        _read(name, tables, found, ())
    return found


def _read(name: str, tables: dict[str, Table | None], found: dict[str, Input], above: tuple[str, ...]) -> Input | None:
    table = tables[name]
    if name in found or table is None or table.asked:
        return found.get(name)
    made = _derived(name, table, tables, found, above) if table.has("of") else _direct(name, table)
    table.close(also={"of", "property", "unit", "steps"})
    if made is not None:
        found[name] = made
    return made


def _direct(name: str, table: Table) -> Input | None:
    observed = table.text("property", need="the observed property, or `of: INPUT` for a derived input")
    unit = unit_at(table, "unit")
    if observed and not is_id(observed):
        table.error("property", observed, ID_FORM)
    if table.has("steps"):
        table.error("steps", Words("steps without `of`"), "`of: INPUT` beside steps: name the raw input first")
    return Input(name, observed, unit) if observed and unit else None


def _derived(
    name: str, table: Table, tables: dict[str, Table | None], found: dict[str, Input], above: tuple[str, ...]
) -> Input | None:
    if table.has("property"):
        table.error("property", Words("both `of` and `property`"), "one of them")
    before = len(table.report.problems.errors)
    unit = unit_at(table, "unit")
    steps = [
        s
        for node in table.sequence("steps", need="a list like [{rate: {over: 30 min}}]") or []
        if (s := _step(node, table))
    ]
    other = table.text("of")
    if other is None:
        return None
    if other not in tables or other == name or other in above:
        expected = "an input that is not made of this one" if other in tables else f"one of the inputs {listed(tables)}"
        table.error("of", other, expected, () if other in tables else tables)
        return None
    source = _read(other, tables, found, (*above, name))
    if source is None or unit is None:
        return None
    made = Input(name, source.property, unit, (*source.steps, *steps))
    if len(table.report.problems.errors) == before:
        _check_unit(table, source, made)
    return made


def _check_unit(table: Table, source: Input, made: Input) -> None:
    rates = [sum(step.part == "rate" for step in one.steps) for one in (source, made)]
    scores = [step.part in _SCORES for step in made.steps]
    if any(scores[:-1]):
        table.error(
            "steps", Words("a detector before other steps"), "a detector at the end: it makes a score of a value"
        )
    elif any(scores):
        if not is_dimensionless(made.unit):
            table.error("unit", made.unit, "1: a score has no unit")
    elif rates[1] > 1:
        table.error("steps", Words("a second rate"), "at most one rate in a chain of inputs")
    elif rates[1] > rates[0] and not per_time(made.unit, source.unit):
        table.error("unit", made.unit, f"{source.unit} per time, like {source.unit}/h")
    elif rates[1] == rates[0] and not same_dimension(made.unit, source.unit):
        table.error("unit", made.unit, f"a unit that {source.unit} can be converted to")


def _step(node: Node, table: Table) -> Step | None:
    where, form = table.path("steps"), "one transform, like {rate: {over: 30 min}}"
    outer = Table.of(node, where, table.report, form)
    if outer is None:
        return None
    if len(node.value) != 1:
        table.report.error(node.at, where, Words(f"{len(node.value)} keys"), form)
        return None
    ((part, inner),) = outer.items()
    if part not in PARTS or not fits_a_step(part):
        taken, found = _takes_one(), part if part not in PARTS else Words(f"{part}, {_too_much(part)}")
        expected = f"one of the transforms {listed(taken[0])}, or of the detectors {listed(taken[1])}"
        near = (*taken[0], *taken[1]) if part not in PARTS else ()
        table.report.error(node.keys[part], where, found, expected, near)
        return None
    parameters = Table.of(inner, f"{where}.{part}", table.report, "a mapping like {over: 30 min}")
    return _made(part, parameters) if parameters is not None else None


def _made(part: str, table: Table) -> Step | None:
    known, make = parameters_of(part), TRANSFORMS.get(part) or DETECTORS[part]  # in a chain `rate` is the transform
    table.close(also=known)
    if part in TRANSFORMS and "over" in known:
        table.get("over", need=f"a duration ({FORM})")
    before = len(table.report.problems.errors)
    parameters = {key: _parameter(table, key, known[key].default) for key, node in table.items() if key in known}
    if len(table.report.problems.errors) > before or ("over" in known and "over" not in parameters):
        return None
    try:
        make(**parameters)
    except (ValueError, TypeError, MemoryError) as error:
        table.report.error(table.node.at, table.where, Words(str(error)), f"parameters that {part} can work with")
        return None
    return Step(part, parameters)


def _takes_one() -> tuple[list[str], list[str]]:
    """The transforms and the detectors that a step may name."""
    transforms, detectors = ([name for name in names if fits_a_step(name)] for names in (TRANSFORMS, DETECTORS))
    return transforms, detectors


def _too_much(part: str) -> str:
    return "which takes several channels" if takes_rows(part) else "which gives out several values"


def _parameter(table: Table, key: str, default: Any) -> Any:
    """One parameter of a transform: a duration, a whole number or a word, as its default tells."""
    if key in DURATIONS:
        return table.duration(key, need=f"a duration ({FORM})")
    if isinstance(default, int):
        return table.whole(key, least=1)
    if isinstance(default, float):
        return _number(table, key)
    return table.text(key)


def _number(table: Table, key: str) -> float | None:
    node = table.get(key)
    if node is None:
        return None
    try:
        return float(node.value)
    except (TypeError, ValueError):
        table.error(key, said(node), "a number")
        return None


def unused(report: Report, table: Table | None, names: set[str], used: set[str], what: str) -> None:
    """Warn of names that nothing speaks of."""
    for name in sorted(names - used):
        at = table.node.keys.get(name) if table else None
        place = table.path(name) if table else name
        report.warning(at, place, Words(f"{what} that nothing uses"), "one that is used, or none")
