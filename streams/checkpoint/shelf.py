"""The state of one input partition in this process.

It outlives a rebalance when nobody else wrote into its checkpoint log meanwhile; else the state is restored from there.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from streams.checkpoint.deaths import Verdicts
from streams.checkpoint.refusal import Refusal
from streams.completion import Start

S = TypeVar("S")


@dataclass
class Shelf(Generic[S]):
    """The state of one input partition."""

    state: S
    start: Start
    verdicts: Verdicts
    refusal: Refusal | None = None  # not yet told on the feed
    upto: int = 0  # the state is as of here
    busy: bool = False  # a batch is being handled: memory may be ahead of what is confirmed
    last: int = -1  # log offset of the last piece of ours
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    how: str = "rebuilt"

    def run(self, work: "asyncio.Task[None]") -> None:
        """Something on its way to the log."""
        self.tasks.add(work)
        work.add_done_callback(self.tasks.discard)
