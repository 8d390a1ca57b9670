"""Runs of rows: turns and what is left of longer runs are all rows, each slot's in order."""

import numpy as np
import pytest

from streams.core.per_kind import PerKind
from streams.core.runs import Runs


@pytest.mark.parametrize("seed", range(20))
def test_turns_and_the_rest_are_every_row_once_and_each_runs_in_order(seed):
    r = np.random.default_rng(seed)
    counts = r.choice([1, 1, 1, 2, 3, int(r.integers(1, 200))], int(r.integers(1, 300)))
    runs = Runs.of(np.repeat(np.arange(len(counts)), counts))
    turns, rest = runs.in_turns()
    rows = [row for turn in turns for row in turn.tolist()] + [row for some in rest for row in range(*some)]
    assert sorted(rows) == list(range(counts.sum()))
    place = {row: n for n, row in enumerate(rows)}
    for start, count in zip(runs.starts.tolist(), runs.counts.tolist(), strict=True):
        assert [place[row] for row in range(start, start + count)] == sorted(
            place[row] for row in range(start, start + count)
        )


def test_many_short_runs_go_in_turns_and_one_long_one_by_itself():
    many, one = Runs.of(np.repeat(np.arange(1_000), 3)), Runs.of(np.zeros(50, np.int64))
    assert [len(turn) for turn in many.in_turns()[0]] == [1_000] * 3
    assert many.in_turns()[1] == []
    assert one.in_turns() == ([], [(0, 50)])


def test_a_number_that_all_kinds_have_is_not_looked_up_and_kinds_that_are_not_checked_do_not_count():
    kind = np.array([0, 2, 0])
    assert PerKind(np.array([5, 7, 5])).at(kind).tolist() == [5, 5, 5]
    assert np.ndim(PerKind(np.array([5, 7, 5]), np.array([True, False, True])).at(kind)) == 0
    assert PerKind(np.array([5, 7, 5])).of(1) == 7
