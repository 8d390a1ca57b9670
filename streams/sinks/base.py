"""The contract of a sink: commands -> outside. A sink is one file here plus one line in `SINKS`.

A sink keeps its own position where its data is, when it can (Redis, audit files), so that data and position never
part; else it leaves the position to Kafka's committed offsets. It has no retry loop of its own: it raises `SinkAway`
and its caller offers the same records again. It may see a record twice, and not see one at which its own code fails.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol

#: (topic, partition) -> offset of the next record to read
Positions = dict[tuple[str, int], int]
#: tells the metrics what became of records: (what, how many); what = written | repeated | skipped
Count = Callable[[str, int], None]


class SinkAway(Exception):  # noqa: N818 - a state of the world, not an error of ours
    """What the sink writes to is not there. The caller waits a little and makes the same call again."""


class HoleError(RuntimeError):
    """The sink's data has less than what was written before: die, start anew and read from where the data is."""


class Record(Protocol):
    """What a sink reads of a Kafka record (aiokafka's ConsumerRecord has it)."""

    offset: int
    timestamp: int  # ms
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Producer(Protocol):
    """Sends one record and returns when every replica has it; sends that begin in order stay in order."""

    @property
    def kafka_time(self) -> int | None:
        """What Kafka's clock says (microseconds); none = it has not said yet."""

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> Any:
        """Return once Kafka has it, raise when it cannot be brought there."""


def uncounted(_what: str, _number: int) -> None:
    """Counts nothing: for tests and tools without metrics."""


class Sink:
    """Takes records of its topics, one partition's batch at a time, in offset order."""

    name: ClassVar[str]
    #: whether batches of different partitions wait for each other; those of one partition always do
    one_at_a_time: ClassVar[bool] = True
    topics: ClassVar[tuple[str, ...]] = ("commands",)

    async def open(self) -> Positions | None:
        """Connect and say where to start. None = Kafka's committed offsets; a partition not named = its beginning.

        Called at the start and again whenever partitions are assigned: another process may have written meanwhile.
        """
        return None

    def prepare(self, topic: str, partition: int, records: Sequence[Record]) -> Any:
        """What `put` is to bring outside: all that the sink makes of records. No I/O, and nothing is remembered.

        An exception here is a bug of ours at one of these records. The caller looks which, and sets it aside.
        """
        raise NotImplementedError

    async def put(self, prepared: Any) -> None:
        """Bring it outside. Returns when it is safe there; raises SinkAway to be called again."""
        raise NotImplementedError

    async def write(self, topic: str, partition: int, records: Sequence[Record]) -> None:
        """Both: for who has no use for the step between."""
        await self.put(self.prepare(topic, partition, records))

    async def forget(self) -> Positions | None:
        """The log that our positions count in is gone (a new cluster, a topic made anew): begin anew, as `open` does.

        To be called when a position lies beyond the end of its log; else every new record would count as a repeat.
        """
        return await self.open()

    async def close(self) -> None:
        """Let go of connections and files."""
