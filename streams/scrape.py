"""Several processes' metrics pages as one: each sample gets the label `process`."""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families


def merge(pages: Mapping[str, str], starts: Mapping[str, int]) -> bytes:
    """One page of all pages, and how often each process was started."""
    families: dict[str, Metric] = {}
    for process, page in pages.items():
        for found in text_string_to_metric_families(page):
            family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
            for sample in found.samples:
                family.samples.append(sample._replace(labels={"process": process, **sample.labels}))
    count = CounterMetricFamily("tocsin_process_starts", "Starts of a process", labels=["process"])
    for process, number in starts.items():
        count.add_metric([process], number)
    registry = CollectorRegistry()
    registry.register(_Families([*families.values(), count]))
    return generate_latest(registry)


class _Families:
    """A collector of ready-made families."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        """The families."""
        yield from self._families
