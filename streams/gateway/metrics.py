"""What the doors count, on a registry of their own: two gateways in one process must work."""

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.process_collector import ProcessCollector


class Metrics:
    """What `/metrics` of `tocsin gateway` shows."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.accepted = Counter(
            "tocsin_gateway_accepted", "Rows that Kafka has, by door and topic", ["door", "topic"],
            registry=self.registry,
        )  # fmt: skip
        self.rejects = Counter(
            "tocsin_rejects", "Records or rows refused", ["topic", "stage", "reason"], registry=self.registry
        )
        self.answers = Counter(
            "tocsin_gateway_answers", "Answers of the HTTP door", ["route", "code"], registry=self.registry
        )
        self.seconds = Histogram(
            "tocsin_gateway_seconds", "From a body's last byte to Kafka's word that it has it", ["door"],
            registry=self.registry,
        )  # fmt: skip
