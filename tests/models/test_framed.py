"""Columns of frames say what the same rows say."""

import numpy as np
import pytest

from streams.models.columns import Columns
from streams.models.framed import Framed, Frames
from streams.models.observation import Tick

COUNTS = np.array([3, 1, 3, 2])


def framed(*, given: bool, kinds: bool = True) -> Framed:
    counts = COUNTS if kinds else np.full(4, 3)
    begins = np.concatenate([[0], np.cumsum(counts)])
    steps = [np.arange(3) * 10, np.array([0]), np.array([0, 7])] if kinds else [np.arange(3) * 10]
    kind = np.array([0, 1, 0, 2]) if kinds else None
    start = np.array([100, 200, 300, 400])
    time = np.concatenate([s + steps[k] for s, k in zip(start, kind if kinds else [0] * 4, strict=True)])
    last = time[begins[1:] - 1]
    offset, received = np.array([4, 5, 9, 10]), np.array([7, 7, 8, 9])
    rising = np.ones(4, np.bool_)
    frames = Frames(
        begins, offset, received, start, last, rising, time if given else None, () if given else steps, kind
    )
    return Framed(
        frames, np.arange(begins[-1]) / 2, station=list("abca"), property=list("pppp"), unit=["m", None, None, "m"],
        meta={0: {"x": 1}}, ticks=[(int(begins[1]), Tick(5, 8))],
    )  # fmt: skip


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("kinds", [True, False])
def test_rows_are_made_when_asked_for(given, kinds):
    columns = framed(given=given, kinds=kinds)
    rows = list(columns)
    assert rows == list(columns.plain())
    assert len(rows) == len(columns) + 1
    assert (rows[0].station, rows[0].time, rows[0].offset, rows[0].row, rows[0].meta) == ("a", 100, 4, 0, {"x": 1})
    assert (rows[2].time, rows[2].row, rows[2].received, rows[2].unit) == (120, 2, 7, "m")
    assert [columns.place(row) for row in range(len(columns))] == [
        columns.plain().place(row) for row in range(len(columns))
    ]


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("kinds", [True, False])
def test_parts_are_those_of_rows(given, kinds):
    columns = framed(given=given, kinds=kinds)
    plain, size = columns.plain(), len(columns)
    for start in range(size):
        for stop in range(start + 1, size + 2):
            part = columns.part(start, stop)
            assert list(part) == list(plain.part(start, stop))
            assert columns.whole(start, stop) == plain.whole(start, stop)
    begins = columns.frames.begins.tolist()
    assert isinstance(columns.part(begins[1], begins[3]), Framed)
    assert type(columns.part(begins[1], begins[3] - 1)) is Columns


@pytest.mark.parametrize("given", [True, False])
def test_frames_of_one_length_are_tables(given):
    frames = framed(given=given).frames
    assert frames.times(np.array([2, 0]), 3).tolist() == [[300, 310, 320], [100, 110, 120]]
    assert frames.taken(np.arange(9), np.array([2, 0]), 3).tolist() == [[4, 5, 6], [0, 1, 2]]
    assert frames.time_of(np.array([3, 1]), np.array([1, 0])).tolist() == [407, 200]
    even = framed(given=given, kinds=False).frames
    assert even.taken(np.arange(12), np.array([3, 1]), 3).tolist() == [[9, 10, 11], [3, 4, 5]]
    assert even.times(np.arange(4), 3).shape == (4, 3)


def test_a_split_is_by_offset():
    columns = framed(given=False)
    for offset in (3, 4, 5, 9, 10):
        early, late = columns.split(offset)
        assert [*early, *late] == list(columns)
        assert all(row.offset <= offset for row in early)
