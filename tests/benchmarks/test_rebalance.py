import pytest

from benchmarks.rebalance import gap_around

MOMENT = 100_000


def every(ms, begin, end):
    return list(range(begin, end, ms))


def test_the_gap_is_the_longest_silence_of_any_partition():
    times = {0: every(500, 90_000, 130_000), 1: [*every(500, 90_000, 101_000), *every(500, 104_000, 130_000)]}
    assert gap_around(times, MOMENT, 2) == 3.5


@pytest.mark.parametrize("silent", [{}, {1: [99_000, 99_500]}, {1: [101_000, 102_000]}, {1: [10_000, 990_000]}])
def test_a_partition_that_nothing_was_heard_of_is_no_gap_of_nought(silent):
    with pytest.raises(RuntimeError, match="readings/1"):
        gap_around({0: every(500, 90_000, 130_000), **silent}, MOMENT, 2)
