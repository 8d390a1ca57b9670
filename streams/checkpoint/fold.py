"""Folds `checkpoints.assess` into the newest state: deltas in order, on rows of a whole cycle of slices. Pure.

A delta [since, upto) holds each row that changed, whole, as of `upto`. With since <= state < upto it applies. upto <=
state: it is of somebody who is no longer the owner, and harmless, because state is a function of the offset; skipped.
since > state: a hole. Then only a whole new cycle of slices, or `begin`, makes a state again.
"""

import msgspec

from streams.checkpoint.findings import Finding
from streams.checkpoint.records import Piece
from streams.checkpoint.scan import Scan
from streams.checkpoint.schema import Schema
from streams.models.saved import Delta, Slice

_decode_delta = msgspec.msgpack.Decoder(Delta).decode
_decode_slice = msgspec.msgpack.Decoder(Slice).decode


class Fold(Scan):
    """Takes records from the log's beginning."""

    KINDS = ("delta", "base")

    def __init__(self, schema: Schema, site: str) -> None:
        super().__init__(schema)
        self.upto: int | None = None  # the state is as of here; none = there is none
        self.whole = False  # every row is known
        self.applied = 0
        self._rows: dict[str, tuple[int, bytes | None]] = {}
        self._cycles: dict[tuple[str, int], int] = {}  # a cycle -> number of its next slice
        self._site = site

    @property
    def rows(self) -> dict[str, bytes]:
        """The state."""
        return {key: row for key, (_, row) in self._rows.items() if row is not None}

    def _forget(self) -> None:
        self.upto, self.whole, self.applied = None, False, 0
        self._rows.clear()
        self._cycles.clear()

    def _hole(self, detail: str, log_offset: int) -> None:
        self._forget()
        self.findings.append(Finding("hole", detail, log_offset))

    def _is_beyond(self, upto: int) -> bool:
        return self.whole and self.upto is not None and self.upto > upto

    def _state(self, piece: Piece, payload: bytes) -> None:
        if piece.header.site != self._site:
            detail = f"state of configuration {piece.header.site}"
            self.findings.append(Finding("configuration", detail, piece.log_offset))
        elif piece.header.kind == "delta":
            self._delta(piece, _decode_delta(payload))
        else:
            self._slice(piece, _decode_slice(payload))

    def _delta(self, piece: Piece, delta: Delta) -> None:
        since, upto = piece.header.since, piece.header.upto
        if self.upto is None or upto <= self.upto:
            return
        if since > self.upto:
            self._hole(f"state ends at {self.upto}, the delta begins at {since}", piece.log_offset)
            return
        for key, row in delta.rows:
            self._rows[key] = (upto, row)
        self.upto = upto
        self.applied += 1

    def _slice(self, piece: Piece, part: Slice) -> None:
        cycle, upto = (piece.header.token, part.cycle), piece.header.upto
        if part.number == 0 and (self.upto is None or upto > self.upto):
            if self.upto is not None:
                self._hole(f"state ends at {self.upto}, base of {upto}", piece.log_offset)
            self.upto = upto
        elif self.upto is None or upto > self.upto:
            self._cycles.pop(cycle, None)  # the delta before it is missing
            return
        if self._cycles.get(cycle, 0) != part.number:
            self._cycles.pop(cycle, None)  # a slice is missing
            return
        self._cycles[cycle] = part.number + 1
        self._fill(part, upto)
        self.deaths += [d for d in part.deaths if d not in self.deaths]
        if part.until is None:
            self.whole = True
            self.findings = [f for f in self.findings if f.reason not in ("schema", "hole", "missing")]

    def _fill(self, part: Slice, upto: int) -> None:
        """Rows of a slice; what a later delta said of a row stays."""
        for key, row in part.rows:
            if self.whole and key not in self._rows:  # a late slice of somebody else's: this row is long gone
                continue
            if self._rows.get(key, (-1, None))[0] < upto:
                self._rows[key] = (upto, row)
