"""What a scenario expects and cannot be: a `never` with a slip of the pen would hold for ever, and prove nothing."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, get_args

from streams.config.problems import Words, listed
from streams.config.table import said
from streams.config.yaml_file import Node
from streams.models.command import Kind, MsgType, Reason
from streams.models.level import Colour
from streams.models.observation import Status
from streams.models.site import Site
from streams.trial.expected import Expected, Fields
from streams.trial.file import Scenario, Source
from streams.trial.match import ANY, NONE, given
from streams.trial.words import shown

_LEVELS = (*get_args(Colour), NONE)
_WORDS: dict[str, tuple[str, ...]] = {
    "kind": (*get_args(Kind), ANY), "msg_type": get_args(MsgType), "reason": get_args(Reason),
    "status": get_args(Status), "level": _LEVELS, "previous_level": _LEVELS, "raw_level": _LEVELS,
}  # fmt: skip


def check_meant(scenario: Scenario, site: Site, until: int) -> None:
    """Say which names nobody knows, and which times lie behind the end of the scenario."""
    known: dict[str, Iterable[str]] = {**_WORDS, "hazard": site.hazards, "zone": site.zones}
    for source, node, expected in scenario.own("expect"):
        for fields, own in _fields(expected, node):
            more = {"subject": _subjects(site)} if fields.kind in (None, "alert") and fields.subject else {}
            _check_names(source, fields, own, known | more)
        _check_times(source, node, expected, scenario.start, until)
    for key in ("reports", "acts"):
        for source, node, one in scenario.own(key):
            if one.at.since(scenario.start) > until:
                _behind(source, node, "at", until)


def _fields(expected: Expected, node: Node) -> Iterator[tuple[Fields, Node]]:
    yield expected, node
    if expected.never is not None:
        yield expected.never, node.value["never"]


def _subjects(site: Site) -> set[str]:
    """All that an alert can be about."""
    about = {hazard.subject_of(stream) for stream in site.datastreams.values() for hazard, _ in site.users[stream.key]}
    return about | set(site.zones) | set(site.reaches)


def _check_names(source: Source, fields: Fields, node: Node, known: dict[str, Iterable[str]]) -> None:
    for name, value in given(fields).items():
        if name in known and value is not None and not _is_known(value, known[name]):
            wanted = node.value[name]
            near = known[name] if isinstance(value, str) else ()
            source.error(wanted, name, said(wanted), f"one of {listed(known[name], 20)}", near)


def _is_known(value: Any, known: Iterable[str]) -> bool:
    if not isinstance(value, str):
        return False  # a list is not "one of these": it is never the same as a word
    return any(value == one or ("*" in value and fnmatchcase(one, value)) for one in known)


def _check_times(source: Source, node: Node, expected: Expected, start: int, until: int) -> None:
    within = expected.within or 0
    if expected.at is not None and expected.at.since(start) - within > until:
        _behind(source, node, "at", until)
    if expected.after is not None and expected.after.since(start) > until:
        _behind(source, node, "after", until)


def _behind(source: Source, node: Node, key: str, until: int) -> None:
    found = Words(f"{said(node.value[key])}, when the scenario is over")
    source.error(node.value[key], key, found, f"a time up to its end, {shown(until)}")
