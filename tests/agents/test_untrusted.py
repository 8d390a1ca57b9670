"""How many are lost or in doubt is counted seldom where counting takes long."""

from prometheus_client import CollectorRegistry

from streams.agents import untrusted
from streams.agents.untrusted import EVERY_S, SHARE, Untrusted
from streams.metrics import Metrics


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now


def test_it_is_counted_once_a_second_and_seldom_when_it_takes_long(monkeypatch):
    clock, looked, took = Clock(), [], 0.0
    monkeypatch.setattr(untrusted, "time", clock)
    counts = Untrusted(Metrics(CollectorRegistry()))

    def look():
        looked.append(clock.now)
        clock.now += took
        return {"gap": 1}

    def pass_(seconds):
        clock.now += seconds
        counts.count(0, look)
        return len(looked)

    assert [pass_(one) for one in (0, EVERY_S / 2, EVERY_S / 2)] == [1, 1, 2]
    took = 0.5
    assert [pass_(one) for one in (EVERY_S, EVERY_S, SHARE * took - 2 * EVERY_S, EVERY_S)] == [3, 3, 3, 4]
    counts.forget(0)
    assert pass_(0) == 5
