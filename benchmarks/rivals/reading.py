"""Decode and slot look-up, as Tocsin's own hot path begins; the same for everybody. Needs msgspec only."""

import time

import msgspec


class Reading(msgspec.Struct, gc=False):
    """One reading."""

    station: str
    property: str
    time: float
    value: float | None


decode = msgspec.json.Decoder(Reading).decode


def slots(datastreams: int) -> dict[tuple[str, str], int]:
    """Number of each datastream."""
    return {(f"B-{number:06d}", "level"): number for number in range(datastreams)}


class Marks:
    """Clock and CPU of the whole process, all threads, at a tenth and at nine tenths of the messages."""

    def __init__(self, messages: int) -> None:
        self.messages = messages
        self.seen = 0
        self._wanted = [messages // 10, messages * 9 // 10]
        self._marks: list[tuple[int, float, float]] = []
        self.next = self._wanted[0]

    def mark(self) -> None:
        """To be called when `seen` has reached `next`."""
        self._marks.append((self.seen, time.perf_counter(), time.process_time()))
        self.next = self._wanted[1] if len(self._marks) == 1 else 1 << 62

    @property
    def done(self) -> bool:
        """Whether both marks are set."""
        return len(self._marks) == 2

    def found(self) -> dict[str, float]:
        """What lies between them."""
        first, second = self._marks
        messages, seconds, cpu = (after - before for before, after in zip(first, second))  # noqa: B905 - two triples
        return {"messages": messages, "seconds": seconds, "cpu": cpu}
