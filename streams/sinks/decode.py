"""Records of `commands` -> commands, and the time stamps that a sink adds."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any

import msgspec
import structlog

from streams.models.command import Command, decode_command
from streams.models.observation import CONTROL_HEADER
from streams.models.times import format_time
from streams.sinks.base import Count, Record

log = structlog.get_logger(__name__)
decode_any = msgspec.json.Decoder().decode
encode_any = msgspec.json.Encoder().encode


def is_control(record: Record) -> bool:
    """Whether it is a control record of ours (a tick), which means nothing to a sink."""
    return any(name == CONTROL_HEADER for name, _ in record.headers)


def commands_of(
    topic: str, partition: int, records: Sequence[Record], count: Count
) -> Iterator[tuple[Record, Command]]:
    """The commands among records. What cannot be read is ours to mend: skipped with an error in the log, counted."""
    for record in records:
        if is_control(record):
            continue
        try:
            yield record, decode_command(record.value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            count("skipped", 1)
            log.error(  # noqa: TRY400 - the place in the log says more than a traceback
                "command cannot be read, skipped",
                topic=topic,
                partition=partition,
                offset=record.offset,
                why=str(error),
            )


def stamped(record: Record, published: int, zone: tzinfo) -> dict[str, Any]:
    """The command as it came, fields of later versions too, with `stages.decided` and `stages.published`.

    decided is the Kafka timestamp of the `commands` record; published (microseconds) is the sink's clock.
    """
    command: dict[str, Any] = decode_any(record.value or b"")
    stages = command.get("stages") or {}
    decided = format_time(record.timestamp * 1000, zone)
    command["stages"] = {**stages, "decided": decided, "published": format_time(published, zone)}
    return command
