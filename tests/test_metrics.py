from prometheus_client import CollectorRegistry, generate_latest

from streams.completion import Partition, Start, Track
from streams.metrics import Metrics
from streams.scrape import merge


def page(metrics):
    return generate_latest(metrics.registry).decode()


def test_two_in_one_process_do_not_meet():
    one, two = Metrics(CollectorRegistry()), Metrics(CollectorRegistry())
    one.readings.inc(3)
    assert "tocsin_readings_total 3.0" in page(one)
    assert "tocsin_readings_total 0.0" in page(two)
    assert "tocsin_build_info{version=" in page(one)


def test_lag_and_age_are_those_of_the_moment():
    metrics, tracks = Metrics(CollectorRegistry()), {}
    metrics.watch(lambda: tracks, lambda _: 7)
    assert "tocsin_lag_records{" not in page(metrics)
    tp = Partition("readings", 3)
    tracks[tp] = Track(tp, Start(0, 0))
    assert 'tocsin_lag_records{partition="3",topic="readings"} 7.0' in page(metrics)
    assert "tocsin_received_age_seconds{" not in page(metrics)
    tracks[tp].received_ms = 0
    assert 'tocsin_received_age_seconds{partition="3",topic="readings"}' in page(metrics)


def test_pages_of_several_processes_become_one():
    one, two = Metrics(CollectorRegistry()), Metrics(CollectorRegistry())
    one.rejects.labels("readings", "decode", "not_json").inc()
    two.batch_records.labels("signals").observe(5)
    merged = merge({"observe-0": page(one), "assess-0": page(two)}, {"observe-0": 1, "assess-0": 3}).decode()
    labels = 'process="observe-0",reason="not_json",stage="decode",topic="readings"'
    assert f"tocsin_rejects_total{{{labels}}} 1.0" in merged
    assert 'tocsin_batch_records_bucket{le="10.0",process="assess-0",topic="signals"} 1.0' in merged
    assert 'tocsin_process_starts_total{process="assess-0"} 3.0' in merged
    assert merged.count("# TYPE tocsin_rejects_total") == 1
