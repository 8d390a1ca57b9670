"""A batch as the core may take it: whole; record by record where processes have died; without those that are guilty."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from streams.checkpoint.deaths import Verdicts
from streams.completion import Batch

D = TypeVar("D")


def portions(batch: Batch, verdicts: Verdicts) -> Iterator[Sequence[Any]]:
    """Records to be taken together, in order."""
    if not verdicts.deaths:
        yield batch.records
        return
    innocent = [record for record in batch if record.offset not in verdicts.guilty]
    if verdicts.careful(batch.first, batch.last):
        yield from ([record] for record in innocent)
    elif innocent:
        yield innocent


def one_by_one(
    decode: Callable[[Sequence[Any]], D], records: Sequence[Any], failed: Callable[[Any, Exception], None]
) -> Iterator[D]:
    """What decoding gives. Where it fails (a bug of ours, it has no state), each record alone; `failed` hears which."""
    try:
        yield decode(records)
    except Exception as error:  # noqa: BLE001 - whatever it is: the other records are not the worse for it
        if len(records) == 1:
            failed(records[0], error)
            return
    else:
        return
    for record in records:
        yield from one_by_one(decode, [record], failed)
