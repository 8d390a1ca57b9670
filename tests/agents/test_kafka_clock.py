from types import SimpleNamespace

from streams.agents.kafka_clock import KafkaClock


def test_it_goes_on_from_what_kafka_told_by_the_monotonic_clock():
    passed = [7.0]
    clock = KafkaClock(lambda: passed[0])
    assert clock.now is None
    clock.hear(SimpleNamespace(timestamp=4_000, timestamp_type=0))  # our own time, given back
    assert clock.now is None
    clock.hear(SimpleNamespace(timestamp=5_000, timestamp_type=1))
    passed[0] = 9.5
    assert clock.now == 7_500_000
