"""Promotion against the words of GB 39496-2020, 5.5.4, counted another way."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from streams.core.rules import holds
from tests.core.rules.given import Given

COUNTS = {2: 4, 3: 3, 4: 2}
ITEMS = {"crack": {1: "c1", 2: "c2", 4: "c4"}, "tilt": {2: "t2", 3: "t3"}}
STATIONS = [(f"S{n}", "x") for n in range(5)]
NAMES = [name for item in ITEMS.values() for name in item.values()]
#: mostly known, so that trying all ways stays small
some = st.lists(st.sampled_from([True, True, False, False, None]), min_size=5, max_size=5)


def by_the_words(points):
    """One step of the standard: many points of one colour make the next; else the highest point."""
    highest = max(points, default=0)
    if sum(p >= 1 for p in points) >= 4:
        highest = max(highest, 2)
    if sum(p >= 2 for p in points) >= 3:
        highest = max(highest, 3)
    return max(highest, 4) if sum(p >= 3 for p in points) >= 2 else highest


def whole(truths):
    items = []
    for conditions in ITEMS.values():
        points = [max([lv for lv, n in conditions.items() if truths[n][s]], default=0) for s in STATIONS]
        items.append(by_the_words([p for p in points if p]))
    return by_the_words([i for i in items if i])


@given(st.tuples(*[some] * len(NAMES)), st.integers(1, 4), st.data())
def test_promotion_is_what_holds_whichever_way_the_unknown_is(found, to, data):
    truths = {n: dict(zip(STATIONS, line, strict=True)) for n, line in zip(NAMES, found, strict=True)}
    unknown = [(n, s) for n in NAMES for s in STATIONS if truths[n][s] is None]
    for name, station in unknown[5:]:
        truths[name][station] = data.draw(st.booleans())
    truth = holds({"promote": {"to": to, "items": ITEMS, "counts": COUNTS}}, Given(**truths))
    outcomes = set()
    for each in product((True, False), repeat=min(5, len(unknown))):
        tried = {n: dict(line) for n, line in truths.items()}
        for (name, station), one in zip(unknown[:5], each, strict=True):
            tried[name][station] = one
        outcomes.add(whole(tried) >= to)
    assert truth is (outcomes.pop() if len(outcomes) == 1 else None)


def test_four_blue_are_yellow_and_a_station_is_one_point():
    line = {(f"S{n}", "x"): True for n in range(4)}
    rule = {"promote": {"to": 2, "items": {"crack": {1: "c"}}, "counts": COUNTS}}
    assert holds(rule, Given(c=line)) is True
    twice = {("S0", "y"): True, **{(f"S{n}", "x"): n < 3 for n in range(4)}}
    assert holds(rule, Given(c=twice)) is False


PARTS = ("a", "b")
lines = st.tuples(*[st.lists(st.sampled_from([True, False, None]), min_size=5, max_size=5)] * len(PARTS))
rules = st.sampled_from([{"all": ["a", "b"]}, {"any": ["a", "b"]}, {"all": ["a", {"not": "b"}]}])


@given(lines, rules, st.integers(1, 4), st.integers(1, 4))
def test_a_point_that_a_rule_makes_is_a_point(found, rule, level, to):
    truths = {n: dict(zip(STATIONS, line, strict=True)) for n, line in zip(PARTS, found, strict=True)}
    each = {s: holds(rule, Given(**{n: truths[n][s] for n in PARTS})) for s in STATIONS}
    promoted = {"to": to, "counts": COUNTS}
    asked = holds({"promote": {**promoted, "items": {"x": {1: "a", level: rule}}}}, Given(**truths))
    named = holds({"promote": {**promoted, "items": {"x": {1: "a", level: "c"}}}}, Given(**truths, c=each))
    assert asked is named


@given(st.sampled_from([True, False, None]), st.integers(1, 4), st.integers(1, 4), st.integers(0, 5))
def test_all_rules_of_an_item_that_count_stations_are_one_point(truth, level, to, others):
    line = {s: n < others for n, s in enumerate(STATIONS)}
    whole = {"vote": {"of": "w", "at_least": 1}}
    promoted = {"to": to, "counts": COUNTS, "items": {"x": {level: "c"}}, "whole": {"x": {level: whole, 1: whole}}}
    found = holds({"promote": promoted}, Given(c=line, w={("S9", "x"): truth}))
    named = {"to": to, "counts": COUNTS, "items": {"x": {level: "c"}}}
    assert found is holds({"promote": named}, Given(c={**line, ("S9", "x"): truth}))
