"""Durable state of `assess`: a delta of the rows that changed, and a rolling base beside it."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
import structlog

from streams.checkpoint.assess_ledger import AssessLedger
from streams.checkpoint.assess_reader import SavedAssessor, fold_up, load
from streams.checkpoint.deaths import Verdicts
from streams.checkpoint.findings import worth_telling
from streams.checkpoint.fold import Fold
from streams.checkpoint.in_hand import HandNote
from streams.checkpoint.log import CheckpointLog, Reader, Written
from streams.checkpoint.reach import reach
from streams.checkpoint.refusal import tell_unused
from streams.checkpoint.saver import AWAY, Saver
from streams.checkpoint.shelf import Shelf
from streams.checkpoint.start import rebuild
from streams.completion import Batch, Partition, Start
from streams.metrics import Metrics
from streams.models.saved import Delta, Kind, Slice
from streams.positions import LogPositions

log = structlog.get_logger(__name__)
EVERY_S = 0.2  # a delta, at most so often; less often when one takes long
EMBEDDED_EVERY_S = 2.0  # its log cannot be truncated and lies in memory
TOGETHER = 200  # rows that are made into bytes before others get their turn
pack = msgspec.msgpack.Encoder().encode


@dataclass
class _Kept:
    """An Assessor and what of it is saved."""

    assessor: SavedAssessor
    ledger: AssessLedger
    next_at: float = 0.0  # of a delta


class AssessSaver(Saver[_Kept]):
    """Saves and restores Assessors."""

    role = "assess"

    def __init__(
        self,
        checkpoints: CheckpointLog,
        metrics: Metrics,
        hand: HandNote,
        make: Callable[[int], SavedAssessor],
        site: str,
    ) -> None:
        """`make`: a fresh Assessor of a partition; `site`: fingerprint of the configuration."""
        super().__init__(checkpoints, metrics, hand)
        self._make, self._site = make, site

    # ---- restore

    async def restore(self, reader: Reader, tp: Partition, positions: LogPositions, mark: Written) -> Shelf[_Kept]:
        """The rows of the log's newest whole state; else an Assessor that reads `signals` again."""
        fold, size = await fold_up(reader, tp.partition, mark, Fold(self.log.schema, self._site))
        found = await reach(tp, positions, ends_known=self.log.ends_known)
        upto = fold.upto if fold.whole else None
        if (late := found.lost(upto)) is not None:
            fold.findings.append(late)
            upto = None
        assessor = self._make(tp.partition)
        if upto is not None:
            refused = load(assessor, fold.rows)
            fold.findings += refused
            if refused:
                assessor, upto = self._make(tp.partition), None
        if upto is None:
            start = found.within((await rebuild({tp}, positions))[tp])
            fold.findings = worth_telling([*fold.untold, *fold.findings], start, found.committed)
            return await self._anew(tp, start, fold, assessor)
        tell_unused(self.log.topic, tp.partition, fold.findings)
        ledger = AssessLedger(upto, sum(map(len, fold.rows.values())))
        ledger.deltas = size  # a base of our own is due when the log is long
        start = Start(upto, max(upto, found.committed or 0))
        shelf = Shelf(_Kept(assessor, ledger), start, Verdicts(fold.deaths), upto=upto, how="saved")
        shelf.refusal = self.refusal(tp, fold.untold, upto)
        return shelf

    async def _anew(self, tp: Partition, start: Start, fold: Fold, assessor: SavedAssessor) -> Shelf[_Kept]:
        """Begin with nothing, where the log of signals begins."""
        verdicts = Verdicts(fold.deaths)
        await self.begin_anew(tp.partition, self._site, start.read, fold.findings, verdicts)
        base = await self._save(tp.partition, "base", Slice(0, 0, None, None, []), start.read)
        shelf = Shelf(_Kept(assessor, AssessLedger(start.read)), start, verdicts, upto=start.read, last=base.last)
        shelf.refusal = self.refusal(tp, fold.findings, start.read)
        return shelf

    async def _save(self, partition: int, kind: Kind, what: msgspec.Struct, upto: int, since: int = 0) -> Written:
        payload = pack(what)
        return await self.log.write(partition, kind, payload, site=self._site, since=since, upto=upto)

    # ---- save

    async def save(self, batch: Batch, shelf: Shelf[_Kept]) -> None:
        """A delta, when the last one is there and it is time for another."""
        kept, now = shelf.state, time.monotonic()
        if shelf.tasks or now < kept.next_at or not self.pace.may or shelf.upto <= kept.ledger.upto:
            return
        await self._cut(batch.tp.partition, shelf)
        kept.next_at = now + (EVERY_S if self.log.ends_known else EMBEDDED_EVERY_S)

    async def last_save(self, partition: int, shelf: Shelf[_Kept]) -> None:
        """The delta that makes the next start begin where we end."""
        # `wait` and not `gather`: when time is up the sends go on, and what fails goes with the next delta
        while shelf.tasks:
            await asyncio.wait(shelf.tasks)
        if shelf.upto > shelf.state.ledger.upto:
            await self._cut(partition, shelf, slices=False)
            await asyncio.wait(shelf.tasks)

    async def _cut(self, partition: int, shelf: Shelf[_Kept], *, slices: bool = True) -> None:
        """Copy the rows that changed, and some of the base, as of now."""
        kept, ledger, upto = shelf.state, shelf.state.ledger, shelf.upto
        ledger.changed(kept.assessor.take_dirty())
        rows, took = await self._rows(kept.assessor, ledger.waiting)
        ledger.begin_cycle(kept.assessor.keys())
        keys = ledger.next_slice(_mean(rows)) if slices else None
        base: dict[str, bytes] = {}
        if keys is not None:
            base, more = await self._rows(kept.assessor, keys)
            took += more
        # From here to the task nothing is awaited: who is cancelled in between would leave rows in no delta at all.
        delta = ledger.delta(rows)
        made = None if keys is None else ledger.slice(keys, base, shelf.verdicts.carried(upto))
        began = time.thread_time()
        packed = pack(delta)
        took += time.thread_time() - began
        self.spent(took, len(packed) + (0 if made is None else sum(len(v) for _, v in made.rows)))
        shelf.run(asyncio.create_task(self._send(partition, shelf, (delta, len(packed)), made, upto)))

    async def _rows(self, assessor: SavedAssessor, keys: list[str]) -> tuple[dict[str, bytes], float]:
        """Rows as bytes, and how long that took; others get their turn in between (nothing is handled meanwhile)."""
        found: dict[str, bytes] = {}
        took = 0.0
        for at in range(0, len(keys), TOGETHER):
            began = time.thread_time()
            found.update((k, v) for k, v in assessor.save(keys[at : at + TOGETHER]).items() if v is not None)
            took += time.thread_time() - began
            await asyncio.sleep(0)
        return found, took

    async def _send(
        self, partition: int, shelf: Shelf[_Kept], sized: tuple[Delta, int], made: Slice | None, upto: int
    ) -> None:
        ledger, (delta, size) = shelf.state.ledger, sized
        try:
            done = await self._save(partition, "delta", delta, upto, since=ledger.upto)
        except AWAY as error:
            log.warning("a delta could not be saved, its rows go with the next one", error=repr(error))
            ledger.failed(delta)
            if made is not None:
                ledger.drop_cycle()
            return
        except BaseException:  # cancelled: whether the record is there nobody knows, so its rows go again
            ledger.failed(delta)
            ledger.drop_cycle()
            raise
        ledger.sent(upto, done.last, size)
        shelf.last = max(shelf.last, done.last)
        if made is not None:
            await self._send_slice(partition, shelf, made, upto)

    async def _send_slice(self, partition: int, shelf: Shelf[_Kept], made: Slice, upto: int) -> None:
        ledger = shelf.state.ledger
        try:
            done = await self._save(partition, "base", made, upto)
        except AWAY as error:
            log.warning("a piece of the base could not be saved", error=repr(error))
            ledger.drop_cycle()
            return
        except BaseException:
            ledger.drop_cycle()
            raise
        shelf.last = max(shelf.last, done.last)
        before = ledger.slice_sent(made, done.first, done.last)
        if before is not None:
            await self.give_back(partition, before)


def _mean(rows: Mapping[str, bytes]) -> float:
    sizes = [len(row) for row in rows.values()]
    return sum(sizes) / len(sizes) if sizes else 1_000.0
