"""Finds the index that counts in `checkpoints.observe`: the newest whole one after the last `begin`. Pure."""

import msgspec

from streams.checkpoint.findings import Finding
from streams.checkpoint.records import Piece
from streams.checkpoint.scan import Scan
from streams.checkpoint.schema import Schema
from streams.models.saved import Index

decode_index = msgspec.msgpack.Decoder(Index).decode


class IndexScan(Scan):
    """Takes records from somewhere near the log's end."""

    KINDS = ("index",)

    def __init__(self, schema: Schema) -> None:
        super().__init__(schema)
        self.index: Index | None = None
        self.piece: Piece | None = None  # that the index came in
        self.upto = 0
        self.conclusive = False  # what lies before what was read makes no difference

    def refuse(self, finding: Finding) -> None:
        """What was found cannot be used."""
        self._forget()
        self.findings.append(finding)

    def _forget(self) -> None:
        self.index, self.piece, self.conclusive = None, None, True

    def _state(self, piece: Piece, payload: bytes) -> None:
        self.index, self.piece, self.conclusive = decode_index(payload), piece, True
        self.upto = piece.header.upto
        self.findings = [f for f in self.findings if f.reason != "schema"]  # told by who came after
        self.deaths = [*self.index.deaths, *(d for d in self.deaths if d not in self.index.deaths)]

    def _is_beyond(self, upto: int) -> bool:
        return self.index is not None and self.upto > upto
