"""What reading a checkpoint log comes to, whatever is saved in it: pieces are put together, deaths collected. Pure."""

from abc import ABC, abstractmethod
from typing import ClassVar, get_args

import msgspec

from streams.checkpoint.findings import Finding, Reason
from streams.checkpoint.records import Assembler, Damage, Piece
from streams.checkpoint.schema import ForeignError, Schema
from streams.models.saved import Begin, Death, Kind

_decode_begin = msgspec.msgpack.Decoder(Begin).decode
_decode_death = msgspec.msgpack.Decoder(Death).decode


class Scan(ABC):
    """Takes records in the order of the log."""

    #: what of the log is state, beside `begin`
    KINDS: ClassVar[tuple[Kind, ...]]

    def __init__(self, schema: Schema) -> None:
        self.newest: tuple[str, int] | None = None  # token and log offset of the newest piece that is no mark
        self.deaths: list[Death] = []
        self.findings: list[Finding] = []
        self._begun: tuple[int, list[Finding]] = (-1, [])  # the newest `begin`: as of when, and what was refused there
        self._schema = schema
        self._parts = Assembler()

    @property
    def untold(self) -> list[Finding]:
        """What who began anew had to refuse, when nothing was saved since: perhaps nobody has told people of it."""
        upto, refused = self._begun
        return [] if self._is_beyond(upto) else refused

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
            except ForeignError as error:  # who wrote this knows more than we do: what was before it is of no use
                self._forget()
                self.findings.append(Finding("schema", str(error), log_offset))
            except msgspec.DecodeError as error:
                self.findings.append(Finding("damaged", f"{found.header.kind}: {error}", log_offset))

    def _piece(self, piece: Piece) -> None:
        header = piece.header
        if header.kind == "death":
            self.deaths.append(_decode_death(piece.payload))
        elif header.kind == "begin" or header.kind in self.KINDS:
            payload = self._schema.read(header.schema, header.version, header.kind, piece.payload)
            if header.kind == "begin":
                self._begin(header.upto, _decode_begin(payload))
            else:
                self._state(piece, payload)

    def _begin(self, upto: int, begin: Begin) -> None:
        self._forget()
        self.deaths, self.findings = [*begin.deaths], []
        reasons = [reason for reason in get_args(Reason) if reason in begin.why.split(", ")]
        self._begun = (upto, [Finding(reason, begin.detail or "refused before") for reason in reasons])

    @abstractmethod
    def _forget(self) -> None:
        """There is no state up to here."""

    @abstractmethod
    def _state(self, piece: Piece, payload: bytes) -> None:
        """A whole piece of state. Raises DecodeError."""

    @abstractmethod
    def _is_beyond(self, upto: int) -> bool:
        """Whether there is a state, and records from `upto` on were handled for it."""
