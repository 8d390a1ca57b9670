"""The silence of sensors never lowers anything, whatever a rule says of it."""

import pytest

from streams.models.observation import Tick
from streams.models.times import HOUR, MINUTE, SECOND
from tests.core.runs import changes, row, run
from tests.core.sites import above, absent, hazard, site, stream

LATE = 10 * 3600  # seconds


def levels(the_site, rows):
    return [(time[11:16], level) for time, _, level in changes(run(the_site, rows)[0])]


def told(rule, *more, after=0, checks=(), interval=None, stations=("S1",)):
    """A hazard whose only level, red, has a rule that speaks of silence."""
    conditions = [above("x", 6, 5), above("y", 8, 7), absent("gone", 30 * MINUTE), *more]
    streams = [stream(name, subject="R", interval=interval) for name in stations]
    return site(streams, hazard(conditions, {4: rule}, after=after, checks=checks))


def low(begin):
    """Two hours of good data."""
    return [row(begin + 600 * n, 1) for n in range(13)]


NOT_GONE = {"all": ["x", {"not": "gone"}]}


@pytest.mark.parametrize("after", [0, HOUR])
@pytest.mark.parametrize("rule", [
    NOT_GONE,
    {"all": ["x", {"not": {"any": ["gone", "y"]}}]},
    {"all": ["x", {"not": {"vote": {"of": "gone", "at_least": 1}}}]},
    {"not": {"any": [{"not": "x"}, "gone"]}},
])  # fmt: skip
def test_a_rule_that_wants_nobody_silent_is_kept_by_silence(rule, after):
    """Neither an interval nor the gap check says that the station is lost; the rule itself does."""
    rows = [row(0, 7), Tick(0, LATE * SECOND), row(LATE + 60, 7), *low(LATE + 120)]
    ends = "10:02" if not after else "11:02"
    assert levels(told(rule, after=after), rows) == [("00:00", "red"), (ends, None)]


def test_a_level_that_was_falling_waits_while_a_station_is_silent():
    rows = [row(0, 7), row(60, 1), Tick(0, LATE * SECOND), *low(LATE + 60)]
    the_site = told({"any": ["x", {"all": ["y", "gone"]}]}, after=HOUR)
    assert levels(the_site, rows) == [("00:00", "red"), ("11:01", None)]


def test_what_silence_itself_raised_ends_when_it_does():
    assert levels(told("gone"), [row(0, 1), Tick(0, HOUR), row(4000, 1)]) == [("00:30", "red"), ("01:06", None)]


def test_one_silent_station_keeps_what_another_one_raised():
    both = ("S1", "S2")
    rows = [row(0, 1, "S2"), row(0, 7, "S1"), *(row(60 * n, 7, "S1") for n in range(1, 60))]
    assert levels(told(NOT_GONE, stations=both), rows) == [("00:00", "red")]


def test_silence_lowers_no_bar_for_coming_back():
    """What counted as one time of a rule that counts goes on through a silence."""
    the_site = told({"count": {"of": NOT_GONE, "at_least": 2, "within": 24 * HOUR}})
    rows = [row(0, 7), Tick(0, HOUR), row(4000, 7), row(4060, 7)]
    assert levels(the_site, rows) == []
