"""Flags and the checks that set them."""

import numpy as np
import pytest

from streams.core import quality
from streams.core.quality import HARD, SATURATED, SOFT, STUCK, Limits
from streams.models.datastreams import Datastreams
from tests.core.sites import stream

ALL = frozenset({"range", "stuck", "gap"})
NONE = frozenset()


def limits_of(gauge, checks):
    first = np.zeros(1, np.int64)
    return Limits.of(Datastreams.of({gauge.key: gauge}), first, first, [gauge], [checks])


@pytest.mark.parametrize(
    ("bits", "flag", "check"),
    [
        (0, 1, ""),
        (SOFT, 3, "range_soft"),
        (STUCK | SOFT, 3, "range_soft"),
        (HARD | SATURATED, 4, "range_hard"),
        (quality.ABSENT, 9, "missing"),
        (quality.FUTURE, 3, "future"),
    ],
)
def test_the_flag_and_the_check_that_set_it(bits, flag, check):
    assert (quality.flag_of(bits), quality.check_of(bits)) == (flag, check)


@pytest.mark.parametrize(
    ("value", "bits", "cut"),
    [
        (5, 0, 5),
        (11, SOFT, 11),
        (20, SATURATED | SOFT, 20),
        (25, SATURATED | SOFT, 20),
        (99, HARD | SATURATED | SOFT, 20),
        (0, 0, 0),
    ],
)
def test_instrument_range_saturates_hard_limits_fail_soft_ones_doubt(value, bits, cut):
    gauge = stream(range_min=0.0, range_max=20.0, hard_min=-5.0, hard_max=50.0, soft_max=10.0)
    limits = limits_of(gauge, ALL)
    found, clipped = limits.judge(np.zeros(1, np.int64), np.array([float(value)]), np.zeros(1, np.int64))
    assert (int(found[0]), clipped[0]) == (bits, cut)


@pytest.mark.parametrize(
    ("hard", "value", "bits", "cut"),
    [
        # at the end of the range: nothing at or beyond the range fails
        ({"hard_max": 20.0}, 20, SATURATED, 20),
        ({"hard_max": 20.0}, 20.01, SATURATED, 20),
        ({"hard_max": 20.0}, 9999, SATURATED, 20),
        ({"hard_max": 20.0}, 19, 0, 19),
        # inside: what lies between fails, what lies at or beyond the range does not
        ({"hard_max": 15.0}, 16, HARD, 16),
        ({"hard_max": 15.0}, 25, SATURATED, 20),
        # beyond: a code of a fault stays one
        ({"hard_max": 20.5}, 20.4, SATURATED, 20),
        ({"hard_max": 20.5}, 9999, HARD | SATURATED, 20),
        # the same below, and each side for itself
        ({"hard_min": 2.0}, 1, SATURATED, 2),
        ({"hard_min": 3.0}, 2.5, HARD, 2.5),
        ({"hard_min": 3.0}, 1, SATURATED, 2),
        ({"hard_min": 1.0}, 0.5, HARD | SATURATED, 2),
        ({"hard_min": 2.0, "hard_max": 50.0}, 99, HARD | SATURATED, 20),
    ],
)
def test_a_hard_limit_within_the_range_fails_nothing_at_or_beyond_its_end(hard, value, bits, cut):
    limits = limits_of(stream(range_min=2.0, range_max=20.0, **hard), ALL)
    found, clipped = limits.judge(np.zeros(1, np.int64), np.array([float(value)]), np.zeros(1, np.int64))
    assert (int(found[0]), clipped[0]) == (bits, cut)


@pytest.mark.parametrize(
    ("value", "bits"), [(0, 0), (-0.1, HARD | SATURATED), (-9999, HARD | SATURATED), (20, SATURATED)]
)
def test_where_the_range_ends_at_rest_there_is_nothing_beyond(value, bits):
    """A rain gauge at 0 mm: -9999 is the code of a fault, not less than no rain."""
    limits = limits_of(stream(range_min=0.0, hard_min=0.0, range_max=20.0, hard_max=20.0, rest=(0.0,)), ALL)
    found, _ = limits.judge(np.zeros(1, np.int64), np.array([float(value)]), np.zeros(1, np.int64))
    assert int(found[0]) == bits


def test_the_end_of_the_range_is_no_doubt_by_a_soft_limit_or_by_a_value_that_stays():
    bits = np.array([SATURATED, SATURATED | SOFT, SATURATED | STUCK, SATURATED | quality.RISE, SOFT, STUCK, 0])
    found = quality.counting(bits, quality.DOUBTS)
    assert found.tolist() == [0, 0, 0, quality.RISE, SOFT, STUCK, 0]
    assert quality.only_saturated(bits, found).tolist() == [True, True, True, False, False, False, False]


def test_a_check_that_is_off_leaves_no_limit_but_the_end_of_the_instrument():
    limits = limits_of(stream(range_max=20.0, hard_max=50.0), NONE)
    found, clipped = limits.judge(np.zeros(1, np.int64), np.array([99.0]), np.zeros(1, np.int64))
    assert (int(found[0]), clipped[0]) == (SATURATED, 20.0)


def test_a_hazard_sees_only_the_checks_that_it_lists():
    assert quality.flag_of(STUCK & quality.mask_of(frozenset({"range"}))) == 1
    assert quality.flag_of(STUCK & quality.mask_of(frozenset({"stuck"}))) == 3
    assert quality.flag_of(quality.FUTURE & quality.mask_of(NONE)) == 3
