"""Checks of what a part does with readings that are late, of one time, or there twice."""

import numpy as np

from detectors.base import Floats
from detectors.proof import known, require, same, same_state
from detectors.seeded import START, Factory, Stream, clean, earlier_rows, fresh, run, span


def earlier_time_is_skipped(factory: Factory) -> None:
    """A reading older than its slot's newest answers NaN and leaves no trace (parts that do not take late ones)."""
    stream = clean(factory(), seed=9)
    late = np.random.default_rng(9).random(len(stream)) < 0.2
    late &= earlier_rows(stream.slot) > 0
    time = np.where(late, START - 1, stream.time)
    mixed, without = fresh(factory), fresh(factory)
    out = run(mixed, Stream(stream.slot, time, stream.value))
    require(bool(np.isnan(out[late]).all()), "an earlier time did not answer NaN")
    same(out[~late], run(without, stream[~late]), "beside earlier times")
    same_state(mixed.snapshot(), without.snapshot(), "after earlier times")


def equal_times_both_count(factory: Factory) -> None:
    """Two readings of one time are both processed (parts that do not take late ones; repeats are sorted out before)."""
    stream = clean(factory(), seed=10)
    warm = known(run(fresh(factory), stream))
    twice = run(fresh(factory), stream[np.repeat(np.arange(len(stream)), 2)])
    require(bool(known(twice[1::2][warm]).all()), "the second reading of one time answered NaN")


def late_equals_sorted(factory: Factory) -> None:
    """Readings in disorder, none later than half the window, end with exactly what sorted data give (takes_late)."""
    part, twin = fresh(factory), fresh(factory)
    random = np.random.default_rng(11)
    step = span(part) // 20
    time = START + step * np.arange(400)
    ordered = Stream(np.zeros(400, dtype=np.int64), time, random.integers(0, 40, 400) / 5)
    order = np.argsort(time + random.integers(0, span(part) // 2, 400), kind="stable")
    run(part, ordered[order])
    run(twin, ordered)
    after = Stream(ordered.slot, time + 400 * step, ordered.value)
    same(run(part, after), run(twin, after), "after disorder")


def repeats_do_not_count(factory: Factory) -> None:
    """The same reading a second time, at once or late, changes nothing; it answers NaN, or what stands (takes_late)."""
    stream = clean(factory(), seed=12)
    part, twin = fresh(factory), fresh(factory)
    again = np.repeat(np.arange(len(stream)), 2)
    again[3::2] = again[2:-1:2] - 1  # row 0, 0, 1, 0, 2, 1, 3, 2 …: each a second time, one row later
    out = run(part, stream[again])
    same(out[0::2], run(twin, stream), "beside repeats")
    stands: dict[int, Floats] = {}
    for at, row in enumerate(again.tolist()):
        answer, slot = np.array(out[at]), int(stream.slot[row])
        if at % 2:
            require(bool((np.isnan(answer) | (answer == stands[slot])).all()), "a repeat answered another number")
        else:
            stands[slot] = answer
    same_state(part.snapshot(), twin.snapshot(), "after repeats")
