"""What the figures of one run share: one stage at a time, and every measurement made once."""

import contextlib
import time
from collections.abc import Callable, Hashable
from typing import Any, Self, TypeVar

import uvloop

from benchmarks.county import County, frames, single, waveforms
from benchmarks.fill import Filled, fill
from benchmarks.stage import Stage, stage_of

Found = TypeVar("Found")
SHORT = 10  # QUICK=1: so many times fewer messages; says whether it works, not how fast it is
FORMS = {"single": single, "frames": frames, "waveforms": waveforms}


class Lab:
    """Remembers what has been measured, and keeps the stage that it was measured on until another one is wanted."""

    def __init__(self, *, quick: bool = False, tell: Callable[[str], None] = lambda _: None) -> None:
        self.quick = quick
        self.tell = tell
        self._found: dict[Hashable, Any] = {}
        self._open = contextlib.ExitStack()
        self._stage: tuple[tuple[Any, ...], Stage, Filled] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """End the stage that stands."""
        self._stage = None
        self._open.close()

    def short(self, number: int) -> int:
        """A number of messages or seconds, fewer of them in a quick run."""
        return max(number // SHORT, 1) if self.quick else number

    def once(self, key: Hashable, measure: Callable[[], Found]) -> Found:
        """What was measured under this key, or measure it now."""
        if key not in self._found:
            self._found[key] = measure()
        return self._found[key]  # type: ignore[no-any-return]

    def filled(self, form: str, county: County, rounds: int) -> tuple[Stage, Filled]:
        """A stage whose `readings` hold so many rounds of every datastream in this form."""
        key = (form, county, rounds)
        if self._stage is None or self._stage[0] != key:
            self.clear()
            stage = self._open.enter_context(stage_of(county))
            made = uvloop.run(fill(stage.bootstrap, "readings", county.partitions, records_of(form, stage, rounds)))
            self.tell(f"{made.messages:,} messages of {made.size:.0f} bytes in {made.seconds:.1f} s")
            self._stage = (key, stage, made)
        return self._stage[1:]


def records_of(form: str, stage: Stage, rounds: int) -> Any:
    """What `fill` asks for each partition; the newest reading is of now."""
    now = int(time.time())
    return lambda partition: FORMS[form](stage.county, partition, range(rounds), now)
