import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.base import HOUR, MINUTE, SECOND
from detectors.transforms.window import cell_number, cells_of, leaving


@given(st.integers(10, 3600))
def test_short_windows_have_about_sixty_cells_without_rest(seconds):
    cell, count = cells_of(seconds * SECOND)
    assert cell * count == seconds * SECOND
    assert 50 <= count <= 60


@given(st.integers(61, 72 * 60))
def test_long_windows_have_cells_of_a_minute(minutes):
    assert cells_of(minutes * MINUTE) == (MINUTE, minutes)


def test_a_cell_ends_with_its_border():
    assert cell_number(np.array([0, 1, MINUTE, MINUTE + 1]), MINUTE).tolist() == [0, 1, 1, 2]


def test_leaving_cells_row_by_row():
    row, gone, begin = leaving(np.array([10, 20, 30]), np.array([2, 0, 3]), 5)
    assert (row.tolist(), gone.tolist(), begin.tolist()) == ([0, 0, 2, 2, 2], [6, 7, 26, 27, 28], [0, 2])


def test_nothing_leaves():
    assert all(part.size == 0 for part in leaving(np.array([HOUR]), np.array([0]), 5))
