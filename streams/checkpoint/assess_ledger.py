"""What of an Assessor's rows is saved as of when, and which rows the rolling base takes next. Pure."""

from collections.abc import Iterable, Mapping

from streams.models.saved import Death, Delta, Slice

SLICE_BYTES = 300_000
LEAST_BYTES = 256_000  # of deltas before a new cycle is worth while


class AssessLedger:
    """One partition's deltas and base. One delta is on its way at a time."""

    def __init__(self, upto: int, size: int = 0) -> None:
        self.upto = upto  # the log has the state up to here
        self.last = -1  # log offset of the last piece of ours
        self.deltas = 0  # bytes since the last cycle began
        self.size = size  # bytes of all rows, about
        self.began: int | None = None  # log offset of this cycle's first slice
        self._waiting: set[str] = set()  # keys that changed since `upto`
        self._cycle = 0
        self._left: list[str] | None = None  # keys that this cycle has not written yet; none = there is no cycle
        self._number = 0
        self._after: str | None = None

    def changed(self, keys: Iterable[str]) -> None:
        """These rows changed, and no delta tells of it yet."""
        self._waiting.update(keys)

    @property
    def waiting(self) -> list[str]:
        """What the next delta has to hold."""
        return sorted(self._waiting)

    def delta(self, rows: Mapping[str, bytes]) -> Delta:
        """What changed, gone rows too; `sent` when it is there, `failed` when not."""
        found = Delta([(key, rows.get(key)) for key in self.waiting])
        self._waiting = set()
        return found

    def sent(self, upto: int, last: int, size: int) -> None:
        """The log has the state up to here now."""
        self.upto, self.last = upto, last
        self.deltas += size

    def failed(self, delta: Delta) -> None:
        """Its rows go with the next one."""
        self._waiting.update(key for key, _ in delta.rows)

    # -- the rolling base --------------------------------------------------------------------------------------------

    def begin_cycle(self, keys: Iterable[str]) -> None:
        """Begin a new cycle when deltas have become more than what they change."""
        if self._left is None and self.deltas > max(LEAST_BYTES, self.size):
            self._left, self._number, self._after = sorted(keys), 0, None
            self._cycle += 1
            self.deltas = self.size = 0

    def next_slice(self, row_bytes: float) -> list[str] | None:
        """Keys of the next slice; none = no cycle goes on."""
        if self._left is None:
            return None
        return self._left[: max(1, int(SLICE_BYTES / max(row_bytes, 1.0)))]

    def slice(self, keys: list[str], rows: Mapping[str, bytes], deaths: list[Death]) -> Slice:
        """The slice of these keys."""
        assert self._left is not None, "next_slice comes first"  # noqa: S101 - a rule of this class
        until = keys[-1] if len(keys) < len(self._left) else None
        made = Slice(self._cycle, self._number, self._after, until, [*rows.items()], deaths if until is None else [])
        self._left, self._number, self._after = self._left[len(keys) :], self._number + 1, until
        self.size += sum(map(len, rows.values()))
        return made

    def slice_sent(self, made: Slice, first: int, last: int) -> int | None:
        """A slice is in the log; where the log may begin now, when a cycle is whole."""
        self.last = last
        if made.number == 0:
            self.began = first
        if made.until is not None:
            return None
        self._left = None
        return self.began

    def drop_cycle(self) -> None:
        """A slice did not get there: the cycle is of no use, begin anew."""
        self._left = None
        self.deltas = max(self.deltas, LEAST_BYTES + self.size + 1)
