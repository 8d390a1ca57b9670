"""Reads a Bank's state back: the newest index, then the chunks that it speaks of, each taken in as it comes."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import msgspec

from streams.checkpoint.findings import Finding, Reason
from streams.checkpoint.index_scan import IndexScan
from streams.checkpoint.log import CheckpointLog, Reader, Written
from streams.checkpoint.records import Assembler, Damage, Piece
from streams.checkpoint.schema import ForeignError
from streams.models.saved import ChunkEntry, Index

SCAN_BACK = 8  # records before the mark in which the newest index mostly lies; half a megabyte each
UNFIT = (ValueError, LookupError, AttributeError, TypeError)  # what bytes raise that are not what they seem to be
Key = tuple[str, int]
Made = TypeVar("Made")
_THREADS = ThreadPoolExecutor(2, "restore")  # begun when they are needed


class SavedBank(Protocol):
    """What is asked of a Bank."""

    @property
    def slots_used(self) -> int:
        """How many slots there are."""

    @property
    def catching_up(self) -> bool:
        """Whether its slots are of different offsets still: nothing is saved before they are not."""

    def save_chunk(self, first: int, count: int) -> bytes:
        """The state of these slots."""

    def save_rest(self) -> bytes:
        """What is in no slot."""

    def load_rest(self, rest: bytes, upto: int) -> None:
        """Go on from what is in no slot."""

    def load_chunk(self, chunk: bytes, first: int, upto: int) -> int:
        """Take slots in, as of an offset; how many were left out because their configuration has changed."""


class BankReader:
    """One partition's checkpoints, read up to a mark."""

    def __init__(self, checkpoints: CheckpointLog, reader: Reader, partition: int, mark: Written) -> None:
        self._log, self._reader, self._partition, self._mark = checkpoints, reader, partition, mark

    async def scan(self) -> IndexScan:
        """Look for the newest index: near the end first, then farther and farther back."""
        beginning, back = await self._reader.beginning(self._partition), SCAN_BACK
        while True:
            start = max(beginning, self._mark.first - back) if self._log.ends_known else 0
            scan = IndexScan(self._log.schema)
            async for log_offset, value in self._reader.records(self._partition, start, self._mark):
                scan.take(value, log_offset)
            if scan.conclusive or start <= beginning:
                return scan
            back *= 8

    async def restore(self, scan: IndexScan, beginning: int, make: Callable[[], SavedBank]) -> "Loaded | Finding":
        """A Bank with the chunks of the index in it; or why there can be none.

        A chunk that fails when it is being taken in may have left half of itself: then again, without it.
        """
        assert scan.index is not None, "a scan that found one"  # noqa: S101 - a rule of this method
        unfit: dict[Key, Finding] = {}
        while True:
            bank, known = await _beside(make), len(unfit)
            fixed = bank.slots_used
            try:
                bank.load_rest(scan.index.rest, scan.upto)
            except UNFIT as error:
                at = None if scan.piece is None else scan.piece.log_offset
                return Finding("damaged", f"the index as of {scan.upto}: {error!r}", at)
            loaded = Loaded(bank, [*unfit.values()])
            await self._load(scan.index, beginning, loaded, unfit)
            loaded.grown = bank.slots_used > fixed
            if len(unfit) == known:
                return loaded

    async def _load(self, index: Index, beginning: int, loaded: "Loaded", unfit: dict[Key, Finding]) -> None:
        """Take the chunks of the index in, but for those that are known not to fit; more of them may be found."""
        parts = Assembler()
        loaded.lost += [
            Finding("expired", f"{_where(e)}: as of {e.upto}, readings begin at {beginning}")
            for e in index.chunks
            if e.upto < beginning
        ]
        wanted = {(e.token, e.seq): e for e in index.chunks if e.token and e.upto >= beginning}
        wanted = {key: e for key, e in wanted.items() if key not in unfit}
        start = min((e.log_offset for e in wanted.values()), default=0) if self._log.ends_known else 0
        records = self._reader.records(self._partition, start, self._mark) if wanted else _nothing()

        def take(value: bytes, log_offset: int) -> None:
            for found in parts.take(value, log_offset):
                if not isinstance(found, Damage) and (entry := wanted.pop(found.key, None)) is not None:
                    self._take(found, entry, loaded, unfit)

        async for log_offset, value in records:
            await _beside(take, value, log_offset)  # sums and copies: meanwhile more is fetched
            if not wanted:
                break
        loaded.lost += [Finding("missing", f"{_where(e)} as of {e.upto}", e.log_offset) for e in wanted.values()]

    def _take(self, piece: Piece, entry: ChunkEntry, loaded: "Loaded", unfit: dict[Key, Finding]) -> None:
        """One chunk, or why it cannot be used."""
        header = piece.header
        if zlib.crc32(piece.payload) != entry.crc:
            loaded.lose("damaged", f"{_where(entry)}: not what the index speaks of", piece)
            return
        try:
            payload = self._log.schema.read(header.schema, header.version, header.kind, piece.payload)
            loaded.changed += loaded.bank.load_chunk(payload, entry.first, entry.upto)
        except ForeignError as error:
            loaded.lose("schema", f"{_where(entry)}: {error}", piece)
        except msgspec.DecodeError as error:
            loaded.lose("damaged", f"{_where(entry)}: {error}", piece)
        except UNFIT as error:
            unfit[piece.key] = Finding("damaged", f"{_where(entry)}: {error!r}", piece.log_offset)


@dataclass
class Loaded:
    """A Bank with what was saved of it.

    lost: chunks that could not be used; changed: how many slots have another configuration now; grown: there are slots
    that a fresh Bank has not, with numbers of their own.
    """

    bank: SavedBank
    lost: list[Finding]
    changed: int = 0
    grown: bool = False

    @property
    def part(self) -> bool:
        """Whether some of it is rebuilt."""
        return bool(self.lost or self.changed)

    def lose(self, reason: Reason, detail: str, piece: Piece) -> None:
        """One cannot be used."""
        self.lost.append(Finding(reason, detail, piece.log_offset))


async def _beside(work: Callable[..., Made], *given: Any) -> Made:
    """Do something in a thread; a few of them for all partitions: each keeps some memory that it has used."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work, *given)


def _where(entry: ChunkEntry) -> str:
    return f"slots {entry.first}..{entry.first + entry.count - 1}"


async def _nothing() -> AsyncIterator[tuple[int, bytes]]:
    """No records."""
    return
    yield
