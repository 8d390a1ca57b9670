"""Role `observe`: `readings` -> `signals`, `latest`, `rejects`. One Bank a partition."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec

from streams.agents.poison import alarm_out, poison, unreadable, with_bytes
from streams.agents.portions import one_by_one, portions
from streams.agents.role import Handler, Role, Tools
from streams.agents.send import Out
from streams.checkpoint.bank_saver import BankSaver
from streams.checkpoint.in_hand import HandNote
from streams.checkpoint.schema import OBSERVE
from streams.completion import Batch, Partition, Start
from streams.core.decode import Refused, decode
from streams.core.detect import Bank, Output
from streams.core.score import CLASSES
from streams.models.columns import Columns
from streams.models.durations import parse_duration
from streams.models.latest import LatestFrame, encode_latest
from streams.models.reject import Reject
from streams.models.signal import Sampled, Triggered
from streams.positions import LogPositions

LATEST_S = 1.0
LATEST_MOST = 5_000  # values a partition and second: with more datastreams each has its turn every few seconds
HOLD_S = 0.01  # how long one slice of a batch may hold the event loop
PAUSE_S = 0.001  # what was quicker does not let others have their turn
SLICE = (20, 200_000)  # rows
FRAME = 1_000  # values of one record of `latest`
encode = msgspec.json.Encoder().encode


class Observe(Role):
    """Decodes, lets the Bank judge, sends what it says."""

    name = "observe"
    ticked = frozenset({"readings"})

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._shards: dict[int, _Shard] = {}
        self._zone = ZoneInfo(tools.loaded.app.timezone)
        self._partitions = tools.sender.partitions("readings")
        site = tools.loaded.site
        self._saver = BankSaver(
            tools.checkpoints("checkpoints.observe", OBSERVE),
            tools.metrics,
            tools.hand,
            lambda partition: Bank(site, partition, self._partitions),
            f"{site.version}/{self._partitions}",
            parse_duration(tools.loaded.app.rebuild_readings) // 1000,
        )

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Reads `readings`."""
        return {"readings": self.handle}

    # ---- state

    async def open(self) -> None:
        """Connect to the checkpoints."""
        await self._saver.open()

    async def close(self) -> None:
        """Save what makes the next start short."""
        await self._saver.close()

    async def starts(self, tps: set[Partition], log: LogPositions) -> Mapping[Partition, Start]:
        """State is as it was saved."""
        found = await self._saver.starts(tps, log)
        self._shards = {tp.partition: self._shard(tp.partition) for tp in tps}
        return found

    @property
    def restored(self) -> int:
        """Records of the checkpoint log."""
        return self._saver.log.read

    def _shard(self, partition: int) -> "_Shard":
        """What goes with a Bank; kept as long as the Bank is."""
        bank = cast("Bank", self._saver.shelves[partition].state.bank)
        shard = self._shards.get(partition)
        if shard is None or shard.bank is not bank:
            return _Shard(self._tools, partition, bank)
        shard.tell_anew()
        return shard

    async def leave(self, tps: set[Partition]) -> None:
        """Save what makes the next owner's start short."""
        await self._saver.finish(tp.partition for tp in tps)
        of_all = (self._tools.metrics.health, self._tools.metrics.stations)
        for gauge, tp, name in product(of_all, tps, CLASSES):
            gauge.remove(str(tp.partition), name)

    def revoked(self, tps: set[Partition]) -> None:
        """Drop what is in the middle of a batch."""
        self._saver.revoked(tps)

    # ---- batches

    async def handle(self, batch: Batch) -> None:
        """One batch of one partition."""
        async with self._saver.handling(batch) as shelf:
            shard, told = self._shards[batch.tp.partition], _Told()
            alarms = self._saver.alarms(shelf, batch) + unreadable(batch, self.name, self._tools.metrics)
            told.loud += (alarm_out(self._tools.sender, alarm) for alarm in alarms)
            for record in batch if shelf.verdicts.guilty else ():
                if (death := shelf.verdicts.guilty.get(record.offset)) is not None:
                    self._poison(record, death.detail or death.why, told)
            for records in portions(batch, shelf.verdicts):
                await self._take(shard, records, told)
            rejects = told.rejects + with_bytes(batch, told.output.rejects, self._zone)
            outs = [*map(self._signal, told.output.signals), *map(self._reject, rejects)] if batch.live else []
            await self._tools.sender.send_all([*told.loud, *outs])
            if batch.live:
                # the next batch does not wait for these
                self._tools.sender.send_later(shard.afterwards(told.output.signals))
                self._count(rejects, told.output)

    async def _take(self, shard: "_Shard", records: Sequence[Any], told: "_Told") -> None:
        """Decode some records and let the Bank judge them; the note says that they are in hand."""
        topic, partition, began = records[0].topic, records[0].partition, time.perf_counter()

        def decoded(some: Sequence[Any]) -> tuple[Columns, list[Refused]]:
            return decode(topic, partition, self._partitions, some, self._zone)

        for columns, refused in one_by_one(decoded, records, lambda r, e: self._poison(r, repr(e), told)):
            told.rejects += [(r.key, r.reject) for r in refused]
            span = (partition, records[0].offset, records[-1].offset)
            told.output.add(await shard.judge(columns, self._tools.hand, span))
        self._saver.pace.worked(len(records), time.perf_counter() - began)

    def _poison(self, record: Any, why: str, told: "_Told") -> None:
        """Set aside, and not quietly: the alarm goes out also when state is rebuilt (a repeat of it has no effect)."""
        reject, alarm = poison(record, self.name, why, self._zone)
        told.rejects.append((record.key, reject))
        told.loud.append(alarm_out(self._tools.sender, alarm))

    def _signal(self, signal: Triggered | Sampled) -> Out:
        key = signal.zone.encode()
        return Out("signals", self._tools.sender.partition_of("signals", key), key, encode(signal))

    def _reject(self, refused: tuple[bytes | None, Reject]) -> Out:
        key, reject = refused
        return Out("rejects", self._tools.sender.partition_of("rejects", key), key, encode(reject))

    def _count(self, rejects: list[tuple[bytes | None, Reject]], output: Output) -> None:
        metrics = self._tools.metrics
        metrics.readings.inc(output.accepted)
        metrics.repeats.inc(output.repeats)
        metrics.signals.inc(len(output.signals))
        for check, number in output.checks.items():
            metrics.quality.labels(check).inc(number)
        for _, reject in rejects:
            metrics.rejects.labels("readings", reject.stage, reject.reason).inc()


@dataclass
class _Told:
    """What a batch came to. `loud` goes out in any case, also while state is rebuilt."""

    output: Output = field(default_factory=Output)
    rejects: list[tuple[bytes | None, Reject]] = field(default_factory=list)
    loud: list[Out] = field(default_factory=list)


class _Shard:
    """One partition: its Bank, and what was last said about it to whom."""

    def __init__(self, tools: Tools, partition: int, bank: Bank) -> None:
        site, sender = tools.loaded.site, tools.sender
        self.bank = bank
        self._interval = site.progress
        self._zones: list[set[str]] = [set() for _ in range(sender.partitions("signals"))]
        for zone in site.zones:
            self._zones[sender.partition_of("signals", zone.encode())].add(zone)
        of_all = (tools.metrics.health, tools.metrics.stations)
        self._health, self._stations = [[one.labels(str(partition), name) for name in CLASSES] for one in of_all]
        self._latest_to = partition % sender.partitions("latest")
        self._said: dict[int, int] = {}  # signals partition -> received time of the last signal or progress
        self._latest_at, self._latest_left = 0.0, 0
        self._slice = 2_000
        self._partition_of = sender.partition_of

    async def judge(self, columns: Columns, hand: HandNote, span: tuple[int, int, int]) -> Output:
        """The Bank's word on rows, in slices of about 10 ms of CPU, which hold the event loop: odd rows take long.

        CPU and not the clock: on a busy machine slices would shrink, and many small ones take longer than a few.
        Where slices begin and end makes no difference to the Bank. `span`: partition and offsets, for the note.
        """
        if len(columns) <= SLICE[0]:  # asking for the CPU takes a call of the system
            with hand.holding(*span):
                return self.bank.handle(columns)
        whole, at = Output(), 0
        while at == 0 or at < len(columns):
            began = time.thread_time()
            stop = columns.whole(at, at + self._slice)
            with hand.holding(*span):
                part = self.bank.handle(columns.part(at, stop))
            took = time.thread_time() - began
            rows, at = stop - at, max(stop, 1)
            if stop < len(columns) or took > HOLD_S:
                self._slice = min(max(int(rows * HOLD_S / max(took, 1e-6)), SLICE[0]), SLICE[1])
            whole.add(part)
            if took > PAUSE_S:  # a pause costs a turn of the loop: where little was done nobody has waited
                await asyncio.sleep(0)
        return whole

    def afterwards(self, signals: list[Triggered | Sampled]) -> list[Out]:
        """What may be said once everything up to the Bank's position is confirmed.

        Samples are no reason to say no progress: they come all the time, and do not say how far subjects are.
        """
        for signal in (one for one in signals if isinstance(one, Triggered)):
            self._said[self._partition_of("signals", signal.zone.encode())] = signal.received
        return [*self._progress(), *self._latest()]

    def tell_anew(self) -> None:
        """What was said last may not have arrived: nobody waited for it."""
        self._said.clear()
        self.bank.tell_anew()

    def _progress(self) -> list[Out]:
        """Tell each partition of `signals` that has heard nothing for the interval how far we are."""
        now = self.bank.received
        due = [to for to in range(len(self._zones)) if now - self._said.get(to, -self._interval) >= self._interval]
        self._said.update(dict.fromkeys(due, now))
        told = self.bank.progress_of([self._zones[to] for to in due]) if due else []
        return [Out("signals", to, None, encode(progress)) for to, progress in zip(due, told, strict=True)]

    def _latest(self) -> list[Out]:
        """What changed since the last time, once a second: a frame after each batch, so that none waits for all."""
        if (now := time.monotonic()) - self._latest_at >= LATEST_S:
            self._latest_at, self._latest_left = now, LATEST_MOST
        values = self.bank.take_latest(FRAME) if self._latest_left > 0 else []
        self._latest_left = self._latest_left - FRAME if len(values) == FRAME else 0
        found = [*zip(self._health, self.bank.health.tolist(), strict=True)]
        if self._latest_at == now:
            found += zip(self._stations, self.bank.station_health, strict=True)
        for gauge, count in found:
            gauge.set(count)
        return [Out("latest", self._latest_to, None, encode_latest(LatestFrame(values)))] if values else []
