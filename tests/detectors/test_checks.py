"""Every part of the catalogues goes through every check of the contract; and the checks catch what they are for."""

import numpy as np
import pytest

from detectors import DETECTORS
from detectors.base import HOUR, MINUTE, Column, Detector, Part
from detectors.checks import EVERY, IN_ORDER, LATE, SCORES, ContractError, yield_checks
from detectors.transforms import TRANSFORMS

PARTS = {f"detectors.{name}": part for name, part in DETECTORS.items()}
PARTS |= {f"transforms.{name}": part for name, part in TRANSFORMS.items()}
VARIANTS = {
    "transforms.sum": [{"over": 10_000_000}, {"over": 24 * HOUR, "max_gap": HOUR}],
    "transforms.mean": [{"over": 10_000_000}, {"over": 24 * HOUR, "max_gap": 6 * HOUR}],
    "transforms.rate": [{"over": MINUTE, "cells": 2}, {"over": 24 * HOUR, "cells": 7, "max_gap": 5 * HOUR}],
}
CASES = [(name, settings) for name in PARTS for settings in [{}, *VARIANTS.get(name, [])]]
IDS = [pytest.param(PARTS[name], settings, check, id=f"{name}{settings or ''}-{check.__name__}")
       for name, settings in CASES for check in yield_checks(PARTS[name])]  # fmt: skip


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
    ],
)
def test_a_broken_part_is_caught(part, caught_by):
    check = next(c for c in (*EVERY, *IN_ORDER, *LATE, *SCORES) if c.__name__ == caught_by)
    with pytest.raises((ContractError, ValueError)):
        check(part)


def test_the_contract_itself_can_be_met():
    for check in EVERY:
        check(Broken)


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_every_part_says_what_it_is(part):
    assert issubclass(part, Part)
    assert ">>>" in part.__doc__
