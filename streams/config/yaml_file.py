"""A YAML file as a tree that knows where everything stands. Only the plain part of YAML is taken.

Anchors, aliases, merge keys, tags, several documents and keys that some YAML readers take for true, false or null are
refused: what the file says must be what everybody reads in it.
"""

import re
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Self

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from streams.config.mistyped import in_place_of
from streams.config.problems import Place, Report, Words
from streams.config.text_file import TURNED, read_text, turns

LIMIT = 4_000_000
DEEPEST = 40
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})", re.ASCII)
_DECIMAL = re.compile(
    r"[-+]?(?:[0-9]{1,30}\.[0-9]{1,30}(?:[eE][-+]?[0-9]{1,3})?|[0-9]{1,30}[eE][-+]?[0-9]{1,3})", re.ASCII
)
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_MISREAD = re.compile(
    r"[-+]?[0-9][0-9_,]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|0[xXoObB][0-9a-fA-F_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[0-9]{1,4}-[0-9]{1,2}(?:-[0-9]{1,2})?(?:[Tt ][0-9:.Zz+-]*)?"
    r"|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)|(?:[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF|[Tt]rue|TRUE|[Ff]alse|FALSE)",
    re.ASCII,
)
_CUT = re.compile(r"[0-9]+(?:\s*[^\s0-9]\S*)?")
_MISREAD_KEYS = {"on", "off", "yes", "no", "true", "false", "null", "~", ""}


class Spot(tuple[int, int]):  # noqa: SLOT001 - a tuple has no room for slots
    """Line and column in a file."""

    file: str

    def __new__(cls, line: int, column: int, file: str = "") -> Self:
        """Counted from 1."""
        made = super().__new__(cls, (line, column))
        made.file = file
        return made


@dataclass(slots=True)
class Node:
    """A value with its place. `value` is a dict or list of nodes, or a str, int, float, bool or None."""

    value: Any
    line: int
    column: int
    text: str = ""  # a scalar as written
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    quoted: bool = False
    file: str = ""
    refused: bool = False  # a key that was refused already, or its value

    @property
    def at(self) -> tuple[int, int]:
        """Line and column, counted from 1; it knows its file, as an overlay puts nodes of one into another."""
        return Spot(self.line, self.column, self.file)

    @property
    def misread(self) -> bool:
        """Whether this is text without quotes that some YAML readers take for a number, a date, true or false."""
        return not self.quoted and not isinstance(self.value, dict | list) and bool(_MISREAD.fullmatch(self.text))

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return [node.plain() for node in self.value] if isinstance(self.value, list) else self.value


def read_yaml(path: Path, report: Report, *, optional: bool = False) -> Node | None:
    """The file's tree; None when it is missing or empty, or after saying why it cannot be read."""
    text = read_text(path, report, LIMIT, optional=optional)
    return None if text is None else parse(text, report)


def parse(text: str, report: Report) -> Node | None:
    """The tree of a text. A syntax error is said with its place."""
    builder = _Builder(report)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if not builder.take(event):
                return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        expected = in_place_of(text, error)
        report.error((mark.line + 1, mark.column + 1) if mark else None, "", Words(_said(error)), expected)
        return None
    except Exception as error:  # noqa: BLE001 - whatever the parser does with rubbish, it is the file that is wrong
        report.error(_place(error, text), "", Words(str(error).split("\n", 1)[0][:200]), "YAML")
        return None
    return builder.root


def _said(error: MarkedYAMLError) -> str:
    parts = [str(part) for part in (error.context, error.problem) if part]
    return ", ".join(parts)[:200] or "something that is not YAML"


def _place(error: Exception, text: str) -> Place:
    position = getattr(error, "position", None)  # of a character that YAML does not allow
    if not isinstance(position, int):
        return None
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


class _Builder:
    """Builds the tree from the parser's events, without recursion: depth is the file's choice."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.root: Node | None = None
        self.stack: list[tuple[Node, Node | None]] = []  # open collections, each with its key in waiting
        self.documents = 0

    def take(self, event: Event) -> bool:
        """False when the rest cannot be understood any more."""
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._refuse(event, "a second document", "one document a file")
                return False
        elif isinstance(event, AliasEvent):
            self._refuse(event, f"the alias *{event.anchor}", "the value itself, written out")
            return False
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.stack.pop()
        elif isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent):
            return self._value(event)
        return True

    def _value(self, event: Any) -> bool:
        if event.anchor:
            self._refuse(event, f"the anchor &{event.anchor}", "no anchors: write the value where it is used")
        if isinstance(event, ScalarEvent) and not is_text(event.value):
            self._refuse(event, "half of a character (a surrogate)", "the whole character")
            return False
        if isinstance(event, ScalarEvent) and (mark := turns(event.value)):  # by an escape: see text_file
            self._refuse(event, mark, TURNED)
        if event.tag and not isinstance(event.tag, bool) and event.implicit not in (True, (True, False), (False, True)):
            self._refuse(event, f"the tag {event.tag}", "no tags: the value alone")
        node = _node(event, self.report.file)
        if not self._place(node, event):
            return False
        if not isinstance(event, ScalarEvent):
            self.stack.append((node, None))
        if len(self.stack) > DEEPEST:
            self._refuse(event, "a value nested too deeply", f"at most {DEEPEST} levels")
            return False
        return True

    def _place(self, node: Node, event: Any) -> bool:
        if not self.stack:
            self.root = node
            return True
        parent, key = self.stack[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif key is None:
            if not isinstance(event, ScalarEvent):
                self._refuse(event, "a list or mapping as a key", "a name")
                return False
            self._check_key(parent, node, event)
            self.stack[-1] = (parent, node)
        else:
            name = key.text
            node.refused = key.refused
            if _is_cut(parent, key, node):
                number = f"{next(reversed(parent.value.values())).text},{name}"
                self.report.error(key.at, "", Words(number), f"a decimal point: {number.replace(',', '.')}")
                return False
            if name not in parent.value and name != "<<":
                parent.value[name] = node
                parent.keys[name] = key.at
            self.stack[-1] = (parent, None)
        return True

    def _check_key(self, parent: Node, key: Node, event: ScalarEvent) -> None:
        plain = not event.style
        if key.text in parent.value:
            first = parent.keys[key.text][0]
            self._refuse(event, f"the key {key.text!r} again (first in line {first})", "each key once")
        elif plain and key.text == "<<":
            self._refuse(event, "the merge key <<", "the values themselves, written out")
        elif plain and key.text.lower() in _MISREAD_KEYS:
            expected, key.refused = "another name: many YAML readers take this one for true, false or null", True
            self._refuse(event, f"the key {key.text!r}", expected)
        elif key.misread:
            self._refuse(event, f"the key {key.text}", f'the quoted form "{key.text}": a name is text')

    def _refuse(self, event: Event, found: str, expected: str) -> None:
        mark = event.start_mark
        self.report.error((mark.line + 1, mark.column + 1), "", Words(found[:100]), expected)


def _is_cut(parent: Node, key: Node, value: Node) -> bool:
    """Whether a number with a decimal comma was cut in two: `{at_least: 0,5 m}` is 0, and a key `5 m` of nothing."""
    if value.text or value.value is not None or not _CUT.fullmatch(key.text) or not parent.value:
        return False
    last = next(reversed(parent.value.values()))
    ends = not last.quoted and last.text[-1:].isdigit()
    return ends and (last.line, last.column + len(last.text) + 1) == (key.line, key.column)


def is_text(text: str) -> bool:
    """Whether this can be written down: escapes can also spell halves of characters, which nothing takes."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _node(event: Any, file: str) -> Node:
    line, column = event.start_mark.line + 1, event.start_mark.column + 1
    if isinstance(event, MappingStartEvent):
        return Node({}, line, column, file=file)
    if isinstance(event, SequenceStartEvent):
        return Node([], line, column, file=file)
    quoted = bool(event.style)
    value = event.value if quoted else _scalar(event.value)
    return Node(value, line, column, event.value, quoted=quoted, file=file)


def _scalar(text: str) -> str | int | float | bool | None:
    """Numbers, true, false and null as every YAML version reads them; all else is text (`0123`, `yes`, `.inf`)."""
    if text in _NULL:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) and isfinite(float(text)) else text
