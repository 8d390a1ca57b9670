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


def test_a_check_that_is_off_leaves_no_limit_but_the_end_of_the_instrument():
    limits = limits_of(stream(range_max=20.0, hard_max=50.0), NONE)
    found, clipped = limits.judge(np.zeros(1, np.int64), np.array([99.0]), np.zeros(1, np.int64))
    assert (int(found[0]), clipped[0]) == (SATURATED, 20.0)


def test_a_hazard_sees_only_the_checks_that_it_lists():
    assert quality.flag_of(STUCK & quality.mask_of(frozenset({"range"}))) == 1
    assert quality.flag_of(STUCK & quality.mask_of(frozenset({"stuck"}))) == 3
    assert quality.flag_of(quality.FUTURE & quality.mask_of(NONE)) == 3
