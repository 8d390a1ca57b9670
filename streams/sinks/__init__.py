"""Commands -> outside. `SINKS` is the catalogue: the role `deliver.<name>` runs the sink of that name."""

from collections.abc import Callable

from streams.sinks.audit import AuditSink
from streams.sinks.base import Count, Loaded, Producer, Sink
from streams.sinks.feed import FeedSink
from streams.sinks.redis import RedisSink

#: name -> what makes it: (loaded configuration, producer, where to count)
SINKS: dict[str, Callable[[Loaded, Producer, Count], Sink]] = {
    "audit": AuditSink,
    "feed": FeedSink,
    "redis": RedisSink,
}
