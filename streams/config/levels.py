"""The `levels:` of a hazard: for each colour a condition's name or a tree of rules over names."""

from collections.abc import Mapping

from streams.config.problems import Words, listed
from streams.config.quantity import LOCAL
from streams.config.rule_forms import AT_ONE, EACH, FORM, RULES, Form
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
        self.form = FORM

    def read(self, node: Node, where: str) -> Expression | None:
        """A name or a rule; None after saying what is wrong."""
        if not isinstance(node.value, dict):
            return self.name(node, where, self.form)
        if len(node.value) != 1:
            self.report.error(node.at, where, Words(f"{len(node.value)} keys"), self.form)
            return None
        ((key, inner),) = node.value.items()
        if key not in self.forms:
            self.report.error(node.keys[key], where, key, self.form, self.forms)
            return None
        return self.forms[key](inner, f"{where}.{key}", self)

    def name(self, node: Node, where: str, form: str = FORM) -> str | None:
        """The name of a condition; `form` is what may stand there."""
        if isinstance(node.value, list) or node.text not in self.declared:
            expected = f"{form}; known: {listed(self.declared)}"
            self.report.error(node.at, where, said(node), quoted_form(node) or expected, self.declared)
            return None
        return node.text

    def each(self, node: Node, where: str) -> Expression | None:
        """What each station answers for itself: a condition, or a rule of such."""
        rule = AtOne(self).read(node, where)
        if rule is None or not may_be(rule)[0]:
            return rule
        words = Words("a rule that can hold where none of its conditions does")
        expected = "a condition that is true then: the opposite comparison in place of `not`"
        self.report.error(node.at, where, words, expected)
        return None

    def point(self, node: Node, where: str) -> str | None:
        """The name of a condition that each station answers for itself."""
        return self.of_input(self.name(node, where, "a condition's name"), node, where)

    def of_input(self, name: str | None, node: Node, where: str) -> str | None:
        """None after saying that reports and alerts have no stations."""
        if name is None or isinstance(self.conditions.get(name, Condition), type | Condition):
            return name
        expected = "a condition of an input: reports and alerts are not counted by stations"
        self.report.error(node.at, where, name, expected)
        return None


class AtOne(Rules):
    """Reads a rule that one station judges by itself: any, all, not of conditions of inputs."""

    def __init__(self, rules: Rules) -> None:
        self.report, self.declared, self.conditions = rules.report, rules.declared, rules.conditions
        self.forms = AT_ONE
        self.form = EACH

    def name(self, node: Node, where: str, form: str = EACH) -> str | None:
        """The name of a condition of an input."""
        return self.of_input(super().name(node, where, form), node, where)
