"""What a topic has and what topics.yaml says it should have. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from streams.models.durations import parse_duration
from streams.models.settings import Topic, Topics

FOREVER = "forever"
TIMESTAMP = "message.timestamp.type"
DECIDING = frozenset({"readings", "reports", "signals"})  # the time of their records is when they were received
STAGED = ".rekeyed"  # copies in another number of partitions (`repartition.py`)
WHOLE = "repartition.whole"  # while it is there, every copy is whole


@dataclass(frozen=True, slots=True)
class Difference:
    """What a topic has and what it should have. `key` is `topic` when it is missing altogether."""

    topic: str
    key: str
    found: str
    wanted: str

    @property
    def bearable(self) -> bool:
        """Whether a role may start all the same: whose clock stamps the records of a topic that decides nothing.

        So they were made by earlier releases. `tocsin topics apply` puts it right.
        """
        return self.key == TIMESTAMP and self.wanted == "LogAppendTime" and self.topic not in DECIDING

    def __str__(self) -> str:
        return f"topic {self.topic}: {self.key} is {self.found}, topics.yaml says {self.wanted}"


def differences(
    topics: Topics, counts: Mapping[str, int], configs: Mapping[str, Mapping[str, str]]
) -> list[Difference]:
    """All of them. `counts`: partitions of the topics that there are; `configs`: settings of those that were asked."""
    found = [
        Difference(name, "repartition", "cut off (run it again)", "finished")
        for name in sorted(counts)
        if name == WHOLE or (name.endswith(STAGED) and name.removesuffix(STAGED) in topics.topics)
    ]
    for name, topic in topics.topics.items():
        if name not in counts:
            found.append(Difference(name, "topic", "missing", f"{topic.partitions} partitions"))
        else:
            found += _differences(name, topic, counts[name], configs.get(name))
    return found


def wanted_configs(topic: Topic) -> dict[str, str]:
    """A topic's settings in Kafka's words."""
    retention = -1 if topic.retention == FOREVER else parse_duration(topic.retention) // 1000
    own = {} if topic.segment_bytes is None else {"segment.bytes": str(topic.segment_bytes), "retention.bytes": "-1"}
    return own | {
        "cleanup.policy": topic.cleanup,
        "retention.ms": str(retention),
        TIMESTAMP: topic.timestamp,
        "max.message.bytes": str(topic.max_message_bytes),
    }


def _differences(name: str, topic: Topic, partitions: int, configs: Mapping[str, str] | None) -> list[Difference]:
    found = []
    if partitions != topic.partitions:
        found.append(Difference(name, "partitions", str(partitions), str(topic.partitions)))
    for key, value in wanted_configs(topic).items() if configs is not None else ():
        has = configs.get(key, "unset") if configs is not None else value
        if has != value:
            found.append(Difference(name, key, has, value))
    return found
