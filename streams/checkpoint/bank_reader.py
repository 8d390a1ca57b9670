"""Reads a Bank's state back: the newest index, then the chunks that it speaks of, each taken in as it comes."""

import zlib
from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from streams.checkpoint.findings import Finding
from streams.checkpoint.index_scan import IndexScan
from streams.checkpoint.log import CheckpointLog, Reader, Written
from streams.checkpoint.records import Assembler, Damage, Piece
from streams.checkpoint.schema import ForeignError
from streams.models.saved import ChunkEntry

SCAN_BACK = 64  # records before the mark in which the newest index mostly lies


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

    async def load(self, scan: IndexScan, beginning: int, bank: SavedBank) -> tuple[list[Finding], int]:
        """Take the chunks of the index in; those that are lost, and how many slots have another configuration now."""
        assert scan.index is not None, "a scan that found one"  # noqa: S101 - a rule of this method
        wanted = {(e.token, e.seq): e for e in scan.index.chunks if e.token}
        lost = [
            Finding(
                "expired", f"slots {e.first}..{e.first + e.count - 1}: as of {e.upto}, readings begin at {beginning}"
            )
            for e in scan.index.chunks
            if e.upto < beginning
        ]
        wanted = {key: e for key, e in wanted.items() if e.upto >= beginning}
        start = min((e.log_offset for e in wanted.values()), default=0) if self._log.ends_known else 0
        changed, parts = 0, Assembler()
        records = self._reader.records(self._partition, start, self._mark) if wanted else _nothing()
        async for log_offset, value in records:
            for found in parts.take(value, log_offset):
                if isinstance(found, Damage) or (entry := wanted.get(found.key)) is None:
                    continue
                del wanted[found.key]
                outcome = self._take(found, entry, bank)
                if isinstance(outcome, Finding):
                    lost.append(outcome)
                else:
                    changed += outcome
            if not wanted:
                break
        lost += [
            Finding("missing", f"slots {e.first}..{e.first + e.count - 1} as of {e.upto}", e.log_offset)
            for e in wanted.values()
        ]
        return lost, changed

    def _take(self, piece: Piece, entry: ChunkEntry, bank: SavedBank) -> Finding | int:
        """One chunk; how many slots had another configuration, or why it cannot be used."""
        where = f"slots {entry.first}..{entry.first + entry.count - 1}"
        if zlib.crc32(piece.payload) != entry.crc:
            return Finding("damaged", f"{where}: not what the index speaks of", piece.log_offset)
        header = piece.header
        try:
            payload = self._log.schema.read(header.schema, header.version, header.kind, piece.payload)
            return bank.load_chunk(payload, entry.first, entry.upto)
        except ForeignError as error:
            return Finding("schema", f"{where}: {error}", piece.log_offset)
        except (ValueError, msgspec.DecodeError) as error:
            return Finding("damaged", f"{where}: {error}", piece.log_offset)


async def _nothing() -> AsyncIterator[tuple[int, bytes]]:
    """No records."""
    return
    yield
