"""What the rules of one hazard speak of, worked out once."""

from streams.core.agreement import telling
from streams.core.backing import ways_of
from streams.core.plan import level_of_condition, words_of
from streams.core.script import Script
from streams.models.expression import names_in
from streams.models.level import RED
from streams.models.site import AlertCondition, Condition, Hazard, ReportCondition


class Rulebook:
    """One hazard: which conditions feed which level, and which datastreams feed which condition."""

    def __init__(self, hazard: Hazard) -> None:
        self.hazard = hazard
        self.levels = hazard.levels
        self.script = Script.of(hazard.levels)
        self.names = {level: frozenset(names_in(expression)) for level, expression in hazard.levels.items()}
        self.all_names = frozenset[str]().union(*self.names.values())
        self.level_of = level_of_condition(hazard)
        self.calls = [c for c in hazard.conditions.values() if isinstance(c, ReportCondition)]
        self.waits = {c.name: c for c in hazard.conditions.values() if isinstance(c, AlertCondition)}
        self.fed: dict[str, list[Condition]] = {}  # property -> conditions of it
        for condition in hazard.conditions.values():
            if isinstance(condition, Condition):
                self.fed.setdefault(hazard.inputs[condition.input].property, []).append(condition)
        self.absences = [c.name for fed in self.fed.values() for c in fed if c.kind == "absent"]
        self.words = words_of(hazard)  # conditions of which it matters who has said that they are off
        self.telling = telling(hazard)  # reports that agree with a doubtful value
        reports = frozenset(c.name for c in self.calls)
        self.needs_people = {level for level, names in self.names.items() if names & reports}
        script = self.script
        #: of these levels the ways in which they can hold: what people alone say raises up to yellow
        self.ways = {level: ways_of(script.levels[level], script.inner, reports) for level in self.needs_people}
        #: whether what was matters: some of it may change by itself when time passes
        self.remembers = self.script.looks_back or bool(self.waits)
        #: views for which it is remembered how rules were: all, good values only, trusted people only (view.py)
        self.eyes = [True, hazard.suspect_raises_at_most < RED, bool(self.needs_people)]

    def waits_for(self, kind: str) -> list[ReportCondition]:
        """The conditions that a kind of report counts for."""
        return [condition for condition in self.calls if kind in condition.kinds]
