from contextlib import closing
from typing import Any

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from streams import topics
from streams.models.settings import App, Kafka, Topic, Topics
from streams.topics import Difference, KafkaAwayError, apply, compare, wanted_configs

SMALL = Topics(
    topics={
        "readings": Topic(partitions=2, timestamp="LogAppendTime"),
        "commands": Topic(partitions=1, retention="forever", max_message_bytes=2_000_000),
        "command.current.open": Topic(partitions=1, cleanup="compact", retention="forever"),
    }
)


class FakeAdmin:
    """What the admin client says of a cluster, as a dictionary."""

    def __init__(self, here: dict[str, int], configs: dict[str, dict[str, str]]) -> None:
        self.here = here
        self.configs = configs

    def describe_topics(self) -> list[dict[str, Any]]:
        return [{"name": name, "error_code": 0, "partitions": [{}] * n} for name, n in self.here.items()]

    def describe_configs(self, wanted: list[ConfigResource], config_filter: str) -> dict[str, Any]:
        named = {one.name: {k: {"value": v} for k, v in self.configs[one.name].items()} for one in wanted}
        return {"topic": named}

    def close(self) -> None:
        pass


def fake(monkeypatch: pytest.MonkeyPatch, here: dict[str, int], configs: dict[str, dict[str, str]]) -> None:
    monkeypatch.setattr(topics, "KafkaAdminClient", lambda **_: FakeAdmin(here, configs))


def app_for(bootstrap: str, *, embedded: bool = False) -> App:
    return App(kafka=Kafka(bootstrap=bootstrap, embedded=embedded))


def test_settings_in_the_words_of_kafka():
    assert wanted_configs(SMALL["commands"]) == {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": "2000000",
    }
    assert wanted_configs(Topic(retention="7 d"))["retention.ms"] == "604800000"


def test_every_difference_is_found(monkeypatch: pytest.MonkeyPatch):
    right = {name: wanted_configs(topic) for name, topic in SMALL.topics.items()}
    fake(
        monkeypatch, {"readings": 3, "commands": 1}, right | {"commands": right["commands"] | {"retention.ms": "1000"}}
    )

    assert compare(App(), SMALL) == [
        Difference("readings", "partitions", "3", "2"),
        Difference("commands", "retention.ms", "1000", "-1"),
        Difference("command.current.open", "topic", "missing", "1 partitions"),
    ]


def test_of_the_embedded_broker_only_names_and_counts_are_compared(monkeypatch: pytest.MonkeyPatch):
    fake(monkeypatch, {"readings": 2, "commands": 1, "command.current.open": 9}, {})

    found = compare(App(kafka=Kafka(embedded=True)), SMALL)

    assert found == [Difference("command.current.open", "partitions", "9", "1")]
    assert "topics.yaml says 1" in str(found[0])


def test_no_broker(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(topics, "_TIMEOUT_MS", 500)

    with pytest.raises(KafkaAwayError, match=r"127\.0\.0\.1:1"):
        compare(app_for("127.0.0.1:1"), SMALL)


@pytest.mark.kafka
def test_create_and_compare_on_kafka(kafka):
    app = app_for(kafka.bootstrap)
    own = Topics(topics={f"t1.{name}": topic for name, topic in SMALL.topics.items()})

    assert [one.key for one in compare(app, own)] == ["topic"] * 3
    assert apply(app, own) == list(own.topics)
    assert apply(app, own) == []
    assert compare(app, own) == []

    with closing(KafkaAdminClient(bootstrap_servers=kafka.bootstrap)) as admin:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "t1.readings", {"retention.ms": "5000"})])
    assert compare(app, own) == [Difference("t1.readings", "retention.ms", "5000", "604800000")]


def test_whose_clock_stamps_what_decides_nothing_keeps_nobody_from_starting():
    found = [
        Difference(name, "message.timestamp.type", "CreateTime", "LogAppendTime") for name in ("commands", "signals")
    ]
    assert [one.bearable for one in found] == [True, False]
    assert not Difference("commands", "retention.ms", "1", "-1").bearable


@pytest.mark.kafka
def test_apply_has_the_broker_stamp_the_records_of_topics_that_an_earlier_release_made(kafka):
    app = app_for(kafka.bootstrap)
    old = Topics(topics={"t4.commands": Topic(retention="3 d", timestamp="CreateTime")})
    own = Topics(topics={"t4.commands": Topic(retention="4 d")})
    apply(app, old)
    assert apply(app, own) == []
    assert [one.key for one in compare(app, own)] == ["retention.ms"]  # and nothing else was touched


@pytest.mark.kafka
def test_what_kafka_refuses_is_said(kafka):
    with pytest.raises(KafkaAwayError, match=r"t2\.many: .*[Rr]eplication"):
        apply(app_for(kafka.bootstrap), Topics(topics={"t2.many": Topic(replication=3)}))


def test_create_and_compare_on_the_embedded_broker(embedded_kafka: str):
    app = app_for(embedded_kafka, embedded=True)
    own = Topics(topics={f"t3.{name}": topic for name, topic in SMALL.topics.items()})

    assert apply(app, own) == list(own.topics)
    assert compare(app, own) == []
