"""Durable state of `observe`: chunks of slots, each as of an offset of its own, and an index of those that count."""

import asyncio
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import structlog

from streams.checkpoint.bank_ledger import BankLedger, Cut
from streams.checkpoint.bank_reader import BankReader, Loaded, SavedBank
from streams.checkpoint.deaths import Verdicts
from streams.checkpoint.findings import Finding, worth_telling
from streams.checkpoint.in_hand import HandNote
from streams.checkpoint.index_scan import IndexScan
from streams.checkpoint.log import CheckpointLog, Reader, Written
from streams.checkpoint.pace import cycle_s, index_s
from streams.checkpoint.reach import reach
from streams.checkpoint.refusal import tell_unused
from streams.checkpoint.saver import AWAY, Saver
from streams.checkpoint.shelf import Shelf
from streams.checkpoint.start import rebuild
from streams.completion import Batch, Partition, Start
from streams.metrics import Metrics
from streams.models.saved import Index, Kind
from streams.positions import LogPositions

log = structlog.get_logger(__name__)
INDEX_EVERY_S = 1.0
QUIET_EVERY_S = 10.0  # when there are ticks only
EMBEDDED_EVERY_S = 10.0  # its log cannot be truncated and lies in memory
HOLD_S = 0.004  # of cutting, after one batch
ON_THE_WAY = 4  # chunks
TRUNCATE_BYTES = 16_000_000
LAST_CHUNKS_S = 1.0  # of saving when a partition is given away
SMALL_BYTES = 5_000_000
SHORT = 0.3  # of what a restart may read again: then nothing more is saved at the end
pack = msgspec.msgpack.Encoder().encode


@dataclass
class _Kept:
    """A Bank and what of it is saved."""

    bank: SavedBank
    ledger: BankLedger
    index_at: float = 0.0
    indexed: int = -1  # what the newest index is as of; -1 = there are newer chunks, or there is none
    rows_upto: int = 0  # beyond it there are ticks only
    written: int = 0  # bytes since the log was truncated


class BankSaver(Saver[_Kept]):
    """Saves and restores Banks."""

    role = "observe"

    def __init__(
        self,
        checkpoints: CheckpointLog,
        metrics: Metrics,
        hand: HandNote,
        make: Callable[[int], SavedBank],
        site: str,
        back_ms: int,
    ) -> None:
        """`make`: a fresh Bank of a partition; `back_ms`: how far back `readings` are read when state is rebuilt."""
        super().__init__(checkpoints, metrics, hand)
        self._make, self._site, self._back_ms = make, site, back_ms
        self._least_s = INDEX_EVERY_S if checkpoints.ends_known else EMBEDDED_EVERY_S

    # ---- restore

    async def restore(self, reader: Reader, tp: Partition, positions: LogPositions, mark: Written) -> Shelf[_Kept]:
        """The chunks of the newest index; else a Bank that reads `readings` again."""
        checkpoints = BankReader(self.log, reader, tp.partition, mark)
        scan = await checkpoints.scan()
        found = await reach(tp, positions, ends_known=self.log.ends_known)
        again = found.within(await self._rebuild(tp, positions, mark.at_ms))
        if (late := found.lost(scan.upto if scan.index is not None else None)) is not None:
            scan.refuse(late)
        if scan.index is None:
            return await self._anew(tp, again, scan, found.committed)
        loaded = await checkpoints.restore(scan, found.beginning, lambda: self._make(tp.partition))
        if isinstance(loaded, Finding):
            scan.refuse(loaded)
            return await self._anew(tp, again, scan, found.committed)
        if loaded.lost:
            scan.findings += loaded.lost
        else:
            tell_unused(self.log.topic, tp.partition, scan.findings)
        oldest = min((e.upto for e in scan.index.chunks), default=scan.upto)
        read = max(min(again.read, oldest) if loaded.part else oldest, found.beginning)
        kept = _Kept(loaded.bank, self._ledger(scan, loaded, read))
        start, how = Start(read, max(again.live, scan.upto)), "part" if loaded.part else "saved"
        shelf = Shelf(kept, start, Verdicts(scan.deaths), upto=read, how=how)
        shelf.refusal = self.refusal(tp, scan.findings if loaded.lost else (), read)
        return shelf

    def _ledger(self, scan: IndexScan, loaded: Loaded, read: int) -> BankLedger:
        """What of a restored Bank is saved: nothing, when slots have other numbers now or are rebuilt."""
        same = not loaded.part and not loaded.grown
        same &= scan.piece is not None and scan.piece.header.site == self._site
        ledger = BankLedger(scan.index.chunks if same and scan.index is not None else (), whole=same)
        ledger.grow(loaded.bank.slots_used, read)
        return ledger

    async def _rebuild(self, tp: Partition, positions: LogPositions, now_ms: int) -> Start:
        """As far back as readings are to be read, by the broker's clock: ours may be years ahead."""
        since = (now_ms or int(time.time() * 1000)) - self._back_ms
        return (await rebuild({tp}, positions, since_ms=since))[tp]

    async def _anew(self, tp: Partition, again: Start, scan: IndexScan, committed: int | None) -> Shelf[_Kept]:
        """Begin with nothing, as far back as readings are to be read."""
        bank = self._make(tp.partition)
        findings = worth_telling([*scan.untold, *scan.findings], again, committed)
        verdicts = Verdicts(scan.deaths)
        done = await self.begin_anew(tp.partition, self._site, again.read, findings, verdicts)
        ledger = BankLedger()
        ledger.grow(bank.slots_used, again.read)
        shelf = Shelf(_Kept(bank, ledger), again, verdicts, upto=again.read, last=done.last)
        shelf.refusal = self.refusal(tp, findings, again.read)
        return shelf

    async def _write(self, partition: int, kind: Kind, payload: bytes, upto: int) -> Written:
        return await self.log.write(partition, kind, payload, site=self._site, upto=upto)

    # ---- save

    async def save(self, batch: Batch, shelf: Shelf[_Kept]) -> None:
        """Chunks that are due, as far as the pace allows; and an index."""
        kept, now = shelf.state, time.monotonic()
        kept.ledger.grow(kept.bank.slots_used, batch.first)
        quiet = all(record.value is None for record in batch)
        kept.rows_upto = kept.rows_upto if quiet else shelf.upto
        if kept.bank.catching_up:
            return
        age_s = cycle_s(kept.ledger.size * len(self.shelves), self._least_s)
        while self.pace.may and len(shelf.tasks) < ON_THE_WAY and time.monotonic() - now < HOLD_S:
            cut = kept.ledger.due(shelf.upto, now, self._replay, age_s, kept.rows_upto)
            if cut is None:
                break
            self._send_chunk(batch.tp.partition, shelf, cut)
        nothing_new = quiet and kept.indexed >= 0
        due = now >= kept.index_at + (QUIET_EVERY_S if nothing_new else 0.0)
        if due and shelf.upto > kept.indexed and kept.ledger.complete:
            kept.index_at = now + index_s(self._send_index(batch.tp.partition, shelf), len(self.shelves), self._least_s)

    @property
    def _replay(self) -> int:
        """Records of one partition that a restart may read again: of all together as many as the pace allows."""
        return self.pace.replay // max(1, len(self.shelves))

    async def last_save(self, partition: int, shelf: Shelf[_Kept]) -> None:
        """The oldest chunks, until time is up or the next start is short anyway; then the index."""
        kept, until = shelf.state, time.monotonic() + LAST_CHUNKS_S
        if kept.bank.catching_up:
            return
        while time.monotonic() < until and self._long(shelf):
            cut = kept.ledger.oldest(shelf.upto) if len(shelf.tasks) < ON_THE_WAY else None
            if cut is not None:
                self._send_chunk(partition, shelf, cut)
            elif shelf.tasks:
                await asyncio.wait(shelf.tasks, return_when=asyncio.FIRST_COMPLETED)
            else:
                break
        while shelf.tasks:
            await asyncio.wait(shelf.tasks)
        if kept.ledger.complete and shelf.upto > kept.indexed:
            self._send_index(partition, shelf)
            await asyncio.wait(shelf.tasks)

    def _long(self, shelf: Shelf[_Kept]) -> bool:
        """Whether a restart now would read a good deal again; what is small is saved in any case."""
        kept = shelf.state
        oldest = kept.ledger.read_from
        if oldest is None or oldest >= kept.rows_upto:
            return False
        return kept.ledger.size <= SMALL_BYTES or kept.rows_upto - oldest > self._replay * SHORT

    def _send_chunk(self, partition: int, shelf: Shelf[_Kept], cut: Cut) -> None:
        began = time.thread_time()
        payload = shelf.state.bank.save_chunk(cut.first, cut.count)
        crc = zlib.crc32(payload)
        self.spent(time.thread_time() - began, len(payload))
        shelf.run(asyncio.create_task(self._chunk(partition, shelf, cut, payload, crc)))

    async def _chunk(self, partition: int, shelf: Shelf[_Kept], cut: Cut, payload: bytes, crc: int) -> None:
        kept, began = shelf.state, time.monotonic()
        try:
            done = await self._write(partition, "chunk", payload, cut.upto)
        except AWAY as error:
            log.warning("a chunk of state could not be saved, the one before it still counts", error=repr(error))
            kept.ledger.failed(cut)
            return
        kept.ledger.done(cut, done.token, done.seq, done.first, crc, len(payload), began)
        kept.written += len(payload)
        kept.indexed = -1
        shelf.last = max(shelf.last, done.last)

    def _send_index(self, partition: int, shelf: Shelf[_Kept]) -> float:
        """Seconds that making it took."""
        began = time.thread_time()
        kept, upto = shelf.state, shelf.upto
        kept.indexed = upto
        oldest = kept.ledger.read_from
        deaths = shelf.verdicts.carried(upto if oldest is None else oldest)
        index = kept.ledger.index(kept.bank.save_rest(), deaths)
        payload = pack(index)
        took = time.thread_time() - began
        self.spent(took, len(payload))
        shelf.run(asyncio.create_task(self._index(partition, shelf, index, payload, upto)))
        return took

    async def _index(self, partition: int, shelf: Shelf[_Kept], index: Index, payload: bytes, upto: int) -> None:
        kept = shelf.state
        try:
            done = await self._write(partition, "index", payload, upto)
        except AWAY as error:
            log.warning("an index of state could not be saved, the one before it still counts", error=repr(error))
            kept.indexed = -1
            return
        shelf.last = max(shelf.last, done.last)
        kept.written += len(payload)
        if kept.written >= TRUNCATE_BYTES:
            kept.written = 0
            needed = min((e.log_offset for e in index.chunks if e.token), default=done.first)
            await self.give_back(partition, min(needed, done.first))
