import numpy as np
import pytest

from detectors.ewma import EwmaZ
from detectors.lines import LINE, lines


@pytest.mark.parametrize("widths", [[1], [8], [4, 1], [8, 8, 8, 4], [8, 2, 8, 1, 4, 8], [8] * 9, [8] * 20])
def test_a_row_lies_in_no_more_lines_than_it_has_to(widths):
    kinds = {1: np.int8, 2: np.uint16, 4: np.int32, 8: np.float64}
    made = lines(100, [(f"{at}", kinds[width], at) for at, width in enumerate(widths)])
    begins = min(column.ctypes.data for column in made.values()) + np.arange(100) * made["0"].strides[0]
    ends = np.max([c.ctypes.data + np.arange(100) * c.strides[0] + c.itemsize - 1 for c in made.values()], axis=0)
    assert (ends // LINE - begins // LINE + 1 == -(-sum(widths) // LINE)).all()
    for at, column in enumerate(made.values()):
        assert column.flags.aligned
        assert (column == at).all()
        column[:] = at + 1
    assert all((column == at + 1).all() for at, column in enumerate(made.values()))


def test_what_a_detector_remembers_of_a_slot_lies_together():
    state = EwmaZ(slots=10).state
    assert {column.strides for column in state.values()} == {(32,)}


def test_no_rows_and_no_columns():
    assert lines(5, []) == {}
    assert len(lines(0, [("at", np.int64, 0)])["at"]) == 0
