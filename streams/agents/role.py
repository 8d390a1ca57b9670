"""What a role is to the Faust app that runs it, and what every role is given."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from streams.agents.send import Sender
from streams.checkpoint.in_hand import HandNote
from streams.checkpoint.log import CheckpointLog
from streams.checkpoint.schema import Schema
from streams.completion import Batch, Partition, Start
from streams.metrics import Metrics
from streams.models.deployment import Loaded
from streams.positions import LogPositions

#: handles one batch; when it returns, all effects are confirmed. Batches of one partition come one after the other,
#: those of several side by side (`streams/lanes.py`): at every `await` another partition's handler may run
Handler = Callable[[Batch], Awaitable[None]]
#: the checkpoint log of a topic, with the schema of what is saved in it
OpenLog = Callable[[str, Schema], CheckpointLog]


@dataclass(frozen=True)
class Tools:
    """What every role is given."""

    loaded: Loaded
    sender: Sender
    metrics: Metrics
    checkpoints: OpenLog
    hand: HandNote


class Role:
    """One role: which topics it reads, where it begins, what it does with a batch."""

    name: str
    #: input topics whose silent partitions get ticks from their owner
    ticked: frozenset[str] = frozenset()

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Input topic -> what handles its batches. One agent a topic: two would get the same batch."""
        raise NotImplementedError

    async def open(self) -> None:
        """Before the first assignment."""

    async def close(self) -> None:
        """After the last batch."""

    async def starts(self, tps: set[Partition], log: LogPositions) -> Mapping[Partition, Start]:
        """Make fresh state for these partitions and say where reading begins."""
        raise NotImplementedError

    async def leave(self, tps: set[Partition]) -> None:
        """Save what makes the next owner's start short: nothing of these partitions is handled any more. Bounded."""

    def revoked(self, tps: set[Partition]) -> None:
        """Drop the state of these partitions: others may go on with them."""

    @property
    def restored(self) -> int:
        """How many records of saved state were ever read: while it grows, who has no positions yet is not stuck."""
        return 0

    @property
    def waiting_for(self) -> str | None:
        """What in the outside world the role waits for: not stuck, but not ready either."""
        return None
