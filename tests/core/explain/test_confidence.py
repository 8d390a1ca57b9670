"""One formula: share of trustworthy members × their agreement × age of the data."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.explain.confidence import Members, confidence
from streams.models.times import HOUR
from tests.core.runs import row, run
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream

ALL_CLEAR = Members(speaking=1, trusted=1, lost=0, agreeing=1, quiet=0, age=0)
some = st.integers(0, 50)
anybody = st.builds(
    lambda trusted, others, lost, agreeing, quiet, age: Members(trusted + others, trusted, lost, agreeing, quiet, age),
    *[some] * 5,
    st.integers(-HOUR, 48 * HOUR),
)


def value(found: Members) -> float:
    made = confidence(found)
    assert made is not None
    return made.value


def test_one_good_station_that_speaks_now():
    assert value(ALL_CLEAR) == 1.0


def test_nobody_speaks():
    assert confidence(Members(0, 0, 0, 0, 7, 0)) is None


def test_only_lost_ones_are_left():
    assert value(Members(0, 0, 2, 0, 0, 0)) == 0.0


@pytest.mark.parametrize(("lost", "doubtful", "share"), [(0, 0, 1.0), (1, 0, 0.5), (0, 1, 0.5), (1, 2, 0.25)])
def test_trustworthy_is_a_share_of_those_that_speak_or_are_lost(lost: int, doubtful: int, share: float):
    found = confidence(Members(1 + doubtful, 1, lost, 1, 0, 0))
    assert found is not None
    assert found.trustworthy == share


@pytest.mark.parametrize(("quiet", "agreement"), [(0, 1.0), (1, 0.75), (3, 0.62), (10**6, 0.5)])
def test_who_is_quiet_takes_at_most_half(quiet: int, agreement: float):
    found = confidence(replace(ALL_CLEAR, quiet=quiet))
    assert found is not None
    assert found.agreement == agreement


@pytest.mark.parametrize(("hours", "factor"), [(-1, 1.0), (0, 1.0), (1, 0.5), (3, 0.25)])
def test_an_hour_beyond_fresh_halves_it(hours: int, factor: float):
    found = confidence(replace(ALL_CLEAR, age=hours * HOUR))
    assert found is not None
    assert found.age == found.value == factor


@given(anybody)
def test_it_is_the_product_with_two_decimals_between_0_and_1(found: Members):
    made = confidence(found)
    if made is None:
        return
    for one in (made.value, made.trustworthy, made.agreement, made.age):
        assert 0 <= one <= 1
        assert round(one, 2) == one
    assert made.value == pytest.approx(made.trustworthy * made.agreement * made.age, abs=0.02)


@given(anybody)
def test_each_factor_moves_it_one_way_only(found: Members):
    if confidence(found) is None:
        return
    assert value(replace(found, lost=found.lost + 1)) <= value(found)
    assert value(replace(found, speaking=found.speaking + 1)) <= value(found)
    assert value(replace(found, speaking=found.speaking + 1, trusted=found.trusted + 1)) >= value(found)
    assert value(replace(found, agreeing=found.agreeing + 1)) >= value(found)
    if found.agreeing + found.quiet:
        assert value(replace(found, quiet=found.quiet + 1)) <= value(found)
    assert value(replace(found, age=found.age + HOUR)) <= value(found)


# -- in a command --------------------------------------------------------------------------------------------------


def confidences(streams, rows):
    commands, _ = run(site(streams, hazard(FOUR, FOUR_LEVELS)), rows)
    return [(c.level, c.confidence, c.explanation.confidence) for c in commands if c.kind == "alert"]


def test_the_command_has_the_value_and_the_explanation_its_factors():
    ((level, sure, factors),) = confidences([stream()], [row(0, 3.2)])
    assert (level, sure) == ("blue", 1.0)
    assert (factors.value, factors.trustworthy, factors.agreement, factors.age) == (1.0, 1.0, 1.0, 1.0)


def test_a_neighbour_that_sees_nothing_takes_a_quarter():
    two = [stream("S1", subject="R"), stream("S2", subject="R")]
    assert confidences(two, [row(0, 1.0, "S2"), row(60, 3.2)])[0][1] == 0.75


def test_both_agree():
    two = [stream("S1", subject="R"), stream("S2", subject="R")]
    assert confidences(two, [row(0, 3.2), row(60, 3.2, "S2"), row(70, 4.2)])[-1][:2] == ("yellow", 0.75)
    assert confidences(two, [row(0, 3.2), row(60, 4.2, "S2"), row(70, 5.2, "S2"), row(80, 5.2)])[-1][1] == 0.75


def test_old_data_is_worth_less():
    """Three hours and ten minutes on the way: what is beyond the ten minutes counts."""
    ((_, sure, factors),) = confidences([stream()], [row(0, 3.2, received=3 * 3600 + 600)])
    assert (sure, factors.age) == (0.25, 0.25)


def test_a_station_that_reports_every_hour_is_fresh_for_an_hour():
    ((_, sure, _),) = confidences([stream(interval=HOUR)], [row(0, 3.2, received=3600)])
    assert sure == 1.0
