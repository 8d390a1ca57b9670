"""The contract of `detectors.base` as checks that any part can be put through.

`for check in yield_checks(Rate): check(Rate)` raises a `ContractError` (an AssertionError) that names what is broken.
What a check takes is a factory of fresh parts without slots: a class of the catalogue, or `lambda: Rate(over=HOUR)`.
"""

from collections.abc import Callable, Iterator

import numpy as np

from detectors.base import Detector
from detectors.checks_of_order import (
    earlier_time_is_skipped,
    equal_times_both_count,
    late_equals_sorted,
    repeats_do_not_count,
)
from detectors.checks_of_scores import anomaly_stands_out, the_unit_does_not_matter
from detectors.proof import ContractError, known, require, same, same_state
from detectors.seeded import SLOTS, START, Factory, Stream, clean, fresh, rough, run, shape

__all__ = ["EVERY", "IN_ORDER", "LATE", "SCALE_FREE", "SCORES", "ContractError", "yield_checks"]

Check = Callable[[Factory], None]

MOST_CHANGED = 256  # bytes of state that one reading may change


def defaults_construct(factory: Factory) -> None:
    """Every parameter has a default, is stored under its own name and makes an equal twin; no slots, no state."""
    part = factory()
    twin = type(part)(**part.parameters())
    require(repr(twin) == repr(part), f"{part!r} made the twin {twin!r}")
    defaults: Factory = type(part)
    require(defaults().memory > 0, f"{part!r}: the defaults alone do not construct it")
    require(part.slots == 0 and all(len(array) == 0 for array in part.snapshot().values()), "new, but not empty")


def split_invariance(factory: Factory) -> None:
    """Any split of a stream into batches gives the same bytes: 20 random splits against one reading at a time."""
    stream = rough(factory(), seed=1, rows=300)
    alone = fresh(factory)
    expected = run(alone, stream, range(1, len(stream)))
    for seed in range(20):
        random = np.random.default_rng(seed)
        part = fresh(factory)
        cuts = random.integers(1, len(stream), random.integers(0, 100))
        same(run(part, stream, cuts.tolist()), expected, f"split {seed}")
        same_state(part.snapshot(), alone.snapshot(), f"split {seed}")


def series_equals_update(factory: Factory) -> None:
    """`series` gives the bytes of one reading after another, however it is cut, also where there are faults."""
    for make in (clean, rough):
        stream = make(factory(), seed=14)
        rows = [np.flatnonzero(stream.slot == slot) for slot in range(SLOTS)]
        count = min(len(row) for row in rows)
        block = np.array([row[:count] for row in rows])
        whole = Stream(np.arange(SLOTS), stream.time[block], stream.value[block])
        alone = fresh(factory)
        expected = np.stack([alone.update(whole.slot, whole.time[:, i], whole.value[:, i]) for i in range(count)], 1)
        for cuts in ((), (1, 2, 9, 40), (count // 2,)):
            part = fresh(factory)
            pieces = np.split(np.arange(count), cuts)
            found = [part.series(whole.slot, whole.time[:, i], whole.value[:, i]) for i in pieces]
            same(np.concatenate(found, axis=1), expected, f"as a series cut at {cuts}")
            same_state(part.snapshot(), alone.snapshot(), f"as a series cut at {cuts}")


def changes_only_what_it_says(factory: Factory) -> None:
    """One reading changes no more numbers of a column than declared; at most 256 bytes with default parameters."""
    part = fresh(factory)
    stream = rough(part, seed=15, rows=250)
    before = part.snapshot()
    for row in range(len(stream)):
        part.update(stream.slot[row : row + 1], stream.time[row : row + 1], stream.value[row : row + 1])
        slot = int(stream.slot[row])
        for name, column in part.columns.items():
            if column.changes is not None:
                now, was = part.state[name][slot], before[name][slot]
                changed = int(((now != was) & ~((now != now) & (was != was))).sum())  # noqa: PLR0124 - NaN
                require(changed <= column.changes, f"row {row} changed {changed} numbers of {name!r}")
            before[name][slot] = part.state[name][slot]
    plain: Factory = type(part)
    require(plain().memory_changed <= MOST_CHANGED, f"one reading changes {plain().memory_changed} bytes")


def slots_apart(factory: Factory) -> None:
    """A slot gives the same bytes alone, in company, and under another number among a thousand."""
    stream = rough(factory(), seed=2)
    together = run(fresh(factory), stream)
    for slot in range(SLOTS):
        mine = stream.slot == slot
        one = stream[mine]
        same(run(fresh(factory), one), together[mine], f"slot {slot} alone")
    moved = Stream(stream.slot * 199 + 3, stream.time, stream.value)
    same(run(fresh(factory, 1000), moved), together, "slots renumbered")


def growing_keeps_state(factory: Factory) -> None:
    """Room made in the middle of a stream changes nothing for the old slots, and asking for less never shrinks."""
    stream = rough(factory(), seed=3)
    expected = run(fresh(factory), stream)
    part = fresh(factory)
    half = len(stream) // 2
    before = run(part, stream[:half])
    for slots in (SLOTS + 1, SLOTS + 2, 40, 2):
        part.grow(slots)
    require(part.slots == 40, f"grown to 40 slots it has {part.slots}")
    same(np.concatenate([before, run(part, stream[half:])]), expected, "grown")
    newcomer = Stream(np.full(half, 39), stream.time[:half], stream.value[:half])
    first = fresh(factory, 40)
    same(run(part, newcomer), run(first, newcomer), "a slot made later")


def snapshot_resumes(factory: Factory) -> None:
    """A part restored at any row goes on with the same bytes, and a snapshot is a copy."""
    stream = rough(factory(), seed=4, rows=240)
    expected = run(fresh(factory), stream)
    part = fresh(factory)
    for row in range(0, len(stream), 8):
        twin = factory()
        saved = part.snapshot()
        twin.restore(saved)
        same(run(twin, stream[row:]), expected[row:], f"restored at row {row}")
        same_state(part.snapshot(), saved, f"another part's readings changed the snapshot at row {row}")
        run(part, stream[row : row + 8])


def inputs_unchanged(factory: Factory) -> None:
    """Arrays that go in are never written to, and what comes out shares no memory with them."""
    stream = rough(factory(), seed=5)
    for array in (stream.slot, stream.time, stream.value):
        array.flags.writeable = False
    run(fresh(factory), stream)
    part, slot = fresh(factory), np.arange(SLOTS)
    value = np.full(shape(part, SLOTS), 1.0)
    out = part.update(slot, np.full(SLOTS, START), value)
    require(not np.shares_memory(out, value), "the answer is a view of the input")
    right = (SLOTS, len(part.outputs)) if len(part.outputs) > 1 else (SLOTS,)
    require(out.dtype == np.float64 and out.shape == right, f"answered {out.dtype} of shape {out.shape}")


def nan_only_in_warm_up(factory: Factory) -> None:
    """On clean data a slot's NaN all come first, and they end."""
    stream = clean(factory(), seed=6)
    out = run(fresh(factory), stream)
    for slot in range(SLOTS):
        warm = known(out[stream.slot == slot])
        require(bool(warm.any()), "never warmed up")
        require(bool(warm[np.argmax(warm) :].all()), "NaN after the warm-up")


def missing_has_no_effect(factory: Factory) -> None:
    """A missing or infinite value answers NaN, and all else is as if it had not been there."""
    stream = clean(factory(), seed=7)
    holes = np.random.default_rng(7).random(len(stream)) < 0.2
    value = stream.value.copy()
    value.T[..., holes] = np.resize([np.nan, np.inf, -np.inf], len(stream))[holes]
    holed, without = fresh(factory), fresh(factory)
    out = run(holed, Stream(stream.slot, stream.time, value))
    require(bool(np.isnan(out[holes]).all()), "a missing value did not answer NaN")
    same(out[~holes], run(without, stream[~holes]), "beside missing values")
    same_state(holed.snapshot(), without.snapshot(), "after missing values")


def memory_is_bounded(factory: Factory) -> None:
    """State has the size that `memory` says, before and after any number of readings."""
    part = fresh(factory)
    stream = rough(part, seed=8, rows=2000)
    for _ in range(2):
        found = sum(array.nbytes for array in part.snapshot().values())
        require(found == part.memory * SLOTS, f"{found} bytes for {SLOTS} slots, but memory is {part.memory}")
        run(part, stream)


EVERY: tuple[Check, ...] = (
    defaults_construct,
    split_invariance,
    series_equals_update,
    changes_only_what_it_says,
    slots_apart,
    growing_keeps_state,
    snapshot_resumes,
    inputs_unchanged,
    nan_only_in_warm_up,
    missing_has_no_effect,
    memory_is_bounded,
)
IN_ORDER: tuple[Check, ...] = (earlier_time_is_skipped, equal_times_both_count)
LATE: tuple[Check, ...] = (late_equals_sorted, repeats_do_not_count)
SCORES: tuple[Check, ...] = (anomaly_stands_out,)


SCALE_FREE: tuple[Check, ...] = (the_unit_does_not_matter,)


def yield_checks(factory: Factory) -> Iterator[Check]:
    """The checks that a part has to pass."""
    part = factory()
    yield from EVERY
    yield from LATE if part.takes_late else IN_ORDER
    if isinstance(part, Detector):
        yield from SCORES
        yield from SCALE_FREE if part.scale_free else ()
