"""What reading a checkpoint log came to: the words in which a refusal is told. Pure."""

from dataclasses import dataclass
from typing import Literal

from streams.completion import Start

#: foreign: bytes of somebody else; damaged: checksum; schema: a version that cannot be read; missing: a piece that the
#: rest needs; hole: a delta is missing; configuration: of another one; expired: the input log begins later, or ends
#: before; zombie: we may not be the owner any more
Reason = Literal["foreign", "damaged", "schema", "missing", "hole", "configuration", "expired", "zombie"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a log that could not be used. `log_offset` none: what should be there is not."""

    reason: Reason
    detail: str
    log_offset: int | None = None
    #: slots or rows that are rebuilt for it; none = all of them
    slots: tuple[int, int] | None = None


def worth_telling(findings: list[Finding], start: Start, committed: int | None) -> list[Finding]:
    """A first start (nothing committed) has nothing to tell; nor has one that reads all there ever was.

    Nothing to read again is no such thing: after a long standstill all that was handled may be too old.
    """
    if not findings and committed is not None and start.read > 0:
        return [Finding("missing", "there is no saved state")]
    return findings
