"""Where columns may be cut."""

import numpy as np

from streams.models.columns import Columns


def three_records() -> Columns:
    offset = np.array([4, 4, 4, 7, 7, 9])
    return Columns(time=np.arange(6), value=np.zeros(6), offset=offset, row=np.zeros(6, np.int64))


def test_a_cut_lies_where_a_record_begins():
    columns = three_records()
    assert [columns.whole(0, stop) for stop in (3, 4, 5, 6, 9)] == [3, 3, 5, 6, 6]


def test_a_record_that_is_too_long_is_cut():
    columns = three_records()
    assert columns.whole(0, 2) == 2
    assert columns.whole(3, 4) == 4


def test_nothing_has_no_cut():
    assert Columns().whole(0, 2_000) == 0
