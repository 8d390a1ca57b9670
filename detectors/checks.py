"""The contract of `detectors.base` as checks that any part can be put through.

`for check in yield_checks(Rate): check(Rate)` raises a `ContractError` (an AssertionError) that names what is broken.
What a check takes is a factory of fresh parts without slots: a class of the catalogue, or `lambda: Rate(over=HOUR)`.
"""

from collections.abc import Callable, Iterator

import numpy as np

from detectors.base import Detector, Floats, Part, State
from detectors.seeded import SLOTS, START, Factory, Stream, clean, earlier_rows, fresh, rough, run, span

Check = Callable[[Factory], None]


class ContractError(AssertionError):
    """A part does not do what every part must."""


def defaults_construct(factory: Factory) -> None:
    """Every parameter has a default, is stored under its own name and makes an equal twin; no slots, no state."""
    part = factory()
    twin = type(part)(**part.parameters())
    _require(repr(twin) == repr(part), f"{part!r} made the twin {twin!r}")
    defaults: Factory = type(part)
    _require(defaults().memory > 0, f"{part!r}: the defaults alone do not construct it")
    _require(part.slots == 0 and all(len(array) == 0 for array in part.snapshot().values()), "new, but not empty")


def split_invariance(factory: Factory) -> None:
    """Any split of a stream into batches gives the same bytes: 20 random splits against one reading at a time."""
    stream = rough(factory(), seed=1)
    alone = fresh(factory)
    expected = run(alone, stream, range(1, len(stream)))
    for seed in range(20):
        random = np.random.default_rng(seed)
        part = fresh(factory)
        cuts = random.integers(1, len(stream), random.integers(0, 100))
        _same(run(part, stream, cuts.tolist()), expected, f"split {seed}")
        _same_state(part.snapshot(), alone.snapshot(), f"split {seed}")


def slots_apart(factory: Factory) -> None:
    """A slot gives the same bytes alone, in company, and under another number among a thousand."""
    stream = rough(factory(), seed=2)
    together = run(fresh(factory), stream)
    for slot in range(SLOTS):
        mine = stream.slot == slot
        one = stream[mine]
        _same(run(fresh(factory), one), together[mine], f"slot {slot} alone")
    moved = Stream(stream.slot * 199 + 3, stream.time, stream.value)
    _same(run(fresh(factory, 1000), moved), together, "slots renumbered")


def growing_keeps_state(factory: Factory) -> None:
    """Room made in the middle of a stream changes nothing for the old slots, and asking for less never shrinks."""
    stream = rough(factory(), seed=3)
    expected = run(fresh(factory), stream)
    part = fresh(factory)
    half = len(stream) // 2
    before = run(part, stream[:half])
    for slots in (SLOTS + 1, SLOTS + 2, 40, 2):
        part.grow(slots)
    _require(part.slots == 40, f"grown to 40 slots it has {part.slots}")
    _same(np.concatenate([before, run(part, stream[half:])]), expected, "grown")
    newcomer = Stream(np.full(half, 39), stream.time[:half], stream.value[:half])
    first = fresh(factory, 40)
    _same(run(part, newcomer), run(first, newcomer), "a slot made later")


def snapshot_resumes(factory: Factory) -> None:
    """A part restored at any row goes on with the same bytes, and a snapshot is a copy."""
    stream = rough(factory(), seed=4, rows=240)
    expected = run(fresh(factory), stream)
    part = fresh(factory)
    for row in range(0, len(stream), 8):
        twin = factory()
        saved = part.snapshot()
        twin.restore(saved)
        _same(run(twin, stream[row:]), expected[row:], f"restored at row {row}")
        _same_state(part.snapshot(), saved, f"another part's readings changed the snapshot at row {row}")
        run(part, stream[row : row + 8])


def inputs_unchanged(factory: Factory) -> None:
    """Arrays that go in are never written to, and what comes out shares no memory with them."""
    stream = rough(factory(), seed=5)
    for array in (stream.slot, stream.time, stream.value):
        array.flags.writeable = False
    run(fresh(factory), stream)
    part, slot = fresh(factory), np.arange(SLOTS)
    value = np.full(SLOTS, 1.0)
    out = part.update(slot, np.full(SLOTS, START), value)
    _require(not np.shares_memory(out, value), "the answer is a view of the input")
    _require(out.dtype == np.float64 and out.shape == value.shape, f"answered {out.dtype} of shape {out.shape}")


def nan_only_in_warm_up(factory: Factory) -> None:
    """On clean data a slot's NaN all come first, and they end."""
    stream = clean(factory(), seed=6)
    out = run(fresh(factory), stream)
    for slot in range(SLOTS):
        warm = np.isfinite(out[stream.slot == slot])
        _require(bool(warm.any()), "never warmed up")
        _require(bool(warm[np.argmax(warm) :].all()), "NaN after the warm-up")


def missing_has_no_effect(factory: Factory) -> None:
    """A missing or infinite value answers NaN, and all else is as if it had not been there."""
    stream = clean(factory(), seed=7)
    holes = np.random.default_rng(7).random(len(stream)) < 0.2
    value = np.where(holes, np.resize([np.nan, np.inf, -np.inf], len(stream)), stream.value)
    holed, without = fresh(factory), fresh(factory)
    out = run(holed, Stream(stream.slot, stream.time, value))
    _require(bool(np.isnan(out[holes]).all()), "a missing value did not answer NaN")
    _same(out[~holes], run(without, stream[~holes]), "beside missing values")
    _same_state(holed.snapshot(), without.snapshot(), "after missing values")


def memory_is_bounded(factory: Factory) -> None:
    """State has the size that `memory` says, before and after any number of readings."""
    part = fresh(factory)
    stream = rough(part, seed=8, rows=2000)
    for _ in range(2):
        found = sum(array.nbytes for array in part.snapshot().values())
        _require(found == part.memory * SLOTS, f"{found} bytes for {SLOTS} slots, but memory is {part.memory}")
        run(part, stream)


def earlier_time_is_skipped(factory: Factory) -> None:
    """A reading older than its slot's newest answers NaN and leaves no trace (parts that do not take late ones)."""
    stream = clean(factory(), seed=9)
    late = np.random.default_rng(9).random(len(stream)) < 0.2
    late &= earlier_rows(stream.slot) > 0
    time = np.where(late, START - 1, stream.time)
    mixed, without = fresh(factory), fresh(factory)
    out = run(mixed, Stream(stream.slot, time, stream.value))
    _require(bool(np.isnan(out[late]).all()), "an earlier time did not answer NaN")
    _same(out[~late], run(without, stream[~late]), "beside earlier times")
    _same_state(mixed.snapshot(), without.snapshot(), "after earlier times")


def equal_times_both_count(factory: Factory) -> None:
    """Two readings of one time are both processed (parts that do not take late ones; repeats are sorted out before)."""
    stream = clean(factory(), seed=10)
    warm = np.isfinite(run(fresh(factory), stream))
    twice = run(fresh(factory), stream[np.repeat(np.arange(len(stream)), 2)])
    _require(bool(np.isfinite(twice[1::2][warm]).all()), "the second reading of one time answered NaN")


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
    _same(run(part, after), run(twin, after), "after disorder")


def repeats_do_not_count(factory: Factory) -> None:
    """The same reading a second time, at once or late, answers NaN and changes nothing (takes_late)."""
    stream = clean(factory(), seed=12)
    part, twin = fresh(factory), fresh(factory)
    again = np.repeat(np.arange(len(stream)), 2)
    again[3::2] = again[2:-1:2] - 1  # row 0, 0, 1, 0, 2, 1, 3, 2 …: each a second time, one row later
    out = run(part, stream[again])
    _same(out[0::2], run(twin, stream), "beside repeats")
    _require(bool(np.isnan(out[1::2]).all()), "a repeat answered a number")
    _same_state(part.snapshot(), twin.snapshot(), "after repeats")


def anomaly_stands_out(factory: Factory) -> None:
    """A jump of fifty standard deviations scores above the 99th percentile of the noise before it (detectors)."""
    part = fresh(factory, 1)
    value = 10.0 + np.random.default_rng(13).normal(size=400)
    value[300:] += 50.0
    time = START + span(part) // 20 * np.arange(400)
    score = run(part, Stream(np.zeros(400, dtype=np.int64), time, value))
    normal = score[:300][np.isfinite(score[:300])]
    _require(bool(np.nanmax(score[300:310]) > np.quantile(normal, 0.99)), "the anomaly does not stand out")


EVERY: tuple[Check, ...] = (
    defaults_construct,
    split_invariance,
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


def yield_checks(part: type[Part]) -> Iterator[Check]:
    """The checks that a part has to pass."""
    yield from EVERY
    yield from LATE if part.takes_late else IN_ORDER
    yield from SCORES if issubclass(part, Detector) else ()


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ContractError(message)


def _same(found: Floats, expected: Floats, where: str) -> None:
    differs = np.flatnonzero(found.view(np.int64) != expected.view(np.int64))
    first = differs[0] if differs.size else 0
    _require(not differs.size, f"{where}: row {first} of {len(found)}: {found[first]!r}, expected {expected[first]!r}")


def _same_state(found: State, expected: State, where: str) -> None:
    for name, array in expected.items():
        _require(found[name].tobytes() == array.tobytes(), f"{where}: the state differs in column {name!r}")
