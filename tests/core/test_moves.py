"""Each check that looks back, as docs/quality.md says it."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from streams.core.runs import Runs
from streams.core.sequences import Shift, Stay
from streams.core.swings import Swings
from streams.models.datastream import Checks
from streams.models.site import CHECKS
from streams.models.times import HOUR, MINUTE, SECOND
from tests.core.runs import Bank, numbered, row
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream


def flags(checks, values, *, every=60, only=CHECKS, **more):
    """The check that each of some values fails, one a minute."""
    gauge = stream(checks=checks, **more)
    bank = Bank(site([gauge], hazard(FOUR, FOUR_LEVELS, checks=only)), 0, 1)
    found = []
    for n, value in enumerate(values):
        bank.handle([row(1_000 + every * n, value, offset=n)])
        (latest,) = bank.take_latest()
        found.append(latest.check)
    return found


def test_a_rise_and_a_fall_faster_than_the_most():
    own = Checks(rise_max=0.5 / 60, fall_max=1.0 / 60)  # m a second: half a metre a minute
    assert flags(own, [1, 1.5, 2.1, 1.2, 0.1, 0.1]) == ["", "", "rise", "", "fall", ""]


def test_the_rate_counts_from_the_last_value_that_could_be():
    own = Checks(rise_max=1.0 / 60, fall_max=1.0 / 60)
    assert flags(own, [1, None, 2.9, 99, 3.1], hard_max=50.0) == ["", "missing", "", "range_hard", ""]


def test_a_flash_flood_raises_as_far_as_a_doubtful_value_may():
    gauge = stream(checks=Checks(rise_max=1.0 / 60))
    out = Bank(site([gauge], hazard(FOUR, FOUR_LEVELS, checks=CHECKS)), 0, 1).handle(
        numbered([row(60, 1), row(120, 9)])
    )
    triggers = out.signals[0].triggers
    assert {(t.quality, t.check, t.bound) for t in triggers} == {(3, "rise", "rise_max 60 m/h")}


def test_a_hazard_that_does_not_list_a_check_does_not_see_it():
    own = Checks(rise_max=1.0 / 60)
    gauge = stream(checks=own)
    out = Bank(site([gauge], hazard(FOUR, FOUR_LEVELS, checks=("range",))), 0, 1).handle(
        numbered([row(60, 1), row(120, 9)])
    )
    assert {t.quality for t in out.signals[0].triggers} == {1}
    assert flags(own, [1, 9], only=("range",)) == ["", ""]


def test_a_shift_that_comes_back_was_none_and_one_that_lasts_is_accepted():
    own = Checks(shift=2.0, shift_for=3 * MINUTE)
    assert flags(own, [1, 5, 5, 1.2, 1.1]) == ["", "shift", "shift", "", ""]
    assert flags(own, [1, 5, 5, 5, 5, 5.1]) == ["", "shift", "shift", "shift", "", ""]


def test_swings_to_and_fro():
    own = Checks(swings=3, swing_band=0.5, swing_for=10 * MINUTE)
    assert flags(own, [1, 2, 1, 2, 1, 1, 1]) == ["", "", "", "", "oscillation", "oscillation", "oscillation"]
    assert flags(own, [1, 1.3, 1, 1.3, 1, 1.3]) == [""] * 6
    assert flags(own, [1, 2, 1, 2, 1], every=400) == [""] * 5


def test_stuck_within_a_band_but_not_at_a_value_of_rest():
    own = Checks(stuck_band=0.02)
    values = [1, 1.01, 0.99, 1.02, 1, 1.01, 1.05]
    assert flags(own, values, stuck_for=4 * MINUTE) == [""] * 4 + ["stuck", "stuck", ""]
    assert flags(own, values, stuck_for=4 * MINUTE, rest=(1.0,)) == [""] * 7
    assert flags(own, values, stuck_for=None) == [""] * 7


def test_a_sensor_in_doubt_is_trusted_again_after_good_values_in_a_row():
    own = Checks(recover=3)
    assert flags(own, [1, 9, 1, 1, 1, 1], soft_max=8.0) == ["", "range_soft", "unreliable", "unreliable", "", ""]
    assert flags(own, [1, 99, 1, 9, 1, None, 1, 1], soft_max=8.0, hard_max=50.0) == [
        "", "range_hard", "unreliable", "range_soft", "unreliable", "missing", "unreliable", "",
    ]  # fmt: skip
    assert flags(own, [1, 20, 1], range_max=10.0) == ["", "saturated", ""]


def test_the_end_of_the_range_neither_restarts_nor_advances_the_run_of_good_values():
    own, more = Checks(recover=3), {"soft_max": 8.0, "range_max": 10.0}
    full, not_yet = "saturated", "unreliable"
    assert flags(own, [9, 20, 20, 20, 20, 1, 1, 1], **more) == ["range_soft", *[full] * 4, not_yet, not_yet, ""]
    assert flags(own, [9, 1, 20, 1, 20, 1, 1], **more) == ["range_soft", not_yet, full, not_yet, full, "", ""]
    assert flags(own, [1, *[20] * 9, 1], stuck_for=3 * MINUTE, **more) == ["", *[full] * 9, ""]


@pytest.mark.parametrize("seed", range(8))
def test_the_run_of_good_values_is_the_same_in_any_split(seed):
    r = random.Random(seed)
    gauge = stream(checks=Checks(recover=r.choice([1, 2, 3])), soft_max=8.0, range_max=10.0)
    rows = numbered([row(60 + 60 * n, r.choice([1, 1, 1, 9, 20, 20, None])) for n in range(200)])
    found = []
    for size in (1, 7, 200):
        bank = Bank(site([gauge], hazard(FOUR, FOUR_LEVELS, checks=CHECKS)), 0, 1)
        signals = [s for at in range(0, 200, size) for s in bank.handle(rows[at : at + size]).signals]
        found.append([(t.edge, t.check, t.quality, t.time) for s in signals for t in s.triggers])
    assert found[0] == found[1] == found[2]


def test_a_limit_of_a_month_by_the_calendar_of_the_site():
    own = Checks(months=((7, "soft_max", 3.0), (7, "hard_max", 9.0)))
    gauge = stream(checks=own, soft_max=1.0)
    the_site = site([gauge], hazard(FOUR, FOUR_LEVELS, checks=CHECKS))
    object.__setattr__(the_site, "timezone", "Asia/Shanghai")
    zone = ZoneInfo("Asia/Shanghai")
    first = datetime(2026, 7, 1, tzinfo=zone).timestamp()
    rows = [row(first - 1, 2), row(first, 2), row(first + 60, 4), row(first + 120, 10)]
    bank, found = Bank(the_site, 0, 1), []
    for one in numbered(rows):
        bank.handle([one])
        found += [(latest.check, latest.bound) for latest in bank.take_latest()]
    assert found == [
        ("range_soft", "soft_max 1 m"), ("", ""), ("range_soft", "soft_max@07 3 m"), ("range_hard", "hard_max@07 9 m"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("own", "more", "values", "bound"),
    [
        (Checks(), {"range_max": 5.0}, [1, 7], "range_max 5 m"),
        (Checks(), {"hard_min": 0.0}, [1, -7], "hard_min 0 m"),
        (Checks(fall_max=0.01), {}, [5, 1], "fall_max 36 m/h"),
        (Checks(shift=2.0, shift_for=90 * SECOND), {}, [1, 5], "shift 2 m, shift_for 90 s"),
        (Checks(recover=2), {"soft_max": 3.0}, [5, 1], "recover 2"),
        (Checks(), {"stuck_for": 4 * MINUTE}, [1] * 6, "stuck_for 4 min"),
    ],
)
def test_the_bound_is_named_as_it_was_configured(own, more, values, bound):
    bank = Bank(site([stream(checks=own, **more)], hazard(FOUR, FOUR_LEVELS, checks=CHECKS)), 0, 1)
    bank.handle(numbered([row(60 + 60 * n, value) for n, value in enumerate(values)]))
    assert [latest.bound for latest in bank.take_latest()] == [bound]


def made(check):
    own = Checks(
        shift=1.5, shift_for=4 * SECOND, swings=2, swing_band=0.5, swing_for=9 * SECOND, stuck_band=0.5,
    )  # fmt: skip
    gauges = [stream(checks=own, stuck_for=3 * SECOND, rest=(4.0,)), stream(checks=own, stuck_for=HOUR)]
    return check(gauges, np.ones(2, np.bool_), 3)


@pytest.mark.parametrize("check", [Shift, Swings, Stay])
@pytest.mark.parametrize("seed", range(5))
def test_many_rows_of_a_slot_are_rows_one_by_one(check, seed):
    r = random.Random(seed)
    count = 120
    value = np.array([float(r.choice([0, 0, 1, 1, 1.5, 2, 3, 4, 4, 4])) for _ in range(count)])
    time = np.cumsum([r.choice([1, 1, 2, 9]) for _ in range(count)]) * SECOND
    slot, kind = np.full(count, 2, np.int64), np.full(count, seed % 2, np.int64)
    before = np.append(np.nan, value[:-1])
    whole, steps = made(check), made(check)
    found = whole.marks(slot, Runs.of(slot), kind, time, value, before)
    one = Runs.of(slot[:1])
    each = [steps.marks(*(a[n : n + 1] if a is not one else a for a in (slot, one, kind, time, value, before)))[0]
            for n in range(count)]  # fmt: skip
    assert found.tolist() == each
    assert any(each) or check is Stay
    for name in check.STATE:
        assert np.array_equal(getattr(whole, name), getattr(steps, name))


@pytest.mark.parametrize("seed", range(5))
def test_swings_go_on_from_what_was_saved(seed):
    r = random.Random(seed)
    count = 200
    value = np.array([float(r.choice([0, 1, 2, 3])) for _ in range(count)])
    time = np.cumsum([r.choice([1, 1, 2, 9]) for _ in range(count)]) * SECOND
    slot, kind, before = np.full(count, 1), np.zeros(count, np.int32), np.full(count, np.nan)
    whole, begun, restored = made(Swings), made(Swings), made(Swings)
    expected = whole.marks(slot, Runs.of(slot), kind, time, value, before)
    half = slice(count // 2), slice(count // 2, count)
    begun.marks(*(each[half[0]] for each in (slot,)), Runs.of(slot[half[0]]), *(
        each[half[0]] for each in (kind, time, value, before)
    ))  # fmt: skip
    for name in Swings.STATE:
        getattr(restored, name)[:] = getattr(begun, name)
    restored.restored(np.arange(3), np.zeros(3, np.int32))
    later = [each[half[1]] for each in (slot, kind, time, value, before)]
    found = restored.marks(later[0], Runs.of(later[0]), *later[1:])
    assert found.tolist() == expected[half[1]].tolist()
    assert any(found)
