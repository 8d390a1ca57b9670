"""Topics for tests on a real broker, with the settings of the product and partition counts of the test's choice."""

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping

from kafka.admin import KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError

from streams.models.settings import Topics

PATIENCE_S = 20.0


def create_topics(bootstrap: str, partitions: Mapping[str, int]) -> None:
    """Create (empty: an old one of the name is deleted first) these topics; `{"readings": 1, "signals": 4}`.

    Timestamps and compaction are the product's. Retention is left to the broker, whose default is a week.
    """
    with _admin(bootstrap) as admin:
        _delete(admin, partitions)
        _create(admin, partitions)


def delete_topics(bootstrap: str, names: Iterable[str]) -> None:
    """Delete those of them that are there."""
    with _admin(bootstrap) as admin:
        _delete(admin, dict.fromkeys(names, 0))


def create_all_topics(bootstrap: str, partitions: int = 2, **other: int) -> None:
    """Every topic of the product, each with `partitions`, or another count: `create_all_topics(b, 4, readings=1)`."""
    create_topics(bootstrap, dict.fromkeys(Topics().topics, partitions) | {"config": 1} | other)


def _create(admin: KafkaAdminClient, partitions: Mapping[str, int]) -> None:
    """A name whose deletion is not through yet is still taken: try again for a while."""
    wanted = {
        name: {"num_partitions": count, "replication_factor": 1, "configs": _settings(name)}
        for name, count in partitions.items()
    }
    deadline = time.monotonic() + PATIENCE_S
    while wanted:
        try:
            admin.create_topics(wanted, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
            have = set(admin.list_topics())
            wanted = {name: options for name, options in wanted.items() if name not in have}
        else:
            return


def _delete(admin: KafkaAdminClient, names: Mapping[str, int]) -> None:
    old = sorted(set(admin.list_topics()) & set(names))
    if old:
        admin.delete_topics(old)
    deadline = time.monotonic() + PATIENCE_S
    while set(admin.list_topics()) & set(old):
        assert time.monotonic() < deadline, f"topics were not deleted within {PATIENCE_S:g} s: {old}"
        time.sleep(0.05)


def _settings(name: str) -> dict[str, str]:
    topic = Topics().topics.get(name)
    if topic is None:
        return {}
    return {"message.timestamp.type": topic.timestamp, "cleanup.policy": topic.cleanup}


@contextlib.contextmanager
def _admin(bootstrap: str) -> Iterator[KafkaAdminClient]:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        yield admin
    finally:
        admin.close()
