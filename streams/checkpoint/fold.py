"""Folds `checkpoints.assess` into the newest state: deltas in order, on rows of a whole cycle of slices. Pure.

A delta [since, upto) holds each row that changed, whole, as of `upto`. With since <= state < upto it applies. upto <=
state: it is of somebody who is no longer the owner, and harmless, because state is a function of the offset; skipped.
since > state: a hole. Then only a whole new cycle of slices, or `begin`, makes a state again.
"""

import msgspec

from streams.checkpoint.findings import Finding
from streams.checkpoint.records import Assembler, Damage, Piece
from streams.checkpoint.schema import ForeignError, Schema
from streams.models.saved import Begin, Death, Delta, Slice

_decode_delta = msgspec.msgpack.Decoder(Delta).decode
_decode_slice = msgspec.msgpack.Decoder(Slice).decode
_decode_begin = msgspec.msgpack.Decoder(Begin).decode
_decode_death = msgspec.msgpack.Decoder(Death).decode


class Fold:
    """Takes records in the order of the log, from its beginning."""

    def __init__(self, schema: Schema, site: str) -> None:
        self.upto: int | None = None  # the state is as of here; none = there is none
        self.whole = False  # every row is known
        self.newest: tuple[str, int] | None = None  # token and log offset of the newest piece that is no mark
        self.deaths: list[Death] = []
        self.findings: list[Finding] = []
        self.applied = 0
        self._rows: dict[str, tuple[int, bytes | None]] = {}
        self._cycles: dict[tuple[str, int], int] = {}  # a cycle -> number of its next slice
        self._schema, self._site = schema, site
        self._parts = Assembler()

    @property
    def rows(self) -> dict[str, bytes]:
        """The state."""
        return {key: row for key, (_, row) in self._rows.items() if row is not None}

    def take(self, value: bytes, log_offset: int) -> None:
        """One more record."""
        for found in self._parts.take(value, log_offset):
            if isinstance(found, Damage):
                self.findings.append(Finding(found.reason, found.detail, log_offset))
                continue
            if found.header.kind not in ("mark", "death"):
                self.newest = (found.header.token, log_offset)
            try:
                self._piece(found)
            except ForeignError as error:
                self._forget(Finding("schema", str(error), log_offset))
            except msgspec.DecodeError as error:
                self.findings.append(Finding("damaged", f"{found.header.kind}: {error}", log_offset))

    def _forget(self, why: Finding | None = None) -> None:
        self.upto, self.whole, self.applied = None, False, 0
        self._rows.clear()
        self._cycles.clear()
        if why is not None:
            self.findings.append(why)

    def _piece(self, piece: Piece) -> None:
        header = piece.header
        if header.kind == "death":
            self.deaths.append(_decode_death(piece.payload))
        if header.kind not in ("delta", "base", "begin"):
            return
        payload = self._schema.read(header.schema, header.version, header.kind, piece.payload)
        if header.kind == "begin":
            self._forget()
            self.deaths, self.findings = [*_decode_begin(payload).deaths], []
        elif header.site != self._site:
            self.findings.append(Finding("configuration", f"state of configuration {header.site}", piece.log_offset))
        elif header.kind == "delta":
            self._delta(piece, _decode_delta(payload))
        else:
            self._slice(piece, _decode_slice(payload))

    def _delta(self, piece: Piece, delta: Delta) -> None:
        since, upto = piece.header.since, piece.header.upto
        if self.upto is None or upto <= self.upto:
            return
        if since > self.upto:
            self._forget(Finding("hole", f"state ends at {self.upto}, the delta begins at {since}", piece.log_offset))
            return
        for key, row in delta.rows:
            self._rows[key] = (upto, row)
        self.upto = upto
        self.applied += 1

    def _slice(self, piece: Piece, part: Slice) -> None:
        cycle, upto = (piece.header.token, part.cycle), piece.header.upto
        if part.number == 0 and (self.upto is None or upto > self.upto):
            if self.upto is not None:
                self._forget(Finding("hole", f"state ends at {self.upto}, base of {upto}", piece.log_offset))
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
