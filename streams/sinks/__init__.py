"""Commands -> outside. `SINKS` is the catalogue: the role `deliver.<name>` runs the sink of that name."""

from collections.abc import Callable
from importlib import import_module

from streams.models.deployment import Loaded
from streams.sinks.base import Count, Producer, Sink

Make = Callable[[Loaded, Producer, Count], Sink]


def _of(place: str) -> Make:
    """`module:class`, imported when it is made: a process has one sink, and redis alone takes half a second."""

    def make(loaded: Loaded, producer: Producer, count: Count) -> Sink:
        module, name = place.split(":")
        made: Sink = getattr(import_module(module), name)(loaded, producer, count)
        return made

    return make


#: name -> what makes it: (loaded configuration, producer, where to count)
SINKS: dict[str, Make] = {
    "audit": _of("streams.sinks.audit:AuditSink"),
    "feed": _of("streams.sinks.feed:FeedSink"),
    "redis": _of("streams.sinks.redis:RedisSink"),
}
