"""Role `assess`: `signals` -> `commands` and relays, one Assessor a partition; `reports` -> `signals` by triage."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec

from streams.agents.areas import fit_areas
from streams.agents.poison import SYSTEM_KEY, alarm_out, poison, unreadable
from streams.agents.role import Handler, Role, Tools
from streams.agents.send import Out
from streams.agents.untrusted import Untrusted
from streams.checkpoint import resume
from streams.checkpoint.assess_saver import AssessSaver
from streams.checkpoint.schema import ASSESS
from streams.completion import Batch, Partition, Start
from streams.core.assess import Assessor
from streams.core.decode import is_control
from streams.core.triage import triage
from streams.core.zones import ZoneIndex
from streams.models.command import Command, encode_command
from streams.models.observation import Tick
from streams.models.reject import Reject
from streams.models.signal import Alarm, Checked, Relay, Reported, Signal, Triggered, decode_signal
from streams.models.times import format_time
from streams.positions import LogPositions

PAUSE_EVERY = 200  # signals, so that a long batch does not hold the event loop
encode = msgspec.json.Encoder().encode


@dataclass
class _Told:
    """What a batch came to."""

    outs: list[Out] = field(default_factory=list)
    loud: list[Out] = field(default_factory=list)  # goes out in any case, also while state is rebuilt
    counted: list[Command | Reject] = field(default_factory=list)
    received: list[int] = field(default_factory=list)  # of the readings that caused commands


class Assess(Role):
    """Hands signals to the Assessor one at a time, in offset order, and sends its commands."""

    name = "assess"
    ticked = frozenset({"signals"})

    def __init__(self, tools: Tools, pseudonym: Callable[[str], str]) -> None:
        self._tools, self._pseudonym = tools, pseudonym
        self._zone = ZoneInfo(tools.loaded.app.timezone)
        self._zones = ZoneIndex(tools.loaded.site.zones)
        self._areas: asyncio.Task[None] | None = None
        self._untrusted = Untrusted(tools.metrics)
        readings = tools.sender.partitions("readings")
        self._saver = AssessSaver(
            tools.checkpoints("checkpoints.assess", ASSESS),
            tools.metrics,
            tools.hand,
            lambda partition: Assessor(tools.loaded.site, partition, readings),
            f"{tools.loaded.site.version}/{readings}",
        )

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Reads `signals` and `reports`."""
        return {"signals": self.handle_signals, "reports": self.handle_reports}

    # ---- state

    async def open(self) -> None:
        """Connect to the checkpoints."""
        await self._saver.open()
        self._areas = asyncio.create_task(fit_areas(self._tools.loaded.site))

    async def close(self) -> None:
        """Save what is not saved yet."""
        if self._areas is not None:
            self._areas.cancel()
        await self._saver.close()

    async def starts(self, tps: set[Partition], log: LogPositions) -> Mapping[Partition, Start]:
        """Alerts are as they were saved; reports have no state here."""
        signals = {tp for tp in tps if tp.topic == "signals"}
        known = not self._tools.loaded.app.kafka.embedded
        reports = await resume(tps - signals, log, ends_known=known, lost=self._lost)
        return {**await self._saver.starts(signals, log), **reports}

    def _lost(self, *_: object) -> None:
        self._tools.metrics.refused.labels(self.name, "expired").inc()

    @property
    def restored(self) -> int:
        """Records of the checkpoint log."""
        return self._saver.log.read

    async def leave(self, tps: set[Partition]) -> None:
        """Save what is not saved yet."""
        signals = [tp.partition for tp in tps if tp.topic == "signals"]
        await self._saver.finish(signals)
        for partition in signals:
            self._untrusted.forget(partition)

    def revoked(self, tps: set[Partition]) -> None:
        """Drop what is in the middle of a batch."""
        self._saver.revoked(tp for tp in tps if tp.topic == "signals")

    # ---- batches

    async def handle_signals(self, batch: Batch) -> None:
        """One batch of one partition of `signals`."""
        async with self._saver.handling(batch) as shelf:
            assessor = cast("Assessor", shelf.state.assessor)
            told, repeats = _Told(), assessor.repeats
            self._alarms([*self._saver.alarms(shelf, batch), *unreadable(batch, self.name, self._tools.metrics)], told)
            for number, record in enumerate(batch, start=1):
                if (death := shelf.verdicts.guilty.get(record.offset)) is not None:
                    self._poison(record, death.detail or death.why, "rejects", told)
                else:
                    self._signal(assessor, record, told)
                if number % PAUSE_EVERY == 0:
                    await asyncio.sleep(0)
            await self._tools.sender.send_all([*told.loud, *(told.outs if batch.live else ())])
            if batch.live:
                self._count(told)
                self._tools.metrics.repeats.inc(assessor.repeats - repeats)
                table, standings = assessor.site.datastreams, assessor.health.standings
                self._untrusted.count(batch.tp.partition, lambda: standings.counted(table))

    def _signal(self, assessor: Assessor, record: Any, told: _Told) -> None:
        signal = self._decode(record, told)
        if signal is None:
            return
        with self._saver.hand.holding(record.partition, record.offset, record.offset):
            commands = assessor.handle(signal, record.timestamp * 1000)
        told.counted += commands
        told.outs += (self._command(command, record.timestamp * 1000) for command in commands)
        told.outs += (self._signal_out(relay) for relay in assessor.take_relays())
        if commands and isinstance(signal, Triggered):
            told.received.append(signal.received)

    async def handle_reports(self, batch: Batch) -> None:
        """One batch of one partition of `reports`."""
        told = _Told()
        self._alarms(unreadable(batch, self.name, self._tools.metrics), told)
        for record in batch:
            if not record.value and is_control(record):
                continue
            try:
                found = triage(record, self._tools.loaded.site, self._pseudonym, self._zones)
            except Exception as error:  # noqa: BLE001 - triage has no state: the next report is not the worse for it
                self._poison(record, repr(error), "rejects.restricted", told)
                continue
            if isinstance(found, Reported):
                told.outs.append(self._signal_out(found))
            else:
                self._reject("rejects.restricted", record.key, found, told)
        await self._tools.sender.send_all([*told.loud, *told.outs])
        self._count(told)

    def _decode(self, record: Any, told: _Told) -> Signal | Tick | None:
        """The signal; none = it went to `rejects`."""
        if not record.value and is_control(record):
            return Tick(record.offset, record.timestamp * 1000)
        try:
            signal = decode_signal(record.value or b"")
        except ValueError as error:  # msgspec's errors and UnicodeDecodeError
            reject = Reject(
                topic=record.topic, partition=record.partition, offset=record.offset, stage=self.name,
                reason="wrong_type" if isinstance(error, msgspec.ValidationError) else "not_json", detail=str(error),
                time=format_time(record.timestamp * 1000, self._zone),
            )  # fmt: skip
            self._reject("rejects", record.key, reject.with_raw(record.value or b""), told)
            return None
        except Exception as error:  # noqa: BLE001 - decoding has no state
            self._poison(record, repr(error), "rejects", told)
            return None
        return signal

    # ---- what goes out

    def _command(self, command: Command, detected: int) -> Out:
        command.stages = {**command.stages, "detected": format_time(detected, self._zone)}
        key = SYSTEM_KEY if command.zone is None else command.zone.encode()
        return Out("commands", self._tools.sender.partition_of("commands", key), key, encode_command(command))

    def _signal_out(self, signal: Reported | Relay | Checked) -> Out:
        key = signal.zone.encode()
        return Out("signals", self._tools.sender.partition_of("signals", key), key, encode(signal))

    def _reject(self, topic: str, key: bytes | None, reject: Reject, told: _Told) -> None:
        told.counted.append(reject)
        told.outs.append(Out(topic, self._tools.sender.partition_of(topic, key), key, encode(reject)))

    def _poison(self, record: Any, why: str, topic: str, told: _Told) -> None:
        """Set aside, and not quietly: the alarm goes out also when state is rebuilt (a repeat of it has no effect)."""
        reject, alarm = poison(record, self.name, why, self._zone)
        self._reject(topic, record.key, reject, told)
        told.loud.append(alarm_out(self._tools.sender, alarm))

    def _alarms(self, alarms: Iterable[Alarm], told: _Told) -> None:
        told.loud += (alarm_out(self._tools.sender, alarm) for alarm in alarms)

    def _count(self, told: _Told) -> None:
        """What was confirmed, and how long after their readings commands came."""
        metrics, now = self._tools.metrics, time.time()
        for one in told.counted:
            if isinstance(one, Reject):
                metrics.rejects.labels(one.topic, one.stage, one.reason).inc()
            else:
                metrics.commands.labels(one.kind, one.reason).inc()
        for caused in told.received:
            metrics.latency.observe(max(0.0, now - caused / 1_000_000))
