"""Many small values in two arrays: names and texts that are rarely looked at, and then one by one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


class Packed(Sequence[Any]):
    """An immutable list of JSON-like values, each packed as msgpack; made into an object when it is asked for."""

    __slots__ = ("blob", "ends")

    def __init__(self, blob: bytes | memoryview = b"", ends: NDArray[np.int64] | None = None) -> None:
        """`ends`: where each value ends in `blob`."""
        self.blob = blob
        self.ends = np.empty(0, np.int64) if ends is None else ends

    @classmethod
    def of(cls, values: Iterable[Any]) -> "Packed":
        """These values, in this order."""
        return cls.joined([_pack(value) for value in values])

    @classmethod
    def joined(cls, parts: list[bytes]) -> "Packed":
        """Values that are packed already."""
        return cls(b"".join(parts), np.cumsum([len(part) for part in parts], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, number: int) -> Any: ...
    @overload
    def __getitem__(self, number: slice) -> "Packed": ...
    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return Packed.of([self[n] for n in range(*number.indices(len(self)))])
        number = range(len(self.ends))[number]
        start = int(self.ends[number - 1]) if number else 0
        return _unpack(self.blob[start : int(self.ends[number])])

    def __iter__(self) -> Iterator[Any]:
        return map(_unpack, self.parts())

    def parts(self) -> Iterator[bytes]:
        """The values as they are packed."""
        start = 0
        for end in self.ends.tolist():
            yield bytes(self.blob[start:end])
            start = end
