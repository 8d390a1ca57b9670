import pytest

from benchmarks.rate import Rate, Sample, all_busy, middle, rate_of
from benchmarks.stage import samples_of

METRICS = """# HELP tocsin_readings_total Readings
# TYPE tocsin_readings_total counter
tocsin_readings_total 12.0
tocsin_rejects_total{topic="readings",stage="decode",reason="empty"} 2.0
tocsin_rejects_total{topic="readings",stage="observe",reason="conflict"} 3.0
tocsin_batch_seconds_bucket{le="0.1",topic="readings"} 7.0
tocsin_batch_seconds_count{topic="readings"} 9.0
"""


def sample(time: float, *readings: float) -> Sample:
    return Sample(time, [{"tocsin_readings_total": n} if n else {} for n in readings], cpu=time / 2)


def test_metrics_are_summed_over_labels_without_buckets():
    assert samples_of(METRICS) == {
        "tocsin_readings_total": 12, "tocsin_rejects_total": 5, "tocsin_batch_seconds_count": 9,
    }  # fmt: skip


def test_start_up_and_the_end_do_not_count():
    samples = [sample(t, n) for t, n in enumerate((0, 0, 50, 200, 500, 880, 950, 1000))]
    found = rate_of(middle(samples, 1_000))
    assert (found.readings, found.seconds) == (680, 2)
    assert found.per_second == 340
    assert found.per_cpu_second == 680


def test_two_processes_count_while_both_work():
    samples = [sample(0, 0, 0), sample(1, 100, 0), sample(2, 200, 50), sample(3, 300, 150), sample(4, 300, 250)]
    found = rate_of(all_busy(samples))
    assert (found.readings, found.seconds) == (200, 1)


def test_too_few_samples_are_an_error_and_no_figure():
    with pytest.raises(RuntimeError, match="too short"):
        rate_of([sample(0, 1)])


def test_rates_for_people():
    assert Rate(1_000, 2.0, 0.5).said == "500/s, 2,000 a CPU second"
