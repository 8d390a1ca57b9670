"""Finds the index that counts in `checkpoints.observe`: the newest whole one after the last `begin`. Pure."""

import msgspec

from streams.checkpoint.findings import Finding
from streams.checkpoint.records import Assembler, Damage, Piece
from streams.checkpoint.schema import ForeignError, Schema
from streams.models.saved import Begin, Death, Index

decode_index = msgspec.msgpack.Decoder(Index).decode
decode_begin = msgspec.msgpack.Decoder(Begin).decode
decode_death = msgspec.msgpack.Decoder(Death).decode


class IndexScan:
    """Takes records in the order of the log, from somewhere near its end."""

    def __init__(self, schema: Schema) -> None:
        self.index: Index | None = None
        self.piece: Piece | None = None  # that the index came in
        self.upto = 0
        self.newest: tuple[str, int] | None = None  # token and log offset of the newest piece that is no mark
        self.conclusive = False  # what lies before what was read makes no difference
        self.deaths: list[Death] = []
        self.findings: list[Finding] = []
        self._schema = schema
        self._parts = Assembler()

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
                self._refuse(Finding("schema", str(error), log_offset))
            except msgspec.DecodeError as error:
                self.findings.append(Finding("damaged", f"{found.header.kind}: {error}", log_offset))

    def _refuse(self, finding: Finding) -> None:
        """Whoever wrote this knows more than we do: what was before it is not what we may go on with."""
        self.index, self.piece, self.conclusive = None, None, True
        self.findings.append(finding)

    def _piece(self, piece: Piece) -> None:
        header = piece.header
        if header.kind == "index":
            payload = self._schema.read(header.schema, header.version, header.kind, piece.payload)
            self.index, self.piece, self.conclusive = decode_index(payload), piece, True
            self.upto = header.upto
            self.findings = [f for f in self.findings if f.reason != "schema"]  # told by who came after
            self.deaths = [*self.index.deaths, *(d for d in self.deaths if d not in self.index.deaths)]
        elif header.kind == "begin":
            payload = self._schema.read(header.schema, header.version, header.kind, piece.payload)
            self.index, self.piece, self.conclusive = None, None, True
            self.deaths, self.findings = [*decode_begin(payload).deaths], []
        elif header.kind == "death":
            self.deaths.append(decode_death(piece.payload))
