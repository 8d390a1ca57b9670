"""Which partitions are ours, as far as the group has told us: a zombie's checkpoints do no harm, its truncation would.

A piece of state of a process that no longer owns the partition is passed over, or is as right as any other. But where a
log may begin is judged by what its owner needs. Who asks here *after* his newest index was acknowledged, and is still
the owner, knows that whoever comes next will find that index: then it does not matter how late the deletion comes.
"""

from collections.abc import Iterable

from streams.checkpoint.findings import Finding
from streams.membership import Fence


class Owned:
    """The partitions of this process, each with the membership in which it was assigned."""

    def __init__(self, fence: Fence | None = None) -> None:
        self._fence = fence or Fence()
        self._since: dict[int, int] = {}  # partition -> epoch

    def begin(self, partitions: Iterable[int]) -> None:
        """These were assigned, and no others are ours."""
        self._since = dict.fromkeys(partitions, self._fence.epoch)

    def end(self, partitions: Iterable[int]) -> None:
        """These are given away."""
        for partition in partitions:
            self._since.pop(partition, None)

    def zombie(self, partition: int) -> Finding | None:
        """Why somebody else may own a partition by now; none = it is ours for certain."""
        since = self._since.get(partition)
        if since is None:
            return Finding("zombie", f"partition {partition} was given away")
        if since != self._fence.epoch:
            return Finding("zombie", f"partition {partition} was assigned in a membership that is lost")
        if not self._fence.sure:
            return Finding("zombie", "no heartbeat was answered for a session")
        return None
