"""What a role asks the cluster, on a real Kafka and on the embedded broker."""

import asyncio
from contextlib import closing
from types import SimpleNamespace
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import GroupAuthorizationFailedError, for_code
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from streams.cluster import AWAY, Cluster, compare
from streams.models.settings import App, Kafka, Topic, Topics
from streams.topics import Difference, apply

SMALL = Topics(topics={"cluster.a": Topic(partitions=2, retention="7 d"), "cluster.b": Topic(partitions=1)})


def settings(bootstrap):
    return {"bootstrap_servers": [bootstrap]}


def asking(bootstrap):
    return Cluster(settings(bootstrap), "test", 5)


@pytest.mark.kafka
async def test_topics_are_compared_as_the_command_does(kafka):
    assert [one.key for one in await compare(settings(kafka.bootstrap), SMALL, embedded=False)] == ["topic"] * 2
    await asyncio.to_thread(apply, App(kafka=Kafka(bootstrap=kafka.bootstrap)), SMALL)
    assert await compare(settings(kafka.bootstrap), SMALL, embedded=False) == []
    with closing(KafkaAdminClient(bootstrap_servers=kafka.bootstrap)) as admin:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "cluster.a", {"retention.ms": "5000"})])
    other = Topics(topics={**SMALL.topics, "cluster.b": Topic(partitions=3)})
    assert await compare(settings(kafka.bootstrap), other, embedded=False) == [
        Difference("cluster.a", "retention.ms", "5000", "604800000"),
        Difference("cluster.b", "partitions", "1", "3"),
    ]


async def test_of_the_embedded_broker_names_and_numbers(embedded_kafka):
    await asyncio.to_thread(apply, App(kafka=Kafka(bootstrap=embedded_kafka, embedded=True)), SMALL)
    other = Topics(topics={**SMALL.topics, "cluster.b": Topic(partitions=3)})
    found = await compare(settings(embedded_kafka), other, embedded=True)
    assert found == [Difference("cluster.b", "partitions", "1", "3")]


async def test_no_broker():
    with pytest.raises(AWAY):
        await compare(settings("127.0.0.1:1"), SMALL, embedded=False)


@pytest.mark.kafka
async def test_who_is_in_a_group_and_how_one_is_taken_out(kafka):
    group = f"cluster-{uuid4().hex[:8]}"
    consumer = AIOKafkaConsumer(
        "cluster.a", group_id=group, group_instance_id="one-here", client_id="me", **settings(kafka.bootstrap)
    )
    await asyncio.to_thread(apply, App(kafka=Kafka(bootstrap=kafka.bootstrap)), SMALL)
    async with asking(kafka.bootstrap) as cluster:
        assert await cluster.members(group) == []
        await consumer.start()
        try:
            (member,) = await cluster.members(group)
            assert (member.instance, member.client, member.host) == ("one-here", "me", "127.0.0.1")
            await cluster.remove(group, "one-here")
            assert await cluster.members(group) == []
            await cluster.remove(group, "one-here")  # not there is as good
        finally:
            await consumer.stop()


class Coordinator:
    """An admin client of a broker whose groups nobody keeps yet: so many answers say so."""

    def __init__(self, *codes):
        self.codes = [*codes]

    async def find_coordinator(self, _group):
        if self.codes and self.codes[0] == 15:
            raise for_code(self.codes.pop(0))
        return 1

    async def _send_request_to_node(self, _node, _request):
        code = self.codes.pop(0) if self.codes else 0
        return SimpleNamespace(groups=[(code, "g", "Empty", "", "", [], 0)], error_code=code)


@pytest.mark.parametrize("codes", [(15, 15, 14), (16,), ()])
async def test_a_group_that_nobody_keeps_yet_is_asked_for_again(codes):
    """After a broker's start, and at the first start of all: else nobody would look for another process of our name."""
    cluster = asking("127.0.0.1:1")
    cluster._admin = Coordinator(*codes)
    assert await cluster.members("g") == []
    cluster._admin = Coordinator(*codes)
    await cluster.remove("g", "one")
    assert not cluster._admin.codes


async def test_what_is_forbidden_is_not_asked_for_again():
    cluster = asking("127.0.0.1:1")
    cluster._admin = Coordinator(30)
    with pytest.raises(GroupAuthorizationFailedError):
        await cluster.members("g")


async def test_a_group_that_nobody_keeps_is_given_up_in_time():
    cluster = Cluster(settings("127.0.0.1:1"), "test", 0.2)
    cluster._admin = Coordinator(*[15] * 100)
    with pytest.raises(AWAY):
        await cluster.members("g")
