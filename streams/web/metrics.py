"""Metrics of one web process, on a registry of its own: two apps in one process must work."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector


class Metrics:
    """What `/metrics` of `tocsin web` shows."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "tocsin_web_requests_total", "Answered requests.", ["method", "route", "code"], registry=self.registry
        )
        self.seconds = Histogram(
            "tocsin_web_request_seconds", "Time to the start of an answer.", ["route"], registry=self.registry
        )
        self.clients = Gauge("tocsin_web_feed_clients", "Open event streams.", registry=self.registry)
        self.events = Counter("tocsin_web_feed_commands_total", "Commands read from the feed.", registry=self.registry)
        self.resets = Counter(
            "tocsin_web_feed_resets_total", "Resets sent to clients, by cause.", ["cause"], registry=self.registry
        )
        self.redis_up = Gauge("tocsin_web_redis_up", "1 while Redis answers.", registry=self.registry)
        self.acts = Counter(
            "tocsin_web_acts_total", "Acts of people, by kind and result.", ["kind", "result"], registry=self.registry
        )
