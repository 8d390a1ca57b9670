"""One line of an audit file, and the positions that a file of such lines stands for."""

from pathlib import Path

import msgspec
import structlog

from streams.models.command import Command
from streams.sinks.base import Positions

log = structlog.get_logger(__name__)


class Line(msgspec.Struct, kw_only=True, rename={"from_": "from"}):
    """What was decided. topic, partition and offset name the record of `commands` that it came from."""

    at: str
    zone: str | None
    alert: str | None
    version: int
    kind: str
    status: str
    msg_type: str
    reason: str
    from_: str | None
    to: str | None
    by: str | None
    note: str | None
    command: str
    topic: str
    partition: int
    offset: int

    @classmethod
    def of(cls, command: Command, topic: str, partition: int, offset: int) -> "Line":
        """The line of a command."""
        return cls(
            at=command.time,
            zone=command.zone,
            alert=command.alert,
            version=command.version,
            kind=command.kind,
            status=command.status,
            msg_type=command.msg_type,
            reason=command.reason,
            from_=command.previous_level,
            to=command.level,
            by=command.by,
            note=command.note,
            command=command.id,
            topic=topic,
            partition=partition,
            offset=offset,
        )


class Place(msgspec.Struct):
    """What reading a file back needs of a line."""

    topic: str
    partition: int
    offset: int


encode_line = msgspec.json.Encoder().encode
_decode_place = msgspec.json.Decoder(Place).decode


def positions_in(path: Path) -> Positions:
    """Next offset of each partition after the lines of a file. A line that somebody spoilt is left alone, loudly."""
    positions: Positions = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                place = _decode_place(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                log.error("audit line cannot be read", file=str(path), line=number, why=str(error))  # noqa: TRY400
                continue
            here = (place.topic, place.partition)
            positions[here] = max(positions.get(here, 0), place.offset + 1)
    return positions
