"""Who agrees with a doubtful value: what says the same, and not what goes with it."""

from dataclasses import replace

import pytest

from streams.core.agreement import sides_of, telling
from streams.core.assess import Assessor
from streams.models.signal import Reported, Source
from streams.models.site import AlertCondition, Input, ReportCondition
from streams.models.times import HOUR, SECOND
from tests.core.runs import Bank, numbered, row
from tests.core.sites import above, hazard, site, stream

DECLARED = ReportCondition("declared", ("typhoon",), 1, 24 * HOUR)
SEEN = ReportCondition("seen", ("flooding",), 1, HOUR)
INPUTS = {"wind": Input("wind", "wind", "m"), "gust": Input("gust", "gust", "m"), "rain": Input("rain", "rain", "m")}
CONDITIONS = [above("strong", 3, of="wind"), above("gusty", 4, of="gust"), above("wet", 2, of="rain"), DECLARED, SEEN]


def world(levels, *more):
    """Three stations of one subject; what is above 2.5 m is suspect, which raises at most yellow."""
    streams = [stream(f"S{n}", prop, soft_max=2.5, subject="R") for n in range(3) for prop in INPUTS]
    return site(streams, hazard([*CONDITIONS, *more], levels, inputs=INPUTS, checks=("range",)))


def report(kind, second):
    at = second * SECOND
    source = Source("reports", 0, second, 0, 0)
    return Reported(f"{kind}{second}", source, at, "Z1", "Actual", kind, "department", at, "A")


def level_of(the_site, rows, *reports):
    bank, assessor, found = Bank(the_site, 0, 1), Assessor(the_site, 0, 1), [None]
    said = [c for one in reports for c in assessor.handle(one, one.received)]
    for signal in bank.handle(numbered(rows)).signals:
        said += assessor.handle(signal, signal.received)
    return [*found, *(c.level for c in said if c.kind == "alert")][-1]


TYPHOON = {4: {"all": ["declared", {"any": ["strong", "gusty"]}]}}


def test_that_a_typhoon_is_declared_is_no_word_for_the_wind():
    rows = [row(60, 9, "S0", "wind")]
    assert level_of(world(TYPHOON), rows, report("typhoon", 1)) == "yellow"


@pytest.mark.parametrize("second", [row(61, 9, "S1", "wind"), row(61, 9, "S1", "gust")])
def test_another_station_that_says_the_same_lifts_it(second):
    assert level_of(world(TYPHOON), [row(60, 9, "S0", "wind"), second], report("typhoon", 1)) == "red"


def test_what_else_the_rule_asks_for_does_not_agree():
    both = {4: {"all": ["strong", "wet"]}}
    rows = [row(60, 9, "S0", "wind"), row(61, 9, "S1", "rain")]
    assert level_of(world(both), rows) == "yellow"
    assert level_of(world(both), [*rows, row(62, 9, "S2", "wind")]) == "yellow"  # nobody agrees on the rain
    assert level_of(world(both), [*rows, row(62, 9, "S2", "wind"), row(63, 9, "S2", "rain")]) == "red"
    assert (
        level_of(world(both), [row(60, 9, "S0", "wind"), row(60, 2.2, "S1", "rain"), row(62, 9, "S2", "wind")]) == "red"
    )


@pytest.mark.parametrize("levels", [
    {2: {"any": ["strong", "seen"]}, 4: "strong"}, {2: "seen", 4: {"all": ["strong", "seen"]}},
])  # fmt: skip
def test_a_report_of_the_danger_itself_agrees(levels):
    rows = [row(60, 9, "S0", "wind")]
    assert level_of(world(levels), rows, report("flooding", 1)) == "red"
    assert level_of(world(levels), rows, report("typhoon", 1)) != "red"


def test_an_alert_of_another_hazard_does_not_agree():
    quake = AlertCondition("quake", "earthquake", 1)
    assert telling(hazard([*CONDITIONS, quake], {1: {"any": ["quake", "seen"]}}, inputs=INPUTS)) == {"seen"}


def test_three_of_three_confirm_each_other():
    vote = {4: {"vote": {"of": "strong", "at_least": 3}}}
    rows = [row(60 + n, 9, f"S{n}", "wind") for n in range(3)]
    assert level_of(world(vote), rows) == "red"


def test_points_of_one_colour_agree_and_lower_ones_do_not():
    items = {"wind": {1: "windy", 4: "strong"}, "rain": {4: "wet"}}
    promote = {4: {"promote": {"to": 4, "items": items, "counts": {2: 4, 3: 3, 4: 2}}}}
    the_site = world(promote, above("windy", 1, of="wind"))
    assert level_of(the_site, [row(60, 9, "S0", "wind"), row(61, 2, "S1", "wind")]) == "yellow"
    assert level_of(the_site, [row(60, 9, "S0", "wind"), row(61, 9, "S1", "rain")]) == "red"


def test_what_looks_back_is_believed_as_its_parts_are():
    back = {4: {"sequence": {"of": ["wet", "strong"], "within": HOUR}}}
    one = [row(60, 9, "S0", "rain"), row(120, 9, "S0", "wind")]
    assert level_of(world(back), one) == "yellow"
    assert level_of(world(back), [one[0], row(61, 9, "S1", "rain"), one[1], row(121, 9, "S1", "wind")]) == "red"


@pytest.mark.parametrize(("rule", "sides"), [
    ("a", [{"a"}]),
    ({"any": ["a", {"any": ["b", {"vote": {"of": "c", "at_least": 1}}]}]}, [{"a", "b", "c"}]),
    ({"any": ["a", {"all": ["b", "c"]}]}, [{"a"}, {"b"}, {"c"}]),
    ({"any": ["a", {"vote": {"of": "b", "at_least": 2}}]}, [{"a"}, {"b"}]),
    ({"any": ["a", {"vote": {"of": {"any": ["b", "c"]}, "at_least": 1}}]}, [{"a", "b", "c"}]),
    ({"any": ["a", {"vote": {"of": {"any": ["b", "c"]}, "at_least": 2}}]}, [{"a"}, {"b", "c"}]),
    ({"vote": {"of": {"all": ["b", "c"]}, "at_least": 1}}, [{"b"}, {"c"}]),
    ({"count": {"of": {"any": ["a", "b"]}, "at_least": 2, "within": 9}}, [{"a", "b"}]),
])  # fmt: skip
def test_what_says_the_same(rule, sides):
    found = set(sides_of(rule))
    assert {side for side in found if not any(side < other for other in found)} == set(map(frozenset, sides))


def test_more_may_be_asked_to_agree():
    the_site = world(TYPHOON)
    three = replace(the_site.hazards["flood"], agreeing=3)
    asked = replace(the_site, hazards={"flood": three})
    rows = [row(60 + n, 9, f"S{n}", "wind") for n in range(2)]
    assert level_of(asked, rows, report("typhoon", 1)) == "yellow"
    assert level_of(asked, [*rows, row(63, 9, "S2", "gust")], report("typhoon", 1)) == "red"
