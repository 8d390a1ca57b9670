"""`command.current.*`: an alert's last command stays 48 hours after its end, then a tombstone lets compaction take it.

Nothing is remembered between two sweeps: each reads the compacted topics anew and so knows of alerts that another
process reopened, or that ended before this one was started.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress

import msgspec
import structlog

from streams.models.command import Command, decode_command
from streams.models.times import HOUR, parse_time
from streams.sinks.base import Producer
from streams.sinks.compacted import Last, Table
from streams.sinks.redact import open_alert

log = structlog.get_logger(__name__)
OPEN = "command.current.open"
TOPICS = (OPEN, "command.current.sensitive", "command.current.restricted")
KEPT = 48 * HOUR

Read = Callable[[Sequence[str]], Awaitable[Table]]


async def sweep(read: Read, producer: Producer, now: int) -> int:
    """Bury the alerts that ended more than 48 hours before `now` (microseconds); how many tombstones that took."""
    table = await read(TOPICS)
    buried = sorted(
        {grave for place, last in table.items() for grave in _graves(*place, last, now) if _lies(table, grave)}
    )
    for topic, key in buried:
        await producer.send(topic, key, None)
    return len(buried)


def _lies(table: Table, grave: tuple[str, bytes]) -> bool:
    return grave in table and table[grave].value is not None


def _graves(topic: str, key: bytes, last: Last, now: int) -> Iterator[tuple[str, bytes]]:
    """Its own place; of a full record also the open copy's, which may have missed an end that nobody released."""
    command = _command(last)
    if command is None or command.msg_type != "Cancel" or _ended(command, last) + KEPT > now:
        return
    yield topic, key
    if topic != OPEN:
        yield OPEN, (open_alert(command) or "").encode()


def _command(last: Last) -> Command | None:
    if last.value is None:
        return None
    try:
        return decode_command(last.value)
    except msgspec.DecodeError as error:
        log.error("record of command.current cannot be read, left alone", why=str(error))  # noqa: TRY400
        return None


def _ended(command: Command, last: Last) -> int:
    """When its end was decided (a record that was sent twice has a later timestamp)."""
    with suppress(KeyError, ValueError, OverflowError):
        return parse_time(command.stages["decided"])
    return last.timestamp * 1000
