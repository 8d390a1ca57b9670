"""Rules that look back, through Bank and Assessor: what waits also fires when no further message ever comes."""

from itertools import permutations
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.core.assess import Assessor
from streams.models.observation import Tick
from streams.models.signal import Progress, Source, Trigger, Triggered
from streams.models.times import HOUR, MINUTE, SECOND
from tests.core.runs import changes, row, run
from tests.core.sites import above, hazard, site, stream

RAIN, SLOPE = "R1", "S1"


def two_conditions(levels, **more):
    """Rain and slope movement of one slope."""
    inputs = {
        "rain": hazard([], {}, prop="rain", unit="mm").inputs["stage"],
        "moves": hazard([], {}, prop="move", unit="mm").inputs["stage"],
    }
    conditions = [above("heavy", 20, unit="mm", of="rain"), above("moving", 5, unit="mm", of="moves")]
    the_hazard = hazard(conditions, levels, name="slide", subject="source", inputs=inputs, **more)
    streams = [stream(RAIN, "rain", "mm", subject="H1"), stream(SLOPE, "move", "mm", subject="H1")]
    return site(streams, the_hazard)


def rain(minute, value):
    return row(60 * minute, value, RAIN, "rain", unit="mm")


def moves(minute, value):
    return row(60 * minute, value, SLOPE, "move", unit="mm")


def levels(the_site, rows, batches=1):
    return [(c[0][11:16], c[2]) for c in changes(run(the_site, rows, batches)[0])]


AFTER_RAIN = {3: {"sequence": {"of": ["heavy", "moving"], "within": 30 * MINUTE}}}


def test_one_after_the_other():
    rows = [rain(0, 30), rain(5, 0), moves(5, 1), moves(20, 9), moves(40, 1)]
    assert levels(two_conditions(AFTER_RAIN), rows) == [("00:20", "orange"), ("00:40", None)]


@pytest.mark.parametrize("rows", [
    [rain(0, 30), rain(5, 0), moves(5, 1), moves(36, 9)],  # too late
    [moves(0, 9), rain(5, 30), moves(6, 9)],  # the other way round
])  # fmt: skip
def test_not_one_after_the_other(rows):
    assert levels(two_conditions(AFTER_RAIN), rows) == []


def test_what_was_so_before_anybody_spoke_does_not_begin_with_the_first_word():
    calm_after = {3: {"sequence": {"of": ["heavy", {"not": "moving"}], "within": 30 * MINUTE}}}
    rows = [rain(0, 0), moves(0, 1), rain(5, 30), rain(15, 0)]
    assert levels(two_conditions(calm_after), rows) == []
    rows = [*rows[:3], moves(6, 9), moves(8, 1), rain(15, 0)]
    assert levels(two_conditions(calm_after), rows) == [("00:08", "orange")]


def test_rain_that_goes_on_is_rain_before():
    assert levels(two_conditions(AFTER_RAIN), [rain(0, 30), rain(90, 30), moves(100, 9)]) == [("01:40", "orange")]


def test_so_many_times_and_then_it_is_over_without_a_message():
    the_site = two_conditions({2: {"count": {"of": "heavy", "at_least": 2, "within": 30 * MINUTE}}})
    rows = [rain(0, 30), rain(5, 0), rain(10, 30), rain(15, 0), Tick(0, HOUR), Tick(0, HOUR + SECOND)]
    for at, one in enumerate(rows):
        one.offset = at
    assert levels(the_site, rows) == [("00:10", "yellow"), ("00:35", None)]


def test_what_should_have_come():
    the_site = two_conditions({2: {"absence": {"of": "moving", "after": "heavy", "within": 30 * MINUTE}}})
    silent = [rain(0, 30), moves(0, 1), Tick(0, 29 * MINUTE), Tick(0, 31 * MINUTE), Tick(0, 2 * HOUR)]
    assert levels(the_site, silent) == [("00:30", "yellow")]
    assert levels(the_site, [rain(0, 30), moves(1, 9), moves(2, 1), Tick(0, HOUR)]) == []
    late = [rain(0, 30), rain(1, 0), Tick(0, 31 * MINUTE), moves(40, 9), moves(41, 1)]
    assert levels(the_site, late) == [("00:30", "yellow"), ("00:40", None)]
    over = [rain(0, 30), rain(40, 0), Tick(0, 2 * HOUR)]
    assert levels(the_site, over) == [("00:30", "yellow"), ("01:10", None)]


def test_rules_nest():
    rule = {"count": {"of": {"sequence": {"of": ["heavy", {"not": "heavy"}], "within": HOUR}}, "at_least": 2,
                      "within": HOUR}}  # fmt: skip
    rows = [rain(0, 30), rain(5, 0), rain(10, 30), rain(15, 0)]
    assert levels(two_conditions({1: {"all": [rule, {"not": "moving"}]}}), rows) == [("00:15", "blue")]


def votes(**more):
    streams = [stream(f"S{n}", subject="R", zone="Z1", lon=10 + n * 0.01, lat=30.0) for n in range(3)]
    rule = {"vote": {"of": "high", "at_least": 2, **more}}
    return site(streams, hazard([above("high", 3)], {2: rule}))


def test_votes_of_a_time():
    rows = [row(60 * m, v, f"S{n}") for m, v, n in ((0, 5, 0), (1, 1, 0), (8, 5, 1), (9, 1, 1))]
    assert levels(votes(), rows) == []
    assert levels(votes(during=5 * MINUTE), rows) == []
    whole = [*rows, Tick(9, HOUR)]
    assert levels(votes(during=10 * MINUTE), whole) == [("00:08", "yellow"), ("00:11", None)]


def test_votes_of_a_place():
    """A hundredth of a degree of longitude is 965 m there."""
    rows = [row(0, 5, "S0"), row(1, 5, "S2")]
    assert levels(votes(within=1000.0), rows) == []
    assert levels(votes(within=2000.0), rows) == [("00:00", "yellow")]
    assert levels(votes(within=1000.0), [*rows, row(2, 5, "S1")]) == [("00:00", "yellow")]


def test_votes_of_a_rule_that_each_station_judges_by_itself():
    streams = [stream(f"S{n}", prop, "mm", subject="R") for n in range(3) for prop in ("rain", "move")]
    rule = {"vote": {"of": {"all": ["heavy", "moving"]}, "at_least": 2, "by": "station"}}
    the_site = site(streams, next(iter(two_conditions({2: rule}, end="timer", after=0).hazards.values())))
    wet = [row(60 * n, 30, f"S{n}", "rain", unit="mm") for n in range(3)]
    assert levels(the_site, [*wet, row(180, 9, "S0", "move", unit="mm")]) == []
    rows = [*wet, *(row(180 + 60 * n, 9, f"S{n}", "move", unit="mm") for n in range(2))]
    assert levels(the_site, rows) == [("00:04", "yellow")]
    over = [*rows, row(300, 1, "S1", "rain", unit="mm")]
    assert levels(the_site, over)[-1] == ("00:05", None)


def trigger(station, prop, condition, edge, second, offset, subject="H1"):
    at = second * SECOND
    one = Trigger(f"{station}{edge}{second}", station, prop, edge, at, "slide", subject, condition)
    return Triggered(f"s{station}{edge}{second}", Source("readings", 0, offset, 0, 0), at, "Z1", "Actual", [one])


@pytest.mark.parametrize("rule", [
    {"sequence": {"of": ["heavy", "moving"], "within": HOUR}},
    {"sequence": {"of": ["moving", "heavy"], "within": HOUR}},
    {"count": {"of": {"all": ["heavy", "moving"]}, "at_least": 1, "within": HOUR}},
    {"count": {"of": {"any": ["heavy", "moving"]}, "at_least": 2, "within": HOUR}},
    {"absence": {"of": {"all": ["heavy", "moving"]}, "after": "heavy", "within": HOUR}},
])  # fmt: skip
def test_the_order_of_readings_of_one_time_does_not_matter(rule):
    """First one is on; then it goes off while the other goes on, at the same time, in either order."""
    the_site, found = two_conditions({2: rule}), set()
    begin = ("heavy", "on", 0)
    for then in permutations([("heavy", "off", 60), ("moving", "on", 60)]):
        assessor, said = Assessor(the_site, 0, 1), []
        for offset, (condition, edge, second) in enumerate([begin, *then, ("moving", "off", 120)]):
            where = (RAIN, "rain") if condition == "heavy" else (SLOPE, "move")
            said += assessor.handle(trigger(*where, condition, edge, second, offset), second * SECOND)
        said += assessor.handle(Progress(0, 9, 9 * HOUR), 9 * HOUR)
        (subject,) = assessor.subjects.values()
        found.add((subject.raw, str(subject.picture.memory.spans)))
    assert len(found) == 1


INNER = st.sampled_from([
    "high", {"not": "high"}, {"vote": {"of": "high", "at_least": 2}}, {"vote": {"of": "high", "at_least": 3}},
    {"vote": {"of": "high", "at_least": 2, "during": 2 * SECOND}},
])  # fmt: skip


FLICKER = [[False, True, True], *[[False] * 3] * 3, [False, False, True], [False, True, False]]


@settings(max_examples=60, deadline=None)
@example(FLICKER, Random(0), "high", "high", "sequence")
@given(
    st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=3, max_size=8), st.randoms(), INNER, INNER,
    st.sampled_from(["sequence", "count", "absence"]),
)  # fmt: skip
def test_the_order_within_a_time_never_matters(lines, chance, one, other, kind):
    arguments = {"sequence": {"of": [one, other]}, "count": {"of": one, "at_least": 2},
                 "absence": {"of": one, "after": other}}  # fmt: skip
    rule = {kind: {**arguments[kind], "within": 3 * SECOND}}
    streams = [stream(f"S{n}", subject="R") for n in range(3)]
    the_site = site(streams, hazard([above("high", 3)], {2: rule}, name="slide"))
    found = set()
    for _ in range(2):
        assessor, offset, before = Assessor(the_site, 0, 1), 0, [False] * 3
        for second, line in enumerate(lines):
            changed = [n for n in range(3) if line[n] != before[n]]
            chance.shuffle(changed)
            for n in changed:
                offset += 1
                edge = "on" if line[n] else "off"
                signal = trigger(f"S{n}", "water_level", "high", edge, second, offset, "R")
                assessor.handle(signal, second * SECOND)
            before = line
        for subject in assessor.subjects.values():
            found.add((subject.raw, str(subject.picture.memory.spans[0])))
    assert len(found) < 2


def test_a_doubtful_value_is_doubtful_later_too():
    streams = [stream("S0", subject="R", soft_max=4.0)]
    rule = {"count": {"of": "high", "at_least": 1, "within": HOUR}}
    the_site = site(streams, hazard([above("high", 3)], {4: rule}, checks=("range",)))
    assert levels(the_site, [row(0, 5, "S0"), row(60, 1, "S0")]) == [("00:00", "yellow")]
    assert levels(the_site, [row(0, 3.5, "S0"), row(60, 1, "S0")]) == [("00:00", "red")]
