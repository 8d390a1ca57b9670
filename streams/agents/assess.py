"""Role `assess`: `signals` -> `commands`, one Assessor a partition; and `reports` -> `signals` through triage."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from streams.agents.role import Handler, Role, Tools
from streams.agents.send import Out
from streams.checkpoint import rebuild, resume
from streams.completion import Batch, Partition, Start
from streams.core.assess import Assessor
from streams.core.decode import is_control
from streams.core.triage import triage
from streams.core.zones import ZoneIndex
from streams.models.command import Command, encode_command
from streams.models.observation import Tick
from streams.models.reject import Reject
from streams.models.signal import Reported, Signal, Triggered, decode_signal
from streams.models.times import format_time
from streams.positions import LogPositions

SYSTEM_KEY = b"system"
PAUSE_EVERY = 200  # signals, so that a long batch does not hold the event loop
encode = msgspec.json.Encoder().encode


class Assess(Role):
    """Hands signals to the Assessor one at a time, in offset order, and sends its commands."""

    name = "assess"
    ticked = frozenset({"signals"})

    def __init__(self, tools: Tools, pseudonym: Callable[[str], str]) -> None:
        self._tools, self._pseudonym = tools, pseudonym
        self._zone = ZoneInfo(tools.loaded.app.timezone)
        self._zones = ZoneIndex(tools.loaded.site.zones)
        self._assessors: dict[int, Assessor] = {}

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Reads `signals` and `reports`."""
        return {"signals": self.handle_signals, "reports": self.handle_reports}

    async def starts(self, tps: set[Partition], log: LogPositions) -> Mapping[Partition, Start]:
        """Alerts are rebuilt from all signals there are; reports have no state here."""
        signals = {tp for tp in tps if tp.topic == "signals"}
        readings = self._tools.sender.partitions("readings")
        self._assessors = {tp.partition: Assessor(self._tools.loaded.site, tp.partition, readings) for tp in signals}
        return {**await rebuild(signals, log), **await resume(tps - signals, log)}

    def revoked(self, tps: set[Partition]) -> None:
        """Drop the Assessors."""
        for tp in tps:
            if tp.topic == "signals":
                self._assessors.pop(tp.partition, None)

    async def handle_signals(self, batch: Batch) -> None:
        """One batch of one partition of `signals`."""
        assessor = self._assessors[batch.tp.partition]
        outs: list[Out] = []
        told: list[Command | Reject] = []
        received: list[int] = []  # of the readings that caused commands
        repeats = assessor.repeats
        for number, record in enumerate(batch, start=1):
            signal = self._decode(record)
            if isinstance(signal, Reject):
                told.append(signal)
                outs.append(self._reject("rejects", record.key, signal))
                continue
            commands = assessor.handle(signal, record.timestamp * 1000)
            told += commands
            outs += (self._command(command, record.timestamp * 1000) for command in commands)
            if commands and isinstance(signal, Triggered):
                received.append(signal.received)
            if number % PAUSE_EVERY == 0:
                await asyncio.sleep(0)
        if batch.live:
            await self._tools.sender.send_all(outs)
            self._count(told, received)
            self._tools.metrics.repeats.inc(assessor.repeats - repeats)

    async def handle_reports(self, batch: Batch) -> None:
        """One batch of one partition of `reports`."""
        outs: list[Out] = []
        told: list[Command | Reject] = []
        for record in batch:
            if not record.value and is_control(record):
                continue
            found = triage(record, self._tools.loaded.site, self._pseudonym, self._zones)
            if isinstance(found, Reported):
                key = found.zone.encode()
                outs.append(Out("signals", self._tools.sender.partition_of("signals", key), key, encode(found)))
            else:
                told.append(found)
                outs.append(self._reject("rejects.restricted", record.key, found))
        await self._tools.sender.send_all(outs)
        self._count(told, [])

    def _decode(self, record: Any) -> Signal | Tick | Reject:
        if not record.value and is_control(record):
            return Tick(record.offset, record.timestamp * 1000)
        try:
            signal: Signal = decode_signal(record.value or b"")
        except ValueError as error:  # msgspec's errors and UnicodeDecodeError
            reject = Reject(
                topic=record.topic, partition=record.partition, offset=record.offset, stage=self.name,
                reason="wrong_type" if isinstance(error, msgspec.ValidationError) else "not_json", detail=str(error),
                time=format_time(record.timestamp * 1000, self._zone),
            )  # fmt: skip
            return reject.with_raw(record.value or b"")
        return signal

    def _command(self, command: Command, detected: int) -> Out:
        command.stages = {**command.stages, "detected": format_time(detected, self._zone)}
        key = SYSTEM_KEY if command.zone is None else command.zone.encode()
        return Out("commands", self._tools.sender.partition_of("commands", key), key, encode_command(command))

    def _reject(self, topic: str, key: bytes | None, reject: Reject) -> Out:
        return Out(topic, self._tools.sender.partition_of(topic, key), key, encode(reject))

    def _count(self, told: list[Command | Reject], received: list[int]) -> None:
        """What was confirmed, and how long after their readings commands came."""
        metrics, now = self._tools.metrics, time.time()
        for one in told:
            if isinstance(one, Reject):
                metrics.rejects.labels(one.topic, one.stage, one.reason).inc()
            else:
                metrics.commands.labels(one.kind, one.reason).inc()
        for caused in received:
            metrics.latency.observe(max(0.0, now - caused / 1_000_000))
