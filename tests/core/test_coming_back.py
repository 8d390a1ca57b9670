"""A level that comes back at the very moment when it was to be lowered was never lowered: the feed does not flicker."""

import pytest

from streams.models.observation import Tick
from streams.models.times import HOUR
from tests.core.runs import changes, row, run
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream

HOURLY = 3600


def told(values, *, after=2 * HOUR, streams=1, batches=1):
    """Hourly readings."""
    members = [stream(f"S{n}", subject="R") for n in range(streams)]
    the_site = site(members, hazard(FOUR, FOUR_LEVELS, after=after))
    rows = [row(HOURLY * hour, value, f"S{n}") for hour, value in enumerate(values) for n in reversed(range(streams))]
    return [(time[11:16], level) for time, _, level in changes(run(the_site, rows, batches)[0])]


@pytest.mark.parametrize("batches", [1, 3, 20])
@pytest.mark.parametrize("streams", [1, 2])
def test_back_at_the_moment_when_the_time_is_over(streams, batches):
    assert told([7, 1, 1, 7, 1], streams=streams, batches=batches) == [("00:00", "red")]


def test_back_at_a_lower_level_steps_down_to_it_at_once():
    assert told([7, 1, 1, 4, 4]) == [("00:00", "red"), ("03:00", "yellow")]


def test_a_moment_later_it_was_lowered():
    rows = [row(0, 7), row(3600, 1), Tick(0, 3 * HOUR), row(10801, 7)]
    the_site = site([stream()], hazard(FOUR, FOUR_LEVELS, after=2 * HOUR))
    assert [level for _, _, level in changes(run(the_site, rows)[0])] == ["red", None, "red"]


def test_what_does_not_come_back_is_lowered_as_ever():
    assert told([7, 4.2, 4.2, 4.2, 4.2], streams=2) == [("00:00", "red"), ("03:00", "yellow")]
