"""Counters and histograms of one role process, updated once a batch; `Metrics(registry)` is built with the rest.

Own registry and no Faust sensors: Faust's Prometheus sensors can crash the consumer at a rebalance.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.core import GaugeMetricFamily

from streams.completion import Partition, Track

BATCH_RECORDS = (1, 3, 10, 30, 100, 300, 1_000, 2_000)
BATCH_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
LATENCY_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300)


class Metrics:
    """What a role counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.readings = Counter("tocsin_readings", "Readings taken into account", registry=registry)
        self.rejects = Counter(
            "tocsin_rejects", "Records or rows refused", ["topic", "stage", "reason"], registry=registry
        )
        self.repeats = Counter("tocsin_repeats", "Records or rows that came again", registry=registry)
        self.quality = Counter("tocsin_quality", "Readings flagged by a quality check", ["check"], registry=registry)
        self.health = Gauge(
            "tocsin_datastreams_health", "Datastreams heard in a partition, by health: good, fair, poor",
            ["partition", "health"], registry=registry,
        )  # fmt: skip
        self.stations = Gauge(
            "tocsin_stations_health", "Stations heard in a partition, by the health of their worst datastream",
            ["partition", "health"], registry=registry,
        )  # fmt: skip
        self.untrusted = Gauge(
            "tocsin_datastreams_untrusted", "Datastreams of a partition of signals that are lost or in doubt, by check",
            ["partition", "check"], registry=registry,
        )  # fmt: skip
        self.signals = Counter("tocsin_signals", "Signals sent", registry=registry)
        self.commands = Counter("tocsin_commands", "Commands decided", ["kind", "reason"], registry=registry)
        self.ticks = Counter("tocsin_ticks", "Ticks sent to silent partitions", ["topic"], registry=registry)
        self.sink_records = Counter(
            "tocsin_sink_records", "Records that a sink took, by what became of them", ["sink", "what"],
            registry=registry,
        )  # fmt: skip
        self.sink_away = Gauge("tocsin_sink_away", "1 while what a sink writes to is away", ["sink"], registry=registry)
        self.batch_records = Histogram(
            "tocsin_batch_records", "Records of a batch", ["topic"], buckets=BATCH_RECORDS, registry=registry
        )
        self.batch_seconds = Histogram(
            "tocsin_batch_seconds", "Time from a batch's begin to its being done", ["topic"], buckets=BATCH_SECONDS,
            registry=registry,
        )  # fmt: skip
        self.latency = Histogram(
            "tocsin_decision_latency_seconds", "From a reading's received time to the command it caused, confirmed",
            buckets=LATENCY_SECONDS, registry=registry,
        )  # fmt: skip
        self.saved = Counter("tocsin_checkpoint_bytes", "Bytes of state saved", ["role"], registry=registry)
        self.saving = Counter(
            "tocsin_checkpoint_seconds", "Time that saving took of this process", ["role"], registry=registry
        )
        self.restored = Counter(
            "tocsin_checkpoint_restored", "Partitions whose state is there again, by how: kept, saved, part, rebuilt",
            ["role", "how"], registry=registry,
        )  # fmt: skip
        self.replayed = Counter(
            "tocsin_checkpoint_replayed", "Records read again for their effect on state", ["role"], registry=registry
        )
        self.refused = Counter(
            "tocsin_checkpoint_refused", "Saved state that could not be used", ["role", "reason"], registry=registry
        )
        Info("tocsin_build", "Version of this process", registry=registry).info({"version": version("tocsin")})

    def watch(self, tracks: Callable[[], Mapping[Partition, Track]], lag: Callable[[Partition], int | None]) -> None:
        """Report lag and age of these partitions whenever somebody asks."""
        self.registry.register(_Partitions(tracks, lag))


class _Partitions:
    """Lag and age, read at the moment of the scrape."""

    def __init__(self, tracks: Callable[[], Mapping[Partition, Track]], lag: Callable[[Partition], int | None]) -> None:
        self._tracks, self._lag = tracks, lag

    def collect(self) -> Iterator[Any]:
        """Two gauges a partition."""
        labels = ["topic", "partition"]
        lags = GaugeMetricFamily("tocsin_lag_records", "Records of a partition not done yet", labels=labels)
        ages = GaugeMetricFamily("tocsin_received_age_seconds", "Age of the newest record done", labels=labels)
        for tp, track in sorted(self._tracks().items()):
            names = [tp.topic, str(tp.partition)]
            if (lag := self._lag(tp)) is not None:
                lags.add_metric(names, lag)
            if track.received_ms is not None:
                ages.add_metric(names, max(0.0, time.time() - track.received_ms / 1000))
        yield lags
        yield ages
