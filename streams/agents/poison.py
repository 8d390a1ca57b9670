"""Records that are set aside, with their bytes: refused rows, and what makes our own code fail (people are told)."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import msgspec

from streams.agents.send import Out, Sender
from streams.completion import Batch
from streams.metrics import Metrics
from streams.models.command import decode_command
from streams.models.ids import cause_id
from streams.models.reject import Reject
from streams.models.signal import Alarm
from streams.models.times import format_time

SYSTEM_KEY = b"system"
POISON_SUBJECT = "health:poison|"  # streams/core/alarms.py
_encode = msgspec.json.Encoder().encode


def poison(record: Any, stage: str, why: str, zone: tzinfo) -> tuple[Reject, Alarm]:
    """What is said of a record at which our own code failed."""
    detail = f"our own code fails at this record: {why}"
    reject = Reject(
        topic=record.topic, partition=record.partition, offset=record.offset, stage=stage, reason="poison",
        detail=detail, time=format_time(record.timestamp * 1000, zone),
    )  # fmt: skip
    where = (record.topic, record.partition, record.offset)
    received = record.timestamp * 1000
    alarm = Alarm(cause_id("alarm", "poison", *where), stage, *where, "poison", received, detail, received)
    return reject.with_raw(record.value or b""), alarm


def unreadable(batch: Batch, stage: str, metrics: Metrics) -> list[Alarm]:
    """What is said of records before a batch that were passed over because nobody can read them: one alarm a stretch.

    It goes out with the batch, so that nothing after them counts as done before people were told.
    """
    if not batch.lost:  # so that there is no series of what never happened
        return []
    metrics.refused.labels(stage, "unreadable").inc(len(batch.lost))
    received = batch.records[0].timestamp * 1000
    alarms = []
    for first, upto in batch.lost:
        detail = f"offsets {first} to {upto - 1} of {batch.tp.topic}/{batch.tp.partition} are damaged on the broker"
        ident = cause_id("alarm", "lost", stage, *map(str, batch.tp), str(first), str(upto))
        alarms.append(Alarm(ident, stage, *batch.tp, first, "lost", received, detail, received))
    return alarms


def alarm_out(sender: Sender, alarm: Alarm) -> Out:
    """An alarm is a signal: the Assessor of its partition makes a command of it."""
    return Out("signals", sender.partition_of("signals", SYSTEM_KEY), SYSTEM_KEY, _encode(alarm))


def reject_out(sender: Sender, topic: str, key: bytes | None, reject: Reject) -> Out:
    """A record of `rejects` or `rejects.restricted`."""
    return Out(topic, sender.partition_of(topic, key), key, _encode(reject))


def about_poison(record: Any) -> bool:
    """Whether a record of `commands` tells people of a record that was set aside."""
    try:
        command = decode_command(record.value or b"")
    except ValueError:
        return False
    return command.kind == "health" and (command.subject or "").startswith(POISON_SUBJECT)


def with_bytes(batch: Batch, rejects: Sequence[tuple[Any, Reject]], zone: tzinfo) -> list[tuple[bytes | None, Reject]]:
    """The Bank's rejects (each with its row) with key, place and bytes of the record they came in."""
    if not rejects:
        return []
    records = {record.offset: record for record in batch}
    found = []
    for row, reject in rejects:
        record = records[row.offset]
        reject.topic, reject.partition, reject.offset, reject.row = *batch.tp, row.offset, row.row
        reject.time = format_time(row.received, zone)
        found.append((record.key, reject.with_raw(record.value or b"")))
    return found
