import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from streams import watchdog
from streams.completion import Partition, Start, Track
from streams.membership import Membership
from streams.watchdog import Watchdog

TP = Partition("readings", 0)


class Watched:
    def __init__(self):
        self.track, self.lag, self.assigned = Track(TP, Start(0, 0)), 0, True
        self.now = 100.0
        membership = Membership(10, lambda: self.now)
        self.dog = Watchdog(lambda: {TP: self.track}, lambda _: self.lag, lambda: self.assigned, membership)

    def after(self, seconds, *, answers=True, waiting=False):
        found = [self.dog.trouble(1, broker_answers=answers, waiting=waiting) for _ in range(seconds)]
        return next((one for one in found if one), None)


@pytest.fixture
def watched():
    return Watched()


def test_nothing_to_do_is_no_trouble(watched):
    assert watched.after(300) is None
    assert not watched.dog.suspicious


def test_no_partitions(watched):
    watched.assigned = False
    assert watched.after(30) is None
    assert watched.dog.suspicious
    assert "no partitions" in watched.after(1)


def test_partitions_in_time(watched):
    watched.assigned = False
    watched.after(29)
    watched.assigned = True
    watched.after(1)
    watched.assigned = False
    assert watched.after(29) is None


def test_a_batch_that_does_not_end(watched):
    watched.track.take([SimpleNamespace(offset=0, timestamp=0)], 10)
    assert watched.after(61) is None
    assert "readings/0 stands at offset 0" in watched.after(1)


def test_records_that_do_not_come(watched):
    watched.lag = 5
    assert "readings/0" in watched.after(62)


def test_progress_starts_the_time_anew(watched):
    watched.lag = 5
    for offset in range(5):
        assert watched.after(50) is None
        for batch in watched.track.take([SimpleNamespace(offset=offset, timestamp=0)], 10):
            watched.track.finish(batch)


def test_a_new_assignment_starts_the_time_anew(watched):
    watched.lag = 5
    for _ in range(5):
        assert watched.after(50) is None
        watched.track = Track(TP, Start(0, 0))


@pytest.mark.parametrize("state", [{"answers": False}, {"waiting": True}], ids=["broker away", "sink away"])
def test_not_while_somebody_else_is_the_cause(watched, state):
    watched.lag = 5
    assert watched.after(600, **state) is None
    watched.assigned = False
    assert watched.after(600, **state) is None


def test_thrown_out_of_the_group_again_and_again(watched):
    for _ in range(2):
        watched.dog.membership.lose()
    assert watched.dog.suspicious
    watched.dog.membership.heard(watched.now)
    assert watched.after(1) is None
    watched.dog.membership.lose()
    assert "membership lost 3 times" in watched.after(1)
    assert "membership lost" in watched.after(1, waiting=True)


def test_no_heartbeat_answered_for_a_session(watched):
    watched.dog.membership.heard(watched.now)
    watched.now += 11
    assert watched.dog.suspicious
    assert watched.after(10) is None
    assert "no heartbeat answered" in watched.after(1)


def test_losses_while_the_broker_is_away_do_not_count(watched):
    for _ in range(3):
        watched.dog.membership.lose()
    assert watched.after(1, answers=False) is None
    watched.dog.membership.heard(watched.now)
    assert watched.after(60) is None


def test_a_heartbeat_in_time_starts_the_time_anew(watched):
    watched.dog.membership.heard(watched.now)
    for _ in range(5):
        watched.now += 15
        assert watched.after(9) is None
        watched.dog.membership.heard(watched.now)
        assert watched.after(1) is None


def test_a_loop_that_does_not_turn_ends_the_process():
    code = "import time\nfrom streams.watchdog import LoopGuard\nLoopGuard(2).start()\ntime.sleep(60)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert ended.returncode == 70
    assert "the event loop has not turned for 2 s" in ended.stderr
    assert 'File "<string>", line 4' in ended.stderr  # where it stands


def test_the_guard_of_the_loop_does_not_sleep_by_the_clock_that_libfaketime_breaks(monkeypatch):
    """Under it `time.sleep` fails where another clock than the wall's is left alone, and the guard would be gone."""
    monkeypatch.setattr("time.sleep", lambda _: 1 / 0)
    died = threading.Event()
    monkeypatch.setattr(watchdog, "die", lambda *_, **__: died.set())
    watchdog.LoopGuard(1).start()
    assert died.wait(20)
