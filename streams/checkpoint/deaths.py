"""Which record of a partition makes our own code fail: judged by the deaths that the checkpoint log tells of. Pure.

The first death at some records may be anybody's. At the second the batch is gone through record by record, so that the
third tells which one it was. A record at which processes ended is set aside once that is certain.
"""

from collections.abc import Iterable

from streams.models.saved import Death

KEPT = 100  # verdicts and deaths that are carried on


class Verdicts:
    """What the deaths of one partition mean."""

    def __init__(self, deaths: Iterable[Death] = ()) -> None:
        self.deaths: list[Death] = []
        self.guilty: dict[int, Death] = {}
        self._explained: set[Death] = set()  # by a verdict
        for death in deaths:
            self.add(death)

    def add(self, death: Death) -> None:
        """One more death; the same one told twice counts once."""
        if death not in self.deaths and not any(death.id and death.id == other.id for other in self.deaths):
            self.deaths.append(death)
            self._judge()

    def _judge(self) -> None:
        """A record is guilty when two deaths were at it, and one of them at it alone (two, when nobody saw why)."""
        exact = {d.first: d for d in self.deaths if d.first == d.last}
        for offset, alone in exact.items():
            at_it = [d for d in self.deaths if d.first <= offset <= d.last]
            alone_at_it = [d for d in at_it if d.first == d.last]
            seen = any(d.why == "exception" for d in alone_at_it)
            if len(at_it) >= 2 and (seen or len(alone_at_it) >= 2):
                self._convict(offset, alone)

    def _convict(self, offset: int, alone: Death) -> None:
        if offset not in self.guilty:
            self.guilty[offset] = alone
            self._explained |= {d for d in self.deaths if d.first <= offset <= d.last}

    def careful(self, first: int, last: int) -> bool:
        """Whether to go record by record here: two deaths have been at some record of this range."""
        near = [d for d in self.deaths if d.first <= last and d.last >= first and d not in self._explained]
        return any(max(a.first, b.first) <= min(a.last, b.last) for n, a in enumerate(near) for b in near[:n])

    def carried(self, upto: int) -> list[Death]:
        """What the next owner has to know: verdicts, and deaths at records that it may read."""
        kept = [d for d in self.deaths if d.last >= upto or self._of_a_verdict(d)]
        return kept[-KEPT:]

    def _of_a_verdict(self, death: Death) -> bool:
        return any(death.first <= offset <= death.last for offset in self.guilty)
