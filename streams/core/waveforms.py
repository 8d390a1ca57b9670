"""Sampled frames decoded together: equally spaced values, as waveforms come. See `together`."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, pairwise
from typing import cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.core.forms import Record, Sampled
from streams.core.instants import instants
from streams.core.lines import floats, ints, keys_of, lines_of, must_own, none_if, received_of
from streams.core.numbers import cut
from streams.models.columns import Columns
from streams.models.framed import Framed, Frames
from streams.models.times import DAY, YEAR_2000

Ints = NDArray[np.int64]
_lines_of_sampled = msgspec.json.Decoder(Sampled).decode_lines


def sampled(records: Sequence[Record], partition: int, partitions: int) -> Columns:
    """Records of equally spaced values each: every record is one key."""
    found, value, counts = _values([r.value for r in records])
    if len(found) != len(records) or not counts.all():
        raise ValueError
    must_own([one.station for one in found], keys_of(records, partition, partitions)[0])
    received = received_of(ints([r.timestamp for r in records]))
    start = instants([one.start for one in found])
    steps, kind = _kinds(counts, [one.step for one in found])
    last = start + (steps[0][-1] if kind is None else np.array([step[-1] for step in steps])[kind])
    if (start < YEAR_2000).any() or (last > received + DAY).any():
        raise ValueError
    rising = np.array([_rising(step) for step in steps])
    frames = Frames(
        np.concatenate([[0], np.cumsum(counts)]),
        ints([r.offset for r in records]),
        received,
        start,
        last,
        np.repeat(rising, len(found)) if kind is None else rising[kind],
        None,
        steps,
        kind,
    )
    columns = Framed(
        frames,
        value,
        station=[one.station for one in found],
        property=[one.property for one in found],
        unit=none_if([one.unit for one in found], None),
        status=none_if([one.status for one in found], "Actual"),
    )
    begins = frames.begins.tolist()
    metas, ids = (none_if(given, None) for given in ([one.meta for one in found], [one.id for one in found]))
    if metas is not None:
        columns.meta = {at: one for one, at in zip(metas, begins, strict=False) if one is not None}
    return columns if ids is None else replace(columns.plain(), ids=_ids(ids, begins))


def _ids(given: list[str | None], begins: list[int]) -> dict[int, str]:
    """Ids of rows, by number of the row: a frame's with the row's place in it."""
    frames = [(one, at, end) for one, (at, end) in zip(given, pairwise(begins), strict=True) if one is not None]
    return {row: f"{one}/{row - at}" for one, at, end in frames for row in range(at, end)}


def _values(records: list[bytes | None]) -> tuple[list[Sampled], NDArray[np.float64], Ints]:
    """Sampled frames, their values, and how many each has."""
    joined = lines_of(records, b"{}")
    apart = cut(joined, cast("list[bytes]", records))
    if apart is not None:
        return _lines_of_sampled(apart.heads), apart.values, apart.counts
    found = _lines_of_sampled(joined)
    counts = ints([len(one.values) for one in found])
    return found, floats(list(chain.from_iterable([one.values for one in found]))), counts


def _kinds(counts: Ints, steps: list[float]) -> tuple[list[Ints], Ints | None]:
    """The different tables of microseconds from a frame's start, and which is each frame's (None: there is one)."""
    if steps.count(steps[0]) == len(steps) and (counts == counts[0]).all():
        return [_steps(int(counts[0]), steps[0])], None
    pairs = list(zip(counts.tolist(), steps, strict=True))
    number = {pair: at for at, pair in enumerate(dict.fromkeys(pairs))}
    tables = [_steps(*pair) for pair in number]
    return tables, None if len(tables) == 1 else ints([number[pair] for pair in pairs])


def _rising(step: Ints) -> bool:
    return bool((step[1:] > step[:-1]).all())


@lru_cache(maxsize=256)  # a site's waveforms are of few kinds
def _steps(count: int, step: float) -> Ints:
    """Microseconds from the start of a sampled frame to each value."""
    if not 0 < step * count < 1e12:
        raise ValueError
    steps: Ints = np.rint(np.arange(count) * step * 1_000_000).astype(np.int64)
    steps.flags.writeable = False
    return steps
