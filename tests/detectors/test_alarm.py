"""Alarms over arrays say what latches say one reading at a time, and more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.alarm import Alarm
from detectors.trigger import Latches


def over(scores, **settings):
    alarm = Alarm(**{"thr_on": 5, "thr_off": 3, **settings})
    return alarm.over(np.arange(len(scores)), np.array(scores, dtype=float)).astype(int).tolist()


@given(st.lists(st.sampled_from([0.0, 2.9, 3.0, 4.0, 5.0, 6.0, np.nan]), max_size=40))
def test_hysteresis_is_that_of_the_latches(scores):
    latch = Latches([[5.0]], [[3.0]], [[1.0]], [[0]], [[np.inf]])
    latch.grow(1)
    zero, no, on, state = np.zeros(1, np.int64), np.zeros((1, 1), bool), [], 0
    for row, score in enumerate(scores):
        at = np.array([row])
        changes = latch.update(zero, zero, at, at, np.array([score]), no, no)
        state = 1 if len(changes.on) else 0 if len(changes.off) else state
        on.append(state)
    assert over(scores) == on


def test_nothing_is_on_before_the_first_score():
    assert over([np.nan, np.nan, 6, np.nan, 1, np.nan]) == [0, 0, 1, 1, 0, 0]
    assert over([]) == over([np.nan][:0]) == []


def test_it_persists():
    assert over([6, 6, 2, 6, 6, 6, 6], persist=2) == [0, 0, 0, 0, 0, 1, 1]


def test_two_of_the_last_three():
    assert over([6, 4, 6, 4, 4, 6, 1], n=2, m=3) == [0, 0, 1, 1, 1, 1, 0]
    assert over([6, 4, 4, 6, 4, 4], n=2, m=3) == [0] * 6


def test_it_holds_and_rests():
    assert over([6, 1, 1, 1, 1], hold=3) == [1, 1, 1, 0, 0]
    assert over([6, 1, 6, 6, 6, 6], refractory=3) == [1, 0, 0, 0, 1, 1]


def test_wrong_settings_are_refused():
    for settings in ({"thr_off": 6}, {"n": 0}, {"n": 3, "m": 2}):
        with pytest.raises(ValueError, match="an alarm needs"):
            over([1.0], **settings)
