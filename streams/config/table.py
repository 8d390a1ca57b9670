"""Reading a YAML mapping key by key: what is asked for is known, everything else in it is a problem."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, TypeVar

from streams.config.problems import Report, Words, listed
from streams.config.yaml_file import Node
from streams.models.distances import parse_distance
from streams.models.durations import FORM, parse_duration

T = TypeVar("T", bound=str)
_KINDS = {dict: "a mapping", list: "a list", bool: "true or false", type(None): "nothing"}


def said(node: Node) -> str:
    """What stands there, for a message."""
    value = node.value
    if value in ({}, []):
        return Words(f"an empty {'mapping' if value == {} else 'list'}")
    return Words(_KINDS[type(value)]) if isinstance(value, dict | list | None) else node.text


def quoted_form(node: Node) -> str:
    """What text has to look like where a number or a date stands; empty for what is no scalar."""
    return "" if isinstance(node.value, dict | list | None) or not node.misread else f'the quoted form "{node.text}"'


class Table:
    """One mapping. Every getter says its own problems and answers None (or the default) after one."""

    def __init__(self, node: Node, where: str, report: Report) -> None:
        self.node = node
        self.where = where
        self.report = report
        self.asked: set[str] = set()

    @classmethod
    def of(cls, node: Node | None, where: str, report: Report, expected: str = "a mapping") -> "Table | None":
        """A node as a table, if it is a mapping."""
        if node is None:
            return None
        if not isinstance(node.value, dict):
            report.error(node.at, where, said(node), expected)
            return None
        return cls(node, where, report)

    def path(self, key: str) -> str:
        """The key's full name for messages."""
        return f"{self.where}.{key}" if self.where else key

    def has(self, key: str) -> bool:
        """Whether the key stands there with a value."""
        self.asked.add(key)
        return key in self.node.value and self.node.value[key].value is not None

    def get(self, key: str, *, need: str = "") -> Node | None:
        """The node of a key; `need` says what has to stand there when it is missing."""
        if self.has(key):
            found: Node = self.node.value[key]
            return found
        if need and not self._misspelt(key):
            self.report.error(self.place(key), self.path(key), None, need)
        return None

    def _misspelt(self, key: str) -> bool:
        """Whether a key that nobody asks for looks like this one: `close` will say so, which is enough.

        The same for a key that was refused when the file was read: it may stand where this one should.
        """
        return any(one.refused for one in self.node.value.values()) or bool(
            get_close_matches(key, self.node.value.keys() - self.asked, n=1, cutoff=0.8)
        )

    def place(self, key: str) -> tuple[int, int]:
        """Where the key stands, or the mapping that lacks it."""
        return self.node.keys.get(key, self.node.at)

    def error(self, key: str, found: object, expected: str, near: Iterable[str] = ()) -> None:
        """A problem with the value of a key."""
        node = self.node.value.get(key)
        self.report.error(node.at if node else self.place(key), self.path(key), found, expected, near)

    def items(self) -> Iterator[tuple[str, Node]]:
        """All keys, which thereby are names of the file's own choice."""
        self.asked.update(self.node.value)
        yield from self.node.value.items()

    def text(self, key: str, default: str | None = None, *, need: str = "") -> str | None:
        """A word or sentence."""
        node = self.get(key, need=need)
        if node is None:
            return default
        if isinstance(node.value, str) and node.value.strip() and not node.misread:
            return node.value
        self.error(key, said(node), quoted_form(node) or need or "text")
        return default

    def choice(self, key: str, known: Iterable[T], default: T | None = None, *, need: bool = False) -> T | None:
        """One of some words."""
        known = list(known)
        node = self.get(key, need=f"one of {', '.join(known)}" if need else "")
        if node is None:
            return default
        chosen = next((word for word in known if word == node.text and not isinstance(node.value, dict | list)), None)
        if chosen is None:
            self.error(key, said(node), f"one of {', '.join(known)}", known)
        return chosen or default

    def whole(self, key: str, *, least: int, need: str = "") -> int | None:
        """A whole number."""
        node = self.get(key, need=need)
        if node is None:
            return None
        if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value >= least:
            return node.value
        self.error(key, said(node), need or f"a whole number, {least} or more")
        return None

    def duration(self, key: str, default: int | None = None, *, need: str = "") -> int | None:
        """A length of time in microseconds."""
        node = self.get(key, need=need)
        if node is None:
            return default
        try:
            return parse_duration(node.text)
        except ValueError:
            self.error(key, said(node), FORM)
            return default

    def distance(self, key: str, *, need: str = "") -> float | None:
        """A length in metres, more than nothing."""
        node = self.get(key, need=need)
        if node is None:
            return None
        try:
            return parse_distance(node.text)
        except ValueError as error:
            self.error(key, said(node), str(error))
            return None

    def table(self, key: str, *, need: str = "") -> "Table | None":
        """A mapping below this one."""
        return Table.of(self.get(key, need=need), self.path(key), self.report)

    def sequence(self, key: str, *, need: str = "") -> list[Node] | None:
        """A list below this one."""
        node = self.get(key, need=need)
        if node is None:
            return None
        if isinstance(node.value, list):
            return node.value
        self.error(key, said(node), "a list, like [a, b]")
        return None

    def words(self, key: str, known: Iterable[str], *, need: str = "") -> tuple[str, ...] | None:
        """A list of known words."""
        nodes, known = self.sequence(key, need=need), list(known)
        if nodes is None:
            return None
        for node in nodes:
            if node.value not in known:
                self.report.error(node.at, self.path(key), said(node), f"some of {listed(known)}", known)
        return tuple(dict.fromkeys(node.value for node in nodes if node.value in known))

    def close(self, also: Iterable[str] = ()) -> None:
        """Everything that nobody asked for is a problem."""
        known = self.asked | set(also)
        for key in self.node.value:
            if key not in known and not self.node.value[key].refused:
                self.report.error(
                    self.node.keys[key], self.path(key), key, f"one of the keys {listed(known, 30)}", known
                )


def bilingual(table: Table | None) -> dict[str, str]:
    """{zh, en}: both, always."""
    if table is None:
        return {}
    found = {
        language: table.text(language, need=f"text in {name}")
        for language, name in (("zh", "Chinese"), ("en", "English"))
    }
    table.close()
    return {language: text for language, text in found.items() if text}


def plain_scalar(node: Node) -> Any:
    """A scalar's text, whatever it looks like; None for lists and mappings."""
    return None if isinstance(node.value, dict | list) else node.text
