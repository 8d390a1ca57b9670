"""Rows from single readings."""

import numpy as np
import pytest

from detectors.base import SECOND
from detectors.join import Join

HERE = np.array([0])


def feed(join, readings):
    """(second, name, value) -> rows as (second, values)."""
    found = []
    for second, name, value in readings:
        rows = join.update(HERE, np.array([second * SECOND]), name, np.array([float(value)]))
        found += [(int(t) // SECOND, v) for t, v in zip(rows.time, rows.value.tolist(), strict=True)]
    return found


def exact(**settings):
    return Join(inputs=("x", "y"), how="exact", slots=1, **settings)


def test_a_row_comes_out_when_it_is_whole():
    assert feed(exact(), [(1, "x", 1), (1, "y", 2), (2, "y", 4), (2, "x", 3)]) == [(1, [1, 2]), (2, [3, 4])]


def test_a_row_comes_out_with_holes_when_it_has_waited():
    found = feed(exact(max_wait=2 * SECOND), [(1, "x", 1), (2, "x", 2), (4, "x", 4)])
    assert [second for second, _ in found] == [1]
    assert np.isnan(found[0][1][1])


def test_a_clock_ends_the_waiting():
    join = exact(max_wait=2 * SECOND)
    assert feed(join, [(1, "x", 1)]) == []
    assert len(join.expire(3 * SECOND)) == 0
    assert join.expire(3 * SECOND + 1).time.tolist() == [SECOND]
    assert len(join.expire(9 * SECOND)) == 0


def test_rows_come_in_order_and_what_is_older_is_dropped():
    found = feed(exact(), [(1, "x", 1), (2, "x", 2), (2, "y", 2), (1, "y", 1), (3, "y", 3), (3, "x", 3)])
    assert [second for second, _ in found] == [1, 2, 3]


def test_no_more_than_four_times_wait():
    assert [second for second, _ in feed(exact(max_wait=99 * SECOND), [(s, "x", s) for s in range(1, 8)])] == [1, 2, 3]


def test_latest_takes_the_others_as_they_are_unless_too_old():
    join = Join(inputs=("x", "y"), how="latest", max_age=5 * SECOND, slots=1)
    found = feed(join, [(1, "x", 1), (2, "y", 20), (3, "x", 3), (7, "x", 7), (8, "x", 8), (9, "x", np.nan)])
    assert [second for second, _ in found] == [1, 3, 7, 8]
    np.testing.assert_array_equal([v for _, v in found], [[1, np.nan], [3, 20], [7, 20], [8, np.nan]])


def test_a_snapshot_resumes():
    readings = [(1, "x", 1), (2, "x", 2), (1, "y", 1), (3, "y", 3), (2, "y", 2), (3, "x", 3)]
    expected = feed(exact(), readings)
    for cut in range(len(readings)):
        first, second = exact(), exact()
        before = feed(first, readings[:cut])
        second.restore(first.snapshot())
        assert before + feed(second, readings[cut:]) == expected


@pytest.mark.parametrize("settings", [{"inputs": ("x",)}, {"inputs": ("x", "x")}, {"how": "nearest"}])
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ValueError, match="Join"):
        Join(**settings)
