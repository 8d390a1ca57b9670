"""Levels that cannot be reached, or hold before anything is: a threshold beyond every instrument, a `not` alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.config.at_stations import bounds_of, fed_by, resolved
from streams.config.hazards import HazardFile
from streams.config.inputs import HEIGHTS
from streams.config.logic import constant
from streams.config.problems import Words
from streams.config.stations import Stations
from streams.models.datastreams import NONE, Codes, Numbers
from streams.models.expression import counts, each_of, names_in, parts_of
from streams.models.level import COLOURS, reached
from streams.models.possible import may_be
from streams.models.site import Condition, Expression, Hazard, Threshold

Bools = NDArray[np.bool_]
_MANY = 1_000  # more points than any count of them asks for


def warn_unreachable(file: HazardFile, stations: Stations) -> None:
    """One warning for each level whose rule can never be true."""
    hazard = file.hazard
    _warn_constant(file)
    if not len(stations.table.of_property(hazard.properties)):
        return  # nothing feeds it, which `agreement` says
    judge = _Judge(file, stations)
    for level, rule in sorted(hazard.levels.items()):
        why = judge.why(rule)
        if why:
            colour = COLOURS[level - 1]
            words = Words(f"level {colour} of hazard {hazard.name} cannot be reached: {why}")
            file.table.report.warning(
                file.place("levels", colour), f"levels.{colour}", words, "a rule that can be true"
            )


def _warn_constant(file: HazardFile) -> None:
    """Levels whose rule says nothing: it never holds, or always."""
    for level, rule in sorted(file.hazard.levels.items()):
        found = constant(rule)
        if found is not None:
            colour = COLOURS[level - 1]
            why = "always holds, whatever is measured" if found else "can never hold: its rule contradicts itself"
            words = Words(f"level {colour} of hazard {file.hazard.name} {why}")
            expected = "a rule that depends on its conditions"
            file.table.report.warning(file.place("levels", colour), f"levels.{colour}", words, expected)
        elif may_be(rule)[0] and not _is_measured(file.hazard, rule):
            _warn_idle(file, COLOURS[level - 1])


def _is_measured(hazard: Hazard, rule: Expression) -> bool:
    """Whether a rule speaks of a value: from the first reading on it is judged."""
    found = (hazard.conditions.get(name) for name in names_in(rule))
    return any(isinstance(one, Condition) and one.kind != "absent" for one in found)


def _warn_idle(file: HazardFile, colour: str) -> None:
    """Without any value a subject is judged from the moment on when somebody reports, an alert comes, one is silent."""
    why = "can hold while none of its conditions does, and is not judged before one has held: none is about a value"
    words = Words(f"level {colour} of hazard {file.hazard.name} {why}")
    expected = "a condition on a value beside it, or one that is true then"
    file.table.report.warning(file.place("levels", colour), f"levels.{colour}", words, expected)


@dataclass(slots=True)
class _Judge:
    """Why rules can never be true."""

    file: HazardFile
    stations: Stations

    def why(self, rule: Expression) -> str:
        """Empty when it can be true."""
        if isinstance(rule, str):
            return self._why_not(rule)
        ((kind, argument),) = rule.items()
        if kind == "any":
            return "" if "" in (found := [self.why(one) for one in argument]) else "; ".join(dict.fromkeys(found))
        if kind in ("all", "sequence"):
            inner = argument if kind == "all" else argument["of"]
            return next((why for one in inner if (why := self.why(one))), "")
        if kind == "promote":
            return self._why_not_promoted(argument)
        if kind == "vote":
            return self.why(argument["of"]) or self._too_few(argument)
        inner = {"count": "of", "absence": "after"}.get(kind)
        return self.why(argument[inner]) if inner else ""

    def _why_not(self, name: str) -> str:
        condition = self.file.hazard.conditions.get(name)
        if not isinstance(condition, Condition):
            return ""
        rows = fed_by(self.file, condition, self.stations)
        if not len(rows):
            return f"no datastream feeds {condition.input}, which {name} speaks of"
        known, possible = self._at(condition, rows)
        if not known.any():
            return f"no station has what {name} compares with"
        return "" if possible.any() else f"{name} lies beyond the range of every datastream that feeds it"

    def _at(self, condition: Condition, rows: Numbers) -> tuple[Bools, Bools]:
        """At which datastreams the threshold is known, and at which it can be reached."""
        every = np.ones(len(rows), np.bool_)
        if condition.kind == "absent":
            return every, every
        source = self.file.hazard.inputs[condition.input]
        found = np.array([resolved(one, source.unit, self.stations, rows) for one in _thresholds(condition)])
        known: Bools = ~np.isnan(found).all(axis=0)
        if condition.forecast is not None or any(step.part not in HEIGHTS for step in source.steps):
            return known, known
        low, high = bounds_of(self.file, condition, self.stations, rows)
        if condition.kind == "above":
            least = np.fmin.reduce(found)
            return known, known & (least < high if condition.strict else least <= high)
        most = np.fmax.reduce(found)
        return known, known & (most > low if condition.strict else most >= low)

    def _why_not_promoted(self, argument: dict[str, Any]) -> str:
        """Were all points of all items at the highest level that they can reach."""
        why: dict[str, None] = {}
        found = []
        for item in argument["items"].values():
            said = {level: self._why_no_point(rule) for level, rule in item.items()}
            why |= dict.fromkeys(one for one in said.values() if one)
            can = [level for level, one in said.items() if not one]
            points = [level for level in can for _ in range(1 if counts(item[level]) else _MANY)]
            found.append(reached(points, argument["counts"]))
        to = argument["to"]
        if reached(found, argument["counts"]) >= to:
            return ""
        items = f"{len(found)} item{'' if len(found) == 1 else 's'}"
        return "; ".join(why) or f"however many points there are, {items} make no {COLOURS[to - 1]}"

    def _why_no_point(self, rule: Expression) -> str:
        """Empty when some station can answer it, or the whole subject where it counts stations itself."""
        why = self.why(rule)
        if why or isinstance(rule, str) or counts(rule) or len(self._speaking(rule)):
            return why
        return f"no station has what {_said(rule)} speaks of"

    def _too_few(self, argument: dict[str, Any]) -> str:
        of, by = argument["of"], argument.get("by", "datastream")
        rows, said = self._speaking(of, each_of(argument)), _said(of)
        if not len(rows):
            return f"no station has what {said} speaks of"
        voters = self._voters(rows, by)
        pairs: Numbers = np.unique(np.stack([self._subjects(rows), voters]), axis=1)
        most = int(np.bincount(np.unique(pairs[0], return_inverse=True)[1]).max())
        if most >= argument["at_least"]:
            return ""
        return f"{argument['at_least']} votes for {said}, but no subject has more than {most} {by}s that can"

    def _speaking(self, rule: Expression, each: str = "station") -> Numbers:
        """The datastreams that a vote's rule speaks of, where it can hold at their station, zone or group."""
        possible = self._possible(rule, each)
        named = [self.file.hazard.conditions[name] for name in sorted(names_in(rule))]
        fed = [fed_by(self.file, one, self.stations) for one in named if isinstance(one, Condition)]
        return possible[np.isin(possible, np.concatenate(fed))] if fed else possible

    def _possible(self, rule: Expression, each: str) -> Numbers:
        """The datastreams that can make a rule hold at their station, zone or group."""
        if isinstance(rule, str):
            condition = self.file.hazard.conditions[rule]
            if not isinstance(condition, Condition):
                return np.empty(0, np.int64)
            rows = fed_by(self.file, condition, self.stations)
            return rows[self._at(condition, rows)[1]]
        ((kind, argument),) = rule.items()
        if kind == "not":
            return np.arange(len(self.stations.table.station), dtype=np.int64)
        parts = [self._possible(one, each) for one in (parts_of(rule) if kind != "absence" else [argument["after"]])]
        every = np.unique(np.concatenate(parts))
        if kind not in ("all", "sequence"):
            return every
        alike = [np.isin(self._voters(every, each), self._voters(part, each)) for part in parts]
        return every[np.logical_and.reduce(alike)]

    def _voters(self, rows: Numbers, by: str) -> Codes | Numbers:
        """What each datastream counts as."""
        if by in ("station", "zone"):
            return (self.stations.table.station if by == "station" else self.stations.table.zone)[rows]
        return self._groups(rows) if by == "group" else rows

    def _subjects(self, rows: Numbers) -> Numbers:
        """What the alert is about at each datastream, as a number."""
        kind = self.file.hazard.subject
        return self._groups(rows) if kind == "event" else self.stations.table.about(kind)[0][rows].astype(np.int64)

    def _groups(self, rows: Numbers) -> Numbers:
        """The network of each datastream, or its station where it belongs to none."""
        group = self.stations.table.group[rows].astype(np.int64)
        return np.where(group == NONE, self.stations.table.station[rows], -2 - group)


def _said(rule: Expression) -> str:
    return rule if isinstance(rule, str) else f"a rule of {', '.join(sorted(names_in(rule)))}"


def _thresholds(condition: Condition) -> list[Threshold | None]:
    return [condition.thr_on, *(season.thr_on for season in condition.seasons)]
