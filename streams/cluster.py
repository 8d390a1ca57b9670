"""What a role process asks the cluster at its start and its end: its topics, and who is in its group.

By aiokafka, which it has loaded anyway: kafka-python, by which the commands administer, would cost every start an
eighth more. What aiokafka tells of a group has no stable names (DescribeGroups has them from 4 on), and it takes nobody
out of one.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple, Self

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Bytes, Int16, Int32, Schema, String

from streams.models.settings import SEGMENT_BYTES, Topic, Topics
from streams.topic_differences import Difference, differences, wanted_configs

TIMEOUT_S = 10.0
#: what asking may raise
AWAY = (KafkaError, OSError, TimeoutError, NotImplementedError)
_TEXT = String("utf-8")


class Member(NamedTuple):
    """One process in a group."""

    instance: str | None  # its stable name
    client: str
    host: str


class Cluster:
    """`async with Cluster(...) as cluster`. Everything may raise what is in `AWAY`."""

    def __init__(self, settings: Mapping[str, Any], client: str, timeout_s: float) -> None:
        timeout_ms = int(timeout_s * 1000)
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
        answer = await self._ask_coordinator(group, _Describe([group], False))
        ((code, _, _, _, _, members, _),) = answer.groups
        if code:
            raise for_code(code)(f"group {group}")
        return [Member(instance, client, host.lstrip("/")) for _, instance, client, host, _, _ in members]

    async def remove(self, group: str, instance: str) -> None:
        """Take a static member out of its group; what is not in it is no error."""
        answer = await self._ask_coordinator(group, _Leave(group, [("", instance)]))
        if answer.error_code:
            raise for_code(answer.error_code)(f"group {group}")

    async def _ask_coordinator(self, group: str, request: Request[Any]) -> Any:
        node = await self._admin.find_coordinator(group)
        return await self._admin._send_request_to_node(node, request)  # noqa: SLF001 - it has no name for these requests


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


class _Describe(Request[_DescribeStruct]):  # type: ignore[misc] # aiokafka has no types
    API_KEY: ClassVar[int] = 15

    def __init__(self, *fields: Any) -> None:
        self._fields = fields

    def build(self, request_struct_class: type[_DescribeStruct]) -> _DescribeStruct:
        """The request with its fields (aiokafka/protocol/api.py, Request.build: abstract)."""
        return request_struct_class(*self._fields)


class _Leave(Request[_LeaveStruct]):  # type: ignore[misc] # aiokafka has no types
    API_KEY: ClassVar[int] = 13

    def __init__(self, *fields: Any) -> None:
        self._fields = fields

    def build(self, request_struct_class: type[_LeaveStruct]) -> _LeaveStruct:
        """The request with its fields (aiokafka/protocol/api.py, Request.build: abstract)."""
        return request_struct_class(*self._fields)
