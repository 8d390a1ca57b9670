"""Every part of the catalogues goes through every check of the contract; and the checks catch what they are for."""

import inspect
import re

import numpy as np
import pytest

from detectors import DETECTORS
from detectors.base import HOUR, Column, Detector, Part
from detectors.checks import EVERY, IN_ORDER, LATE, SCALE_FREE, SCORES, ContractError, yield_checks
from detectors.transforms import TRANSFORMS

PARTS = {f"detectors.{name}": part for name, part in DETECTORS.items()}
PARTS |= {f"transforms.{name}": part for name, part in TRANSFORMS.items()}
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * HOUR
VARIANTS = {
    "transforms.aqi": [{"period": "day", "min_valid": 1}, {"items": "o3,pm25", "period": "day", "so2_24h": "accept"}],
    "transforms.daily": [{"how": "sum", "day_starts": 20 * HOUR}, {"how": "max", "stamp": "begin"}, {"how": "last"}],
    "transforms.days_over": [{"level": 11.0, "how": "mean"}, {"level": 9.0, "side": "below", "how": "min"}],
    "transforms.drop": [{"side": "rise", "over": HOUR}],
    "transforms.fwi": [{"max_gap": DAY, "latitude": -35.0}],
    "transforms.iaqi": [{"period": "day"}, {"item": "o3", "period": "day"}, {"period": "24h", "edition": "2012"}],
    "transforms.intensity": [{"order": 4, "over": 10 * MINUTE, "max_gap": 20 * SECOND}],
    "transforms.inverse_velocity": [{"over": HOUR, "short": 10 * MINUTE, "cells": 7, "max_gap": "pace"}],
    "transforms.rain_threshold": [{"kind": "total", "rollover": 30.0, "over": HOUR}, {"kind": "rate", "max_gap": DAY}],
    "transforms.tangent_angle": [{"uniform": 5.0, "over": HOUR, "cells": 5}],
    "detectors.multivariate": [{"channels": 3, "top": 1, "smooth": 5, "clip": 3.0}],
    "detectors.p_onset": [{"rate": 10.0, "low": 1.0, "high": 4.0, "long": 2 * SECOND, "lag": SECOND}],
    "detectors.seasonal": [{"by": "week"}],
    "detectors.sta_lta": [{"kind": "classic", "nsta": 3, "nlta": 20}, {"max_gap": HOUR}],
    "transforms.sum": [{"over": 24 * HOUR, "max_gap": HOUR}, {"kind": "total", "rollover": 30.0}, {"kind": "rate"}],
    "transforms.mean": [{"over": 24 * HOUR, "max_gap": 6 * HOUR}],
    "transforms.rate": [{"over": 24 * HOUR, "cells": 7, "max_gap": "pace"}],
    "transforms.median": [{"over": 24 * HOUR, "cells": 5, "max_gap": 5 * HOUR}],
    "transforms.high_pass": [{"max_gap": HOUR, "order": 4}],
}
TOO_SLOW = {"detectors.p_onset"}  # blind for a thousand readings: only at a lower rate
CASES = [(name, settings) for name in PARTS for settings in [{}, *VARIANTS.get(name, [])]]
CASES = [(name, settings) for name, settings in CASES if settings or name not in TOO_SLOW]


def checks_of(name, settings):
    return yield_checks(lambda: PARTS[name](**settings))


IDS = [pytest.param(PARTS[name], settings, check, id=f"{name}{settings or ''}-{check.__name__}")
       for name, settings in CASES for check in checks_of(name, settings)]  # fmt: skip


@pytest.mark.parametrize(("part", "settings", "check"), IDS)
def test_contract(part, settings, check):
    check(lambda: part(**settings))


class Broken(Detector):
    """A part that remembers something across rows; each child breaks one rule."""

    def __init__(self, *, slots=0):
        super().__init__(slots, sum=Column(np.float64, 0.0))

    def _step(self, slot, time, value):
        self.state["sum"][slot] += value
        return self.state["sum"][slot]


class LooksAtCompany(Broken):
    def _step(self, slot, time, value):
        return value - value.mean()


class TouchesNeighbours(Broken):
    def _step(self, slot, time, value):
        self.state["sum"] += value.sum()
        return self.state["sum"][slot]


class ForgetsOnGrowth(Broken):
    def grow(self, slots):
        super().grow(slots)
        self.state["sum"][:] = 0


class HidesState(Broken):
    def _step(self, slot, time, value):
        self.hidden = getattr(self, "hidden", 0) + len(slot)
        return value + self.hidden


class WritesInput(Broken):
    def _step(self, slot, time, value):
        value *= 2
        return value


class GoesBlind(Broken):
    def _step(self, slot, time, value):
        return np.where(value > 9, value, np.nan)


class Swallows(Broken):
    def update(self, slot, time, value):
        return self._taken(slot, time, value)


class Grows(Broken):
    def _step(self, slot, time, value):
        self.state["extra"] = np.append(self.state.get("extra", []), value)
        return value


class TakesNoTwins(Broken):
    def _step(self, slot, time, value):
        return np.where(time > self.state["last"][slot], value, np.nan)


class CountsTwice(Broken):
    takes_late = True


class Ignores(Broken):
    def _step(self, slot, time, value):
        return np.zeros(len(slot))


class OtherSeries(Broken):
    def series(self, slot, time, value):
        return super().series(slot, time, value) + 1e-15 * value


class RewritesItsRow(Detector):
    def __init__(self, *, slots=0):
        super().__init__(slots, ring=Column(np.float64, 0.0, 8, 1))

    def _step(self, slot, time, value):
        self.state["ring"][slot] += value[:, None]
        return value.copy()


class ChangesMuch(Detector):
    def __init__(self, *, slots=0):
        super().__init__(slots, many=Column(np.float64, 0.0, 33))

    def _step(self, slot, time, value):
        return value.copy()


class KnowsTheUnit(Broken):
    scale_free = True


@pytest.mark.parametrize(
    ("part", "caught_by"),
    [
        (LooksAtCompany, "split_invariance"),
        (TouchesNeighbours, "slots_apart"),
        (ForgetsOnGrowth, "growing_keeps_state"),
        (HidesState, "snapshot_resumes"),
        (WritesInput, "inputs_unchanged"),
        (GoesBlind, "nan_only_in_warm_up"),
        (Swallows, "missing_has_no_effect"),
        (Swallows, "earlier_time_is_skipped"),
        (Grows, "memory_is_bounded"),
        (TakesNoTwins, "equal_times_both_count"),
        (CountsTwice, "repeats_do_not_count"),
        (Ignores, "anomaly_stands_out"),
        (OtherSeries, "series_equals_update"),
        (RewritesItsRow, "changes_only_what_it_says"),
        (ChangesMuch, "changes_only_what_it_says"),
        (KnowsTheUnit, "the_unit_does_not_matter"),
    ],
)
def test_a_broken_part_is_caught(part, caught_by):
    check = next(c for c in (*EVERY, *IN_ORDER, *LATE, *SCORES, *SCALE_FREE) if c.__name__ == caught_by)
    with pytest.raises((ContractError, ValueError)):
        check(part)


def test_the_contract_itself_can_be_met():
    for check in EVERY:
        check(Broken)


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_every_part_says_what_it_is(part):
    """Idea, every parameter, memory, reference, an example."""
    assert issubclass(part, Part)
    idea, _, rest = part.__doc__.partition("Args:")
    told = rest.partition("Memory:")[0]
    assert len(idea.strip()) > 20
    assert [name for name in inspect.signature(part).parameters if not re.search(rf"\b{name}\b", told)] == []
    assert all(word in part.__doc__ for word in ("Memory:", "Reference", ">>>"))
