"""What came out against what was expected: what is missing, what is too much, what must never come, what holds."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from streams.config.yaml_file import Node
from streams.models.level import NUMBER
from streams.models.reject import Reject
from streams.trial.align import align, between
from streams.trial.expected import Expected
from streams.trial.file import Scenario
from streams.trial.match import NONE, Heard, Mismatch, Window, fits, given, mismatches, window
from streams.trial.run import Trial

CHANGES = frozenset({"first", "level_up", "level_down", "ended", "expired", "withdrawn", "reopened"})
MOST = 20_000  # commands that are compared


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that is not as expected. `at`: line and column of what was expected."""

    what: str
    at: tuple[int, int] | None = None
    nearest: Heard | None = None
    differs: tuple[Mismatch, ...] = ()
    came: tuple[Heard, ...] = ()


@dataclass(slots=True)
class Verdict:
    """How a scenario ended. `found`: which of the expected (by number) is which command."""

    scenario: Scenario
    heard: list[Heard]
    misses: list[Miss] = field(default_factory=list)
    found: dict[int, int] = field(default_factory=dict)
    extra: list[int] = field(default_factory=list)  # commands that had to be expected, and were not
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Nothing is missing and nothing is too much."""
        return not self.misses


def judge(scenario: Scenario, trial: Trial) -> Verdict:
    """Compare everything."""
    heard = [Heard.of(said, scenario.start) for said in trial.said]
    verdict = Verdict(scenario, heard)
    verdict.misses += [Miss(words) for words in trial.unmet]
    if scenario.case.expect is None:
        verdict.misses.append(Miss("nothing is expected: `expect:` is missing (`--update` writes what came)"))
    _sequence(verdict)
    for number, expected in enumerate(scenario.case.expect or ()):
        at = _node(scenario, number).at
        if expected.never is not None:
            _never(verdict, expected, at)
        elif expected.holds is not None:
            _holds(verdict, expected, at)
    _refused(verdict, trial.rejects)
    return verdict


def is_sequence(expected: Expected) -> bool:
    """Whether it is a command that must come."""
    return expected.never is None and expected.holds is None


def must_be_expected(heard: Heard, exact: Any) -> bool:
    """Whether a command that nobody expects is one too many."""
    if exact == "levels":
        return heard.fields["kind"] == "alert" and heard.fields["reason"] in CHANGES
    return bool(exact)


def _node(scenario: Scenario, number: int) -> Node:
    node: Node = scenario.node.value["expect"].value[number]
    return node


def _sequence(verdict: Verdict) -> None:
    scenario, heard = verdict.scenario, verdict.heard[:MOST]
    wanted = [(n, one) for n, one in enumerate(scenario.case.expect or ()) if is_sequence(one)]
    windows = _windows([one for _, one in wanted], scenario.start)

    def differs(i: int, j: int) -> list[Mismatch]:
        return mismatches(wanted[i][1], heard[j], windows[i], scenario.start)

    found = align(len(wanted), len(heard), lambda i, j: not differs(i, j))
    verdict.found = {wanted[i][0]: j for i, j in found.items()}
    for i, (number, expected) in enumerate(wanted):
        if i not in found:
            at = _node(scenario, number).at
            free = [j for j in range(len(heard)) if j not in set(found.values())]
            verdict.misses.append(_missing(expected, windows[i], at, _nearest(i, found, free, differs), heard))
    exact = scenario.settings.exact
    verdict.extra = [j for j in range(len(heard)) if j not in set(found.values()) and must_be_expected(heard[j], exact)]
    if verdict.extra:
        verdict.misses.append(Miss("came, and is not expected:", came=tuple(heard[j] for j in verdict.extra)))


def _windows(wanted: list[Expected], start: int) -> list[Window]:
    found, before = [], 0
    for one in wanted:
        found.append(window(one, start, before))
        said = one.at or one.after
        before = said.since(start) if said is not None else before
    return found


def _nearest(i: int, found: dict[int, int], free: list[int], differs: Any) -> tuple[int, list[Mismatch]] | None:
    """Among those at its place, else among all that are nobody else's: the one with the fewest differences."""
    here = set(between(found, i, max(free, default=-1) + 1))
    ranked = [(len(found_here := differs(i, j)) + (j not in here) * 0.5, j, found_here) for j in free]
    kind = [one for one in ranked if not any(m.field == "kind" for m in one[2])]
    if not kind:
        return None
    _, j, wrong = min(kind, key=lambda one: one[:2])
    return j, wrong


def _missing(
    expected: Expected,
    when: Window,
    at: tuple[int, int],
    nearest: tuple[int, list[Mismatch]] | None,
    heard: list[Heard],
) -> Miss:
    what = f"did not come: {described(expected, when)}"
    if nearest is None:
        return Miss(what, at)
    j, wrong = nearest
    order = () if wrong else (Mismatch("order", "its place in the list", "earlier or later than its neighbours"),)
    return Miss(what, at, heard[j], (*wrong, *order))


def described(expected: Expected, when: Window | None = None) -> str:
    """An expected command in words."""
    fields = given(expected.never or expected)
    named = " ".join(f"{name}={NONE if one is None else one}" for name, one in fields.items()) or "any alert"
    return f"{when.wanted}  {named}".strip() if when is not None else named


def _never(verdict: Verdict, expected: Expected, at: tuple[int, int]) -> None:
    assert expected.never is not None  # noqa: S101 - asked before
    when = window(expected, verdict.scenario.start, 0)
    came = tuple(one for one in verdict.heard if one.at in when and not fits(expected.never, one))
    if came:
        span = f" ({when.wanted})" if when.wanted else ""
        verdict.misses.append(Miss(f"came, and must never: {described(expected)}{span}", at, came=came[:5]))


def _holds(verdict: Verdict, expected: Expected, at: tuple[int, int]) -> None:
    moment = expected.at.since(verdict.scenario.start) if expected.at is not None else 0
    levels: dict[str, str | None] = {}
    for one in verdict.heard:
        if one.came <= moment and not fits(expected, one) and one.fields["alert"] is not None:
            levels[one.fields["alert"]] = one.fields["level"]
    highest = max((NUMBER[level] for level in levels.values() if level is not None), default=0)
    wanted = NUMBER.get(str(expected.holds), 0)
    if highest != wanted:
        names = {number: name for name, number in NUMBER.items()} | {0: NONE}
        about = described(expected) if given(expected) else "the level"
        differs = (Mismatch("holds", str(expected.holds), names[highest]),)
        verdict.misses.append(Miss(f"does not hold: {about}", at, differs=differs))


def _refused(verdict: Verdict, rejects: list[Reject]) -> None:
    """Readings that were refused are said too: a misspelt unit must not make a scenario quiet."""
    came, wanted = Counter[str](one.reason for one in rejects), verdict.scenario.settings.rejects
    for reason in sorted({*came, *wanted}):
        if came[reason] != wanted.get(reason, 0):
            example = next((f": {one.detail}" for one in rejects if one.reason == reason), "")
            differs = (Mismatch(reason, str(wanted.get(reason, 0)), str(came[reason])),)
            verdict.misses.append(Miss(f"rejects{example}", differs=differs))
