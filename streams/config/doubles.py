"""Files that would raise the same alert twice."""

from collections.abc import Iterable, Iterator
from typing import Any

from streams.config.hazards import HazardFile
from streams.config.problems import Words
from streams.models.expression import names_in
from streams.models.level import COLOURS
from streams.models.site import Condition, Message

Way = tuple[str, str, int, str, Any]  # event term, subject, level, property, steps


def check_doubles(files: Iterable[HazardFile]) -> None:
    """One hazard in two files; two files with one event, subject and level from one input."""
    names: dict[str, HazardFile] = {}
    ways: dict[Way, HazardFile] = {}
    for file in files:
        name = file.hazard.name
        if name in names:
            first = names[name].table.report.file
            file.table.error("hazard", Words(f"{name}, which is in {first} too"), "each hazard in one file")
            continue
        names[name] = file
        for way in _ways(file):
            other = ways.setdefault(way, file)
            if other is not file:
                _say(file, other, way)
                break


def _ways(file: HazardFile) -> Iterator[Way]:
    """The levels of a hazard and the inputs that they are made of; a hazard without an event term is like no other."""
    hazard = file.hazard
    if hazard.message.cap == Message().cap:
        return
    for level, rule in sorted(hazard.levels.items()):
        for name in sorted(names_in(rule)):
            condition = hazard.conditions.get(name)
            if isinstance(condition, Condition):
                source = hazard.inputs[condition.input]
                steps = tuple((step.part, tuple(sorted(step.parameters.items())), step.output) for step in source.steps)
                yield hazard.message.cap, hazard.subject, level, source.property, (*steps, source.output)


def _say(file: HazardFile, other: HazardFile, way: Way) -> None:
    cap, subject, level, observed, _ = way
    colour, hazard = COLOURS[level - 1], other.hazard
    words = Words(f"{colour} of one {subject} from {observed} for event {cap}, as {hazard.name} does")
    expected = (
        f"one of {hazard.name} and {file.hazard.name} in `hazards: {{use: …}}` of app.yaml, or another event or input"
    )
    file.table.report.error(file.place("levels", colour), f"levels.{colour}", words, expected)
