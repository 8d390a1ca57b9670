"""What came out as the new `expect:` of a scenario. Only lines of `expect:` change; the rest stays byte for byte.

What fits keeps its lines and the remarks above it; what did not come goes; what was not expected is put in its place.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from streams.config.yaml_file import Node
from streams.trial.file import Scenario
from streams.trial.judge import Verdict, is_sequence, must_be_expected
from streams.trial.match import Heard
from streams.trial.words import shown

STEP = 2
_REMARK = re.compile(r"\s*expect:\s*\[?\s*(#.*\S)")


def update(path: Path, verdicts: list[Verdict]) -> bool:
    """Write the new expectations of one file's scenarios that failed; whether anything changed."""
    text = path.read_bytes().decode()
    ending = "\r\n" if "\r\n" in text else "\n"  # as the file has them
    lines = text.splitlines()
    for verdict in sorted(verdicts, key=lambda one: one.scenario.node.line, reverse=True):  # the last one first
        if not verdict.ok:
            _rewrite(lines, verdict)
    new = ending.join(lines) + ending
    if new == text:
        return False
    path.write_bytes(new.encode())
    return True


def _rewrite(lines: list[str], verdict: Verdict) -> None:
    scenario = verdict.scenario
    node = scenario.node.value.get("expect")
    indent = _indent(scenario)
    if node is None or not isinstance(node.value, list) or not node.value:
        first, last = _place(lines, scenario)
        kept: list[list[str]] = []
        above: list[str] = []
    else:
        first = scenario.node.keys["expect"][0] - 1
        last = _end(lines, first, indent)
        kept = _items(lines, node, last, first)
        above = _above(lines, node, first, last, kept)
    items = [_entry(item, indent) for item in _merged(verdict, kept)]
    lines[first:last] = [
        " " * indent + ("expect:" if items else "expect: []"),
        *(" " * (indent + STEP) + line for line in above),
        *(line for one in items for line in one),
    ]


def _indent(scenario: Scenario) -> int:
    """Column of the scenario's keys."""
    columns = [at[1] for at in scenario.node.keys.values()]
    return min(columns, default=1) - 1


def _place(lines: list[str], scenario: Scenario) -> tuple[int, int]:
    """Where `expect:` would stand (an empty one goes): at the end of the scenario."""
    if "expect" in scenario.node.keys:
        first = scenario.node.keys["expect"][0] - 1
        return first, _end(lines, first, _indent(scenario))
    last_key = max(line for line, _ in scenario.node.keys.values()) - 1
    end = _end(lines, last_key, _indent(scenario))
    return end, end


def _end(lines: list[str], first: int, indent: int) -> int:
    """The line after the last one of a block; blank lines and remarks at its end are not its own."""
    end = first + 1
    for number in range(first + 1, len(lines)):
        line = lines[number].strip()
        if not line or line.startswith("#"):
            continue
        depth = len(lines[number]) - len(lines[number].lstrip())
        if depth < indent or (depth == indent and not line.startswith("- ")):
            break
        end = number + 1
    return end


def _items(lines: list[str], node: Node, last: int, first: int) -> list[list[str]]:
    """The lines of each item with the remarks above it, without its indentation; empty for a list in one line."""
    starts = []
    for item in node.value:
        start = _dash(lines, item.line - 1, first)
        if start is None:
            return []  # in brackets
        while start - 1 > first and lines[start - 1].lstrip().startswith("#"):
            start -= 1
        starts.append(start)
    return [_flat(lines[a:b]) for a, b in pairwise([*starts, last])]


def _dash(lines: list[str], line: int, first: int) -> int | None:
    """The line with the dash of an item, which may stand alone above it."""
    if lines[line].lstrip().startswith("- "):
        return line
    while line - 1 > first and (not lines[line - 1].strip() or lines[line - 1].lstrip().startswith("#")):
        line -= 1
    return line - 1 if lines[line - 1].split("#")[0].strip() == "-" else None


def _above(lines: list[str], node: Node, first: int, last: int, kept: list[list[str]]) -> list[str]:
    """Remarks that belong to no item: beside `expect:`, above the first item and a blank line; all of brackets."""
    beside = _REMARK.match(lines[first])
    until = last
    if kept:
        until = _dash(lines, node.value[0].line - 1, first) or last
        while until - 1 > first and lines[until - 1].lstrip().startswith("#"):
            until -= 1
    inner = [line.strip() for line in lines[first + 1 : until]]
    return [*([beside[1]] if beside else []), *(line for line in inner if line.startswith("#"))]


def _flat(block: list[str]) -> list[str]:
    depth = min(len(line) - len(line.lstrip()) for line in block if line.strip())
    return [line[depth:].rstrip() for line in block if line.strip()]


def _entry(item: list[str] | str, indent: int) -> list[str]:
    block = [f"- {item}"] if isinstance(item, str) else item
    return [" " * (indent + STEP) + line for line in block]


def _merged(verdict: Verdict, kept: list[list[str]]) -> Iterator[list[str] | str]:
    """Items in the order in which their commands came; what is no command stays behind what it stood behind."""
    scenario, told = verdict.scenario, 0
    several = _several(verdict)
    for number, expected in enumerate(scenario.case.expect or ()):
        place = verdict.found.get(number)
        if is_sequence(expected) and place is None:
            continue
        if place is not None:
            yield from (_line(verdict.heard[n], several) for n in _new(verdict, told, place))
            told = place + 1
        yield kept[number] if kept else _flow(scenario, number)
    yield from (_line(verdict.heard[n], several) for n in _new(verdict, told, len(verdict.heard)))


def _new(verdict: Verdict, first: int, last: int) -> Iterator[int]:
    exact = verdict.scenario.settings.exact or "levels"
    taken = set(verdict.found.values())
    for n in range(first, last):
        if n not in taken and must_be_expected(verdict.heard[n], exact):
            yield n


def _flow(scenario: Scenario, number: int) -> str:
    """An item of a list in brackets as it was."""
    node = scenario.node.value["expect"].value[number]
    return _written(node)


def _written(node: Node) -> str:
    if isinstance(node.value, dict):
        return "{" + ", ".join(f"{key}: {_written(one)}" for key, one in node.value.items()) + "}"
    if isinstance(node.value, list):
        return "[" + ", ".join(map(_written, node.value)) + "]"
    if node.quoted:  # without quotes it may be a number or a date
        return _quoted(node.text)
    return _word(node.text) if isinstance(node.value, str) else node.text


def _several(verdict: Verdict) -> set[str]:
    """Which of hazard and subject have to be said, as there is more than one."""
    alerts = [one for one in verdict.heard if one.fields["kind"] == "alert"]
    return {key for key in ("hazard", "subject") if len({one.fields[key] for one in alerts}) > 1}


def _line(heard: Heard, several: set[str]) -> str:
    fields = heard.fields
    found = {"at": shown(heard.at)}
    found |= {"kind": fields["kind"]} if fields["kind"] != "alert" else {}
    found |= {key: fields[key] for key in ("hazard", "subject") if key in several or fields["kind"] != "alert"}
    found |= {"level": fields["level"] or "none", "reason": fields["reason"]}
    found |= {"status": fields["status"]} if fields["status"] != "Actual" else {}
    found |= {"came": shown(heard.came)} if abs(heard.came - heard.at) >= 60_000_000 else {}
    return "{" + ", ".join(f"{key}: {_word(one)}" for key, one in found.items() if one is not None) + "}"


def _word(text: str) -> str:
    plain = text.replace(" ", "").replace("-", "").replace("_", "").replace(".", "").isalnum()
    return text if plain and text.strip() == text and text else _quoted(text)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
