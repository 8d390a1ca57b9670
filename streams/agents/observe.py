"""Role `observe`: `readings` -> `signals`, `latest`, `rejects`. One Bank a partition."""

import asyncio
import time
from collections.abc import Mapping
from datetime import tzinfo
from zoneinfo import ZoneInfo

import msgspec

from streams.agents.role import Handler, Role, Tools
from streams.agents.send import Out
from streams.checkpoint import rebuild
from streams.completion import Batch, Partition, Start
from streams.core.decode import decode
from streams.core.detect import Bank, Output
from streams.models.durations import parse_duration
from streams.models.latest import LatestFrame, encode_latest
from streams.models.observation import Row, Tick
from streams.models.reject import Reject
from streams.models.signal import Triggered
from streams.models.times import format_time
from streams.positions import LogPositions

LATEST_S = 1.0
HOLD_S = 0.01  # how long one slice of a batch may hold the event loop
SLICE = (20, 2_000)  # rows
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
        self._back_ms = parse_duration(tools.loaded.app.rebuild_readings) // 1000

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Reads `readings`."""
        return {"readings": self.handle}

    async def starts(self, tps: set[Partition], log: LogPositions) -> Mapping[Partition, Start]:
        """State is rebuilt from recent readings."""
        self._shards = {tp.partition: _Shard(self._tools, tp.partition) for tp in tps}
        return await rebuild(tps, log, since_ms=int(time.time() * 1000) - self._back_ms)

    def revoked(self, tps: set[Partition]) -> None:
        """Drop the Banks."""
        for tp in tps:
            self._shards.pop(tp.partition, None)

    async def handle(self, batch: Batch) -> None:
        """One batch of one partition."""
        shard = self._shards[batch.tp.partition]
        rows, refused = decode(
            batch.tp.topic, batch.tp.partition, self._partitions, batch.records, self._zone
        )  # fmt: skip
        output = await shard.judge(rows)
        if not batch.live:
            return
        rejects = [(r.key, r.reject) for r in refused] + _with_bytes(batch, output, self._zone)
        await self._tools.sender.send_all([*map(self._signal, output.signals), *map(self._reject, rejects)])
        await self._tools.sender.send_all(shard.afterwards(output.signals))
        self._count(rejects, output)

    def _signal(self, signal: Triggered) -> Out:
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


class _Shard:
    """One partition: its Bank, and what was last said about it to whom."""

    def __init__(self, tools: Tools, partition: int) -> None:
        site, sender = tools.loaded.site, tools.sender
        self.bank = Bank(site, partition, sender.partitions("readings"))
        self._interval = site.progress
        self._zones: list[set[str]] = [set() for _ in range(sender.partitions("signals"))]
        for zone in site.zones:
            self._zones[sender.partition_of("signals", zone.encode())].add(zone)
        self._latest_to = partition % sender.partitions("latest")
        self._said: dict[int, int] = {}  # signals partition -> received time of the last signal or progress
        self._latest_at = 0.0
        self._slice = SLICE[1] // 4
        self._partition_of = sender.partition_of

    async def judge(self, rows: list[Row | Tick]) -> Output:
        """The Bank's word on rows, in slices that hold the event loop for about 10 ms: rows of one station take long.

        Where slices begin and end makes no difference to the Bank.
        """
        whole = Output()
        at = 0
        while at < len(rows):
            began = time.perf_counter()
            part = self.bank.handle(rows[at : at + self._slice])
            at += self._slice
            took = time.perf_counter() - began
            self._slice = min(max(int(self._slice * HOLD_S / max(took, 1e-6)), SLICE[0]), SLICE[1])
            whole.add(part)
            await asyncio.sleep(0)
        return whole

    def afterwards(self, signals: list[Triggered]) -> list[Out]:
        """What may be said once everything up to the Bank's position is confirmed."""
        for signal in signals:
            self._said[self._partition_of("signals", signal.zone.encode())] = signal.received
        return [*self._progress(), *self._latest()]

    def _progress(self) -> list[Out]:
        """Tell each partition of `signals` that has heard nothing for the interval how far we are."""
        now = self.bank.received
        due = [to for to in range(len(self._zones)) if now - self._said.get(to, -self._interval) >= self._interval]
        self._said.update(dict.fromkeys(due, now))
        return [Out("signals", to, None, encode(self.bank.progress(self._zones[to]))) for to in due]

    def _latest(self) -> list[Out]:
        """What changed since the last time, at most once a second."""
        if time.monotonic() - self._latest_at < LATEST_S:
            return []
        self._latest_at = time.monotonic()
        values = self.bank.take_latest()
        frames = (LatestFrame(values[i : i + FRAME]) for i in range(0, len(values), FRAME))
        return [Out("latest", self._latest_to, None, encode_latest(frame)) for frame in frames]


def _with_bytes(batch: Batch, output: Output, zone: tzinfo) -> list[tuple[bytes | None, Reject]]:
    """The Bank's rejects with key, place and bytes of the record they came in."""
    if not output.rejects:
        return []
    records = {record.offset: record for record in batch}
    found = []
    for row, reject in output.rejects:
        record = records[row.offset]
        reject.topic, reject.partition, reject.offset, reject.row = *batch.tp, row.offset, row.row
        reject.time = format_time(row.received, zone)
        found.append((record.key, reject.with_raw(record.value or b"")))
    return found
