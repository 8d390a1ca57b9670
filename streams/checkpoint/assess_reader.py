"""Reads an Assessor's state back: the rows that the whole log comes to."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from streams.checkpoint.findings import Finding
from streams.checkpoint.fold import Fold
from streams.checkpoint.log import Reader, Written


class SavedAssessor(Protocol):
    """What is asked of an Assessor."""

    def take_dirty(self) -> set[str]:
        """Keys of rows that changed since the last call."""

    def keys(self) -> Iterable[str]:
        """Keys of all rows."""

    def save(self, keys: Iterable[str] | None = None) -> Mapping[str, bytes | None]:
        """These rows as bytes; none, or not among them = gone."""

    def load(self, rows: Mapping[str, bytes]) -> Mapping[str, str]:
        """Go on from these rows; those that could not be used, and why."""


async def fold_up(reader: Reader, partition: int, mark: Written, fold: Fold) -> tuple[Fold, int]:
    """One partition's checkpoints, read up to a mark; and how many bytes there are."""
    size = 0
    async for log_offset, value in reader.records(partition, 0, mark):
        fold.take(value, log_offset)
        size += len(value)
    return fold, size


def load(assessor: SavedAssessor, rows: Mapping[str, bytes]) -> list[Finding]:
    """Take rows in; what could not be used, and why: with the same configuration that is nothing."""
    try:
        refused = assessor.load(rows)
    except Exception as error:  # noqa: BLE001 - whatever it is: these bytes are not to be trusted
        refused = {"*": repr(error)}
    return [Finding("damaged", f"row {key}: {why}") for key, why in refused.items()]
