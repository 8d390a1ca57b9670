"""Windows that lack data: they may raise what they prove, and never lower or end."""

import random

import msgspec
import pytest

from streams.core.links import Link, make
from streams.core.wholeness import direction_of
from streams.models.site import Step
from streams.models.times import HOUR, MINUTE
from tests.core.runs import Bank, numbered, row
from tests.core.sites import above, below, hazard, site, stream

OVER = {"over": HOUR}
HIGH, LOW = above("c", 6, 5), below("c", 2, 3)
MOST, LEAST = ("extreme", OVER), ("extreme", {**OVER, "how": "min"})


def world(condition, *steps, **more):
    return site([stream(**more)], hazard([condition], {4: "c"}, steps=steps))


def edges(the_site, readings):
    """(minute, value) in; edge and minute out."""
    bank = Bank(the_site, 0, 1)
    out = bank.handle(numbered([row(60 * minute, value) for minute, value in readings]))
    return [(t.edge, t.time // MINUTE) for s in out.signals for t in s.triggers if t.edge in ("on", "off")]


def steady(first, last, value):
    return [(minute, value) for minute in range(first, last, 10)]


@pytest.mark.parametrize(("condition", "part", "beyond", "quiet"), [
    (HIGH, MOST, 7, 1), (HIGH, ("drop", {**OVER, "side": "rise"}), 7, 0), (LOW, LEAST, 1, 9),
    (HIGH, ("sum", {**OVER, "kind": "total"}), 7, 7),
])  # fmt: skip
def test_after_a_gap_nothing_is_lowered_before_the_window_is_whole(condition, part, beyond, quiet):
    before = [*steady(0, 120, 0 if part[0] in ("drop", "sum") else beyond), (120, beyond), (121, beyond)]
    found = edges(world(condition, part), [*before, *steady(300, 500, quiet)])
    assert [edge for edge, _ in found] == ["on", "off"]
    assert found[1][1] == 360


@pytest.mark.parametrize(("condition", "part", "raises"), [
    (HIGH, MOST, True), (LOW, LEAST, True), (HIGH, LEAST, False), (LOW, MOST, False),
    (LOW, ("sum", OVER), False), (LOW, ("drop", OVER), False), (HIGH, ("sum", OVER), True),
])  # fmt: skip
def test_a_window_that_has_just_begun_raises_what_it_proves(condition, part, raises):
    """That the least of ten minutes is high proves nothing of the hour."""
    value = {HIGH: 9, LOW: 1}[condition]
    found = edges(world(condition, part), [(0, value), (10, value), (20, value)])
    assert found == ([("on", 0)] if raises else [])


@pytest.mark.parametrize("part", [("mean", OVER), ("median", OVER)])
def test_an_estimate_counts_either_way_once_half_of_the_window_is_covered(part):
    assert edges(world(HIGH, part), [*steady(0, 120, 7), *steady(300, 500, 1)]) == [("on", 30), ("off", 330)]


def test_what_it_did_not_prove_is_raised_when_it_is_whole():
    assert edges(world(HIGH, LEAST), steady(0, 90, 9)) == [("on", 60)]


def test_a_missing_value_makes_a_maximum_a_lower_bound():
    rows = [*steady(0, 70, 9), *steady(70, 100, 1), (100, None), *steady(110, 200, 1)]
    assert edges(world(HIGH, MOST), rows) == [("on", 0), ("off", 160)]


@pytest.mark.parametrize(("steps", "direction"), [
    ([], None), ([("sum", OVER)], 1), ([LEAST], -1), ([MOST, LEAST], -1), ([LEAST, ("drop", OVER)], 1),
    ([("sum", OVER), MOST], 1),
    ([("mean", OVER)], None),
    ([("sum", OVER), ("rate", OVER)], 0), ([("sum", OVER), ("daily", {"how": "last"})], 1),
    ([("sum", OVER), ("days_over", {})], 0), ([("beaufort", {}), MOST], 1), ([MOST, ("beaufort", {})], 0),
])  # fmt: skip
def test_what_is_proven_by_a_chain(steps, direction):
    assert direction_of([make(Step(name, settings)) for name, settings in steps]) == direction


def test_the_fall_of_an_incomplete_minimum_proves_nothing():
    """Of a first day it would say how far the night is below the day."""
    fall = world(above("c", 6, 5), LEAST, ("drop", OVER))
    assert edges(fall, [*steady(0, 60, 20), *steady(60, 200, 20)]) == []
    assert edges(fall, [(0, 20), (10, 12), (20, 8)]) == []
    assert edges(fall, [*steady(0, 130, 20), (130, 12)]) == [("on", 130)]


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_fall_begins_at_a_minimum_that_is_whole(size):
    """Before the first night the least is that of the day: from there it has not fallen to that of the night."""
    fall = world(above("c", 6, 5), LEAST, ("drop", OVER))
    days = [row(60 * minute, 8 if minute % 60 == 50 else 20) for minute in range(0, 300, 10)]
    rows = numbered([*days, row(60 * 300, 1)])
    bank = Bank(fall, 0, 1)
    parts = [bank.handle(rows[at : at + size]) for at in range(0, len(rows), size)]
    told = [(t.edge, t.time // MINUTE) for out in parts for s in out.signals for t in s.triggers]
    assert told == [("on", 300)]


def test_the_duration_that_a_rain_threshold_tells_is_no_bound():
    part = make(Step("rain_threshold", {}))
    assert (direction_of([Link(part, (1.0, 0.0), 0)]), direction_of([Link(part, (1.0, 0.0), 1)])) == (1, 0)


PARTS = [MOST, LEAST, ("mean", OVER), ("drop", OVER), ("sum", OVER), ("median", OVER),
         ("mean", {**OVER, "max_gap": "pace"}), ("extreme", {**OVER, "max_gap": 20 * MINUTE}),
         ("sum", {**OVER, "kind": "total"})]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_batches_make_no_difference(seed):
    r = random.Random(seed)
    part, condition = PARTS[seed % len(PARTS)], r.choice([HIGH, LOW])
    the_site = site(
        [stream(hard_max=9.5), stream("S2")], hazard([condition], {4: "c"}, steps=[part], checks=("range",))
    )
    now, rows = 0, []
    for _ in range(150):
        now += r.choice([1, 1, 5, 5, 20, 70]) * 60
        at = now - r.choice([0, 0, 0, 0, 0, 600, 3000])
        rows.append(row(at, r.choice([None, 0, 1, 2, 4, 6, 7, 9, 10]), r.choice(["S1", "S2"]), received=now))
    rows = numbered(rows)
    whole = Bank(the_site, 0, 1).handle(rows).signals
    bank, found, at = Bank(the_site, 0, 1), [], 0
    while at < len(rows):
        end = at + r.choice([1, 1, 3, 40])
        found += bank.handle(rows[at:end]).signals
        at = end
    assert msgspec.json.encode(found) == msgspec.json.encode(whole)
