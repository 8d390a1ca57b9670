"""The topics that topics.yaml declares: created, and compared with what the cluster has."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from streams.kafka_settings import client_settings
from streams.models.settings import SEGMENT_BYTES, App, Kafka, Topic, Topics
from streams.topic_differences import STAGED, WHOLE, Difference, differences, wanted_configs

__all__ = [
    "STAGED", "WHOLE", "Difference", "KafkaAwayError", "admin_of", "apply", "compare", "create", "partition_counts",
    "wanted_configs",
]  # fmt: skip
_TIMEOUT_MS = 10_000


class KafkaAwayError(RuntimeError):
    """No broker answers, or it refuses what we ask."""


def compare(app: App, topics: Topics) -> list[Difference]:
    """Every difference between topics.yaml and the cluster. Raises KafkaAwayError, SecretError."""
    with admin_of(app.kafka) as admin:
        counts = partition_counts(admin)
        here = [name for name in topics.topics if name in counts]
        configs = {} if app.kafka.embedded else _configs(admin, here)
    return differences(topics, counts, configs)


def apply(app: App, topics: Topics) -> list[str]:
    """Create the topics that are missing; the names of those created. Existing ones are left as they are.

    But for one thing: earlier releases let the clients stamp the records of topics that decide nothing.
    """
    with admin_of(app.kafka) as admin:
        counts = partition_counts(admin)
        missing = {name: topic for name, topic in topics.topics.items() if name not in counts}
        created = create(admin, missing) if missing else []
        if created:
            admin.wait_for_topics(created, timeout_ms=_TIMEOUT_MS)
    if not app.kafka.embedded:  # it says nothing of settings
        _stamp(app, topics)
    return created


def _stamp(app: App, topics: Topics) -> None:
    """Have the broker stamp the records of topics that an earlier release made; returns when every broker knows."""
    until = time.monotonic() + _TIMEOUT_MS / 1000
    old = _stamped_by_clients(app, topics)
    if old:
        with admin_of(app.kafka) as admin:
            admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, d.topic, {d.key: d.wanted}) for d in old])
    while old and time.monotonic() < until:
        time.sleep(0.1)
        old = _stamped_by_clients(app, topics)


def _stamped_by_clients(app: App, topics: Topics) -> list[Difference]:
    return [difference for difference in compare(app, topics) if difference.bearable]


@contextmanager
def admin_of(kafka: Kafka) -> Iterator[KafkaAdminClient]:
    """An admin client. Whatever goes wrong inside is a KafkaAwayError."""
    settings = client_settings(kafka)
    admin = None
    try:
        admin = KafkaAdminClient(**settings, client_id="tocsin-topics", bootstrap_timeout_ms=_TIMEOUT_MS)
        yield admin
    except (KafkaError, OSError) as error:
        raise KafkaAwayError(f"Kafka at {kafka.bootstrap}: {type(error).__name__}: {error}") from error
    finally:
        if admin is not None:
            admin.close()


def partition_counts(admin: KafkaAdminClient) -> dict[str, int]:
    """How many partitions each topic of the cluster has."""
    return {one["name"]: len(one["partitions"]) for one in admin.describe_topics() if not one.get("error_code")}


def _configs(admin: KafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    """Name -> the settings that we set. One broker's answer for all topics."""
    if not names:
        return {}
    keys = dict.fromkeys(wanted_configs(Topic(segment_bytes=SEGMENT_BYTES)))
    wanted = [ConfigResource(ConfigResourceType.TOPIC, name, keys) for name in names]
    answer: dict[str, Any] = admin.describe_configs(wanted, config_filter="all").get("topic", {})
    return {name: {key: str(one.get("value")) for key, one in found.items()} for name, found in answer.items()}


def create(admin: KafkaAdminClient, topics: dict[str, Topic]) -> list[str]:
    """Create all in one request; one that somebody else created meanwhile is as good."""
    wanted = {
        name: {
            "num_partitions": topic.partitions,
            "replication_factor": topic.replication,
            "configs": wanted_configs(topic),
        }
        for name, topic in topics.items()
    }
    answer = admin.create_topics(wanted, timeout_ms=_TIMEOUT_MS, raise_errors=False)
    for one in answer["topics"]:
        if one["error_code"] not in (0, TopicAlreadyExistsError.errno):
            raise KafkaAwayError(f"topic {one['name']}: {for_code(one['error_code']).__name__}: {one['error_message']}")
    return [one["name"] for one in answer["topics"] if one["error_code"] == 0]
