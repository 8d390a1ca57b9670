import os
import time

import pytest

from benchmarks import machine


def test_the_cpu_line_of_proc_stat():
    found = machine.cpu_of_machine("cpu  100 20 30 400 50 0 10 7 3 0\ncpu0 1 2 3\n")
    tick = 1 / machine.TICKS
    assert found.steal == pytest.approx(7 * tick)
    assert found.busy == pytest.approx(160 * tick)
    assert found.total == pytest.approx(617 * tick)


def test_cpu_of_a_process_whose_name_has_blanks_and_brackets():
    text = "42 (a (odd) name) S 1 42 42 0 -1 4194304 10 0 0 0 250 50 7 8 20 0 3 0 100 1000 10"
    assert machine.cpu_of_stat(text) == pytest.approx(300 / machine.TICKS)


def test_sizes_in_kib():
    text = "Name:\tpython\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n"
    assert machine.kib_of(text, "VmHWM") == 2048
    assert machine.kib_of(text, "VmSwap") == 0


def test_memory_of_this_process():
    found = machine.memory_of(os.getpid())
    assert found["peak"] >= found["rss"] > 0


def test_a_family_is_the_process_and_everything_below_it():
    assert machine.family({1: 0, 2: 1, 3: 2, 4: 1, 5: 9}, 1) == {1, 2, 3, 4}
    assert os.getpid() in machine.parents()


def test_a_watch_tells_ours_from_others():
    watch = machine.Watch()
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    seen = watch.seen()
    assert seen["ours"] > 0
    assert seen["steal"] >= 0
    assert "steal" in machine.said(seen)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_percentiles_are_values_that_were_seen(share: float, expected: int):
    assert machine.percentile(range(1, 101), share) == expected


def test_no_percentile_of_nothing():
    assert machine.percentile([], 0.5) != machine.percentile([], 0.5)
