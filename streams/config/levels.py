"""The `levels:` of a hazard: for each colour a condition's name or a tree of rules over names."""

from collections.abc import Mapping

from streams.config.problems import Words, listed
from streams.config.quantity import LOCAL
from streams.config.rule_forms import AT_ONE, FORM, RULES, Form
from streams.config.table import Table, quoted_form, said
from streams.config.yaml_file import Node
from streams.models.expression import names_in
from streams.models.level import COLOURS, NUMBER
from streams.models.possible import may_be
from streams.models.site import AnyCondition, Condition, Expression

__all__ = ["Rules", "names_in", "read_levels"]


def read_levels(
    table: Table | None, declared: set[str], conditions: dict[str, AnyCondition]
) -> tuple[dict[int, Expression], set[int]]:
    """Level number -> rule, and the levels whose rule the site has to give (`local`).

    `declared` are all names in the file, also of conditions that are wrong in themselves.
    """
    found: dict[int, Expression] = {}
    empty: set[int] = set()
    if table is None:
        return found, empty
    for colour in COLOURS:
        node = table.get(colour, need=FORM if colour in table.node.value else "")
        if node is not None and node.value == LOCAL:
            empty.add(NUMBER[colour])
            continue
        rule = Rules(table, declared, conditions).read(node, table.path(colour)) if node else None
        if rule is not None:
            found[NUMBER[colour]] = rule
    if not table.node.value:
        table.report.error(table.node.at, table.where, Words("no level"), f"at least one of {', '.join(COLOURS)}")
    table.close()
    return found, empty


class Rules:
    """Reads one level's tree; the forms of the rules are in `rule_forms`."""

    def __init__(self, table: Table, declared: set[str], conditions: dict[str, AnyCondition]) -> None:
        self.report = table.report
        self.declared = declared
        self.conditions = conditions
        self.forms: Mapping[str, Form] = RULES
        self.inside = ""

    def read(self, node: Node, where: str) -> Expression | None:
        """A name or a rule; None after saying what is wrong."""
        if not isinstance(node.value, dict):
            return self.name(node, where, FORM)
        if len(node.value) != 1:
            self.report.error(node.at, where, Words(f"{len(node.value)} keys"), FORM)
            return None
        ((key, inner),) = node.value.items()
        if key not in self.forms:
            self.report.error(node.keys[key], where, key, FORM, self.forms)
            return None
        return self.forms[key](inner, f"{where}.{key}", self)

    def name(self, node: Node, where: str, form: str = FORM) -> str | None:
        """The name of a condition; `form` is what may stand there."""
        if isinstance(node.value, list) or node.text not in self.declared:
            expected = f"{form}; known: {listed(self.declared)}"
            self.report.error(node.at, where, said(node), quoted_form(node) or expected, self.declared)
            return None
        return node.text

    def each(self, node: Node, where: str, by: str | None) -> Expression | None:
        """What each station answers for itself; each zone or group, where the rule counts their stations."""
        many = by in ("zone", "group") and _counts(node)
        reader = AtMany(self, by or "") if many else AtOne(self)
        return self.never_idle(reader.read(node, where), node, where)

    def counted(self, node: Node, where: str) -> Expression | None:
        """What is counted as a point: the same, or a rule that counts stations itself and is asked once."""
        return self.never_idle(self.of_points(node).read(node, where), node, where)

    def of_points(self, node: Node) -> "Rules":
        """Who reads what is counted as a point."""
        return OfInputs(self) if _counts(node) else AtOne(self)

    def never_idle(self, rule: Expression | None, node: Node, where: str) -> Expression | None:
        """None after saying that a rule holds while nothing is on: stations of which nothing is known are not asked."""
        if rule is None or not may_be(rule)[0]:
            return rule
        words = Words("a rule that can hold where none of its conditions does")
        expected = "a condition that is true then: the opposite comparison in place of `not`"
        self.report.error(node.at, where, words, expected)
        return None

    def point(self, node: Node, where: str) -> str | None:
        """The name of a condition that each station answers for itself."""
        return self.of_input(Rules.name(self, node, where, "a condition's name"), node, where)

    def of_input(self, name: str | None, node: Node, where: str) -> str | None:
        """None after saying that reports and alerts have no stations."""
        if name is None or isinstance(self.conditions.get(name, Condition), type | Condition):
            return name
        expected = (
            "a condition of an input: reports and alerts have no stations; they stand beside: {all: [{vote: …}, seen]}"
        )
        self.report.error(node.at, where, name, expected)
        return None


class OfInputs(Rules):
    """Reads a rule in which all conditions are of inputs."""

    def __init__(self, rules: Rules) -> None:
        self.report, self.declared, self.conditions = rules.report, rules.declared, rules.conditions
        self.forms, self.inside = rules.forms, rules.inside

    def name(self, node: Node, where: str, form: str = FORM) -> str | None:
        """The name of a condition of an input."""
        return self.of_input(super().name(node, where, form), node, where)


class AtMany(OfInputs):
    """Reads a rule that each zone or group answers for itself."""

    def __init__(self, rules: Rules, by: str) -> None:
        super().__init__(rules)
        self.inside = by


class AtOne(OfInputs):
    """Reads a rule that one station answers for itself."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self.forms = AT_ONE


def _counts(node: Node) -> bool:
    """Whether a rule, right or wrong, is one that counts where something holds."""
    value = node.value
    if isinstance(value, dict):
        return bool(value.keys() & {"vote", "promote"}) or any(map(_counts, value.values()))
    return isinstance(value, list) and any(map(_counts, value))
