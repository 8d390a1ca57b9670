"""What a process died of is told to the checkpoint log: by itself if there is time, else by its successor."""

import asyncio

import structlog

from streams.checkpoint.in_hand import HandNote
from streams.checkpoint.log import CheckpointLog
from streams.models.saved import Death

log = structlog.get_logger(__name__)
LAST_WORD_S = 1.0  # for a dying process to say what it died of


class LastWords:
    """Those of one process and of the one before it. Best effort: a process must be able to start, and to end."""

    def __init__(self, checkpoints: CheckpointLog, hand: HandNote) -> None:
        self._log, self._hand = checkpoints, hand

    async def tell_of_the_last_one(self) -> None:
        """What the last process of this name was working on, if it was killed."""
        self._hand.open()
        found = self._hand.found()
        if found is not None:
            log.warning(
                "the last process of this name ended in the middle of its work",
                partition=found.partition, first=found.first, last=found.last,
            )  # fmt: skip
            await self._tell(Death(found.first, found.last, "killed", "", self._name_of(found.number)), found.partition)

    async def died(self, error: Exception) -> None:
        """The last word of a process that fails while it works on records, if there is time."""
        found = self._hand.found()
        if found is not None:
            death = Death(found.first, found.last, "exception", repr(error)[:500], self._name_of(found.number))
            await self._tell(death, found.partition)

    async def _tell(self, death: Death, partition: int) -> None:
        try:
            async with asyncio.timeout(LAST_WORD_S):
                await self._log.save(partition, "death", death)
            self._hand.clear()
        except Exception as error:  # noqa: BLE001 - the note stays where it is: the next process tries again
            log.warning("a death could not be told", partition=partition, error=repr(error))

    def _name_of(self, number: int) -> str:
        return f"{self._log.owner}/{number}"
