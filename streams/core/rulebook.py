"""What the rules of one hazard speak of, worked out once."""

from streams.core.plan import level_of_condition, names_in
from streams.models.site import Condition, Hazard, ReportCondition


class Rulebook:
    """One hazard: which conditions feed which level, and which datastreams feed which condition."""

    def __init__(self, hazard: Hazard) -> None:
        self.hazard = hazard
        self.levels = hazard.levels
        self.names = {level: frozenset(names_in(expression)) for level, expression in hazard.levels.items()}
        self.all_names = frozenset[str]().union(*self.names.values())
        self.level_of = level_of_condition(hazard)
        self.calls = [c for c in hazard.conditions.values() if isinstance(c, ReportCondition)]
        self.fed: dict[str, list[Condition]] = {}  # property -> conditions of it
        for condition in hazard.conditions.values():
            if isinstance(condition, Condition):
                self.fed.setdefault(hazard.inputs[condition.input].property, []).append(condition)
        self.needs_people = {level for level, names in self.names.items() if names & {c.name for c in self.calls}}

    def waits_for(self, kind: str) -> list[ReportCondition]:
        """The conditions that a kind of report counts for."""
        return [condition for condition in self.calls if kind in condition.kinds]
