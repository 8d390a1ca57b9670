"""What a role process asks the cluster at its start and its end: its topics, and who is in its group.

By aiokafka, which it has loaded anyway: kafka-python, by which the commands administer, would cost every start an
eighth more. What aiokafka tells of a group has no stable names (DescribeGroups has them from 4 on), and it takes nobody
out of one.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    KafkaError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Bytes, Int16, Int32, Schema, String

from streams.models.settings import SEGMENT_BYTES, Topic, Topics
from streams.topic_differences import Difference, differences, wanted_configs

TIMEOUT_S = 10.0
#: what asking may raise
AWAY = (KafkaError, OSError, TimeoutError, NotImplementedError)
#: of a group that is being taken over, or whose topic is being made
NOBODY_YET = (GroupLoadInProgressError, GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError)
ASK_AGAIN_S = 0.1
_TEXT = String("utf-8")
_Struct = TypeVar("_Struct", bound=RequestStruct)


class Member(NamedTuple):
    """One process in a group."""

    instance: str | None  # its stable name
    client: str
    host: str


class Cluster:
    """`async with Cluster(...) as cluster`. Everything may raise what is in `AWAY`."""

    def __init__(self, settings: Mapping[str, Any], client: str, timeout_s: float) -> None:
        self._timeout_s, timeout_ms = timeout_s, int(timeout_s * 1000)
        self._admin = AIOKafkaAdminClient(client_id=client, request_timeout_ms=timeout_ms, **settings)

    async def __aenter__(self) -> Self:
        try:
            await self._admin.start()
        except BaseException:
            await self._admin.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()

    async def partition_counts(self) -> dict[str, int]:
        """How many partitions each topic has."""
        found = await self._admin.describe_topics()
        return {one["topic"]: len(one["partitions"]) for one in found if not one["error_code"]}

    async def configs(self, names: Iterable[str], keys: Iterable[str]) -> dict[str, dict[str, str]]:
        """Topic -> these settings of it."""
        wanted = [ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(keys)) for name in names]
        found: dict[str, dict[str, str]] = {}
        for answer in await self._admin.describe_configs(wanted) if wanted else ():
            for code, detail, _, name, entries in answer.resources:
                if code:
                    raise for_code(code)(detail)
                found[name] = {key: str(value) for key, value, *_ in entries}
        return found

    async def members(self, group: str) -> list[Member]:
        """Who is in a group."""
        answer = await self._ask_coordinator(group, _Describe([group], False), lambda answer: answer.groups[0][0])
        ((_, _, _, _, _, members, _),) = answer.groups
        return [Member(instance, client, host.lstrip("/")) for _, instance, client, host, _, _ in members]

    async def remove(self, group: str, instance: str) -> None:
        """Take a static member out of its group; what is not in it is no error."""
        await self._ask_coordinator(group, _Leave(group, [("", instance)]), lambda answer: answer.error_code)

    async def _ask_coordinator(self, group: str, request: Request[Any], code_of: Callable[[Any], int]) -> Any:
        """Ask whoever keeps the group; after a broker's start, and on a new cluster, nobody does for a moment."""
        until = time.monotonic() + self._timeout_s
        while True:
            try:
                node = await self._admin.find_coordinator(group)
                answer = await self._admin._send_request_to_node(node, request)  # noqa: SLF001 - it has no name for these
                if code := code_of(answer):
                    raise for_code(code)(f"group {group}")
            except NOBODY_YET:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(ASK_AGAIN_S)
            else:
                return answer


async def compare(settings: Mapping[str, Any], topics: Topics, *, embedded: bool) -> list[Difference]:
    """Every difference between topics.yaml and the cluster; of the embedded broker names and numbers of partitions."""
    async with Cluster(settings, "tocsin-topics", TIMEOUT_S) as cluster:
        counts = await cluster.partition_counts()
        here = [name for name in topics.topics if name in counts]
        configs = {} if embedded else await cluster.configs(here, wanted_configs(Topic(segment_bytes=SEGMENT_BYTES)))
    return differences(topics, counts, configs)


class _DescribeAnswer(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY, API_VERSION = 15, 4
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "groups",
            Array(
                ("error_code", Int16),
                ("group", _TEXT),
                ("state", _TEXT),
                ("protocol_type", _TEXT),
                ("protocol", _TEXT),
                (
                    "members",
                    Array(
                        ("member_id", _TEXT),
                        ("group_instance_id", _TEXT),
                        ("client_id", _TEXT),
                        ("client_host", _TEXT),
                        ("member_metadata", Bytes),
                        ("member_assignment", Bytes),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
    )


class _DescribeStruct(RequestStruct):  # type: ignore[misc] # aiokafka has no types
    API_KEY, API_VERSION = 15, 4
    RESPONSE_TYPE = _DescribeAnswer
    SCHEMA = Schema(("groups", Array(_TEXT)), ("include_authorized_operations", Boolean))


class _LeaveAnswer(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY, API_VERSION = 13, 3
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("members", Array(("member_id", _TEXT), ("group_instance_id", _TEXT), ("error_code", Int16))),
    )


class _LeaveStruct(RequestStruct):  # type: ignore[misc] # aiokafka has no types
    API_KEY, API_VERSION = 13, 3
    RESPONSE_TYPE = _LeaveAnswer
    SCHEMA = Schema(("group", _TEXT), ("members", Array(("member_id", _TEXT), ("group_instance_id", _TEXT))))


class _Fields(Request[_Struct]):  # type: ignore[misc] # aiokafka has no types
    """A request of the one version that is written here: it is its fields."""

    API_KEY: ClassVar[int] = -1  # each has its own

    def __init__(self, *fields: Any) -> None:
        self._fields = fields

    def build(self, request_struct_class: type[_Struct]) -> _Struct:
        """The request with its fields (aiokafka/protocol/api.py, Request.build: abstract)."""
        found: _Struct = request_struct_class(*self._fields)
        return found


class _Describe(_Fields[_DescribeStruct]):
    """Who is in groups."""

    API_KEY: ClassVar[int] = _DescribeStruct.API_KEY


class _Leave(_Fields[_LeaveStruct]):
    """Members leave a group."""

    API_KEY: ClassVar[int] = _LeaveStruct.API_KEY
