"""A file of arrays and a head (msgpack), written whole or not at all and checked before it is believed."""

import mmap
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import IO, Any
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

_BEGIN = Struct("<16sQQQ")  # magic, where the head begins, length of all, checksum of what follows
_MAGIC = b"tocsin arrays 1\n"
_ALIGNED = 64
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Sections:
    """A head and arrays by name; an array that repeats one value takes the room of one."""

    head: dict[str, Any]
    arrays: dict[str, NDArray[Any]]

    @classmethod
    def open(cls, path: Path) -> "Sections":
        """Map a file. Raises OSError or ValueError for one that is not whole, or that others may write to."""
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            if about.st_uid != os.geteuid() or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise ValueError(f"{path} is not ours alone")
            head, length = _checked(file, about.st_size)
            content = memoryview(mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ))
        found = msgspec.msgpack.decode(content[head:])
        return cls(found["head"], {name: _mapped(content, *place) for name, place in found["arrays"].items()})

    @staticmethod
    def write(path: Path, head: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write a file that only its owner may read, and have it on the disk."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            checked = _Checked(file)
            places = {name: checked.array(array) for name, array in arrays.items()}
            start = checked.length
            checked.write(msgspec.msgpack.encode({"head": head, "arrays": places}))
            file.seek(0)
            file.write(_BEGIN.pack(_MAGIC, start, checked.length, checked.sum))
            file.flush()
            os.fsync(file.fileno())


class _Checked:
    """Writes behind the beginning of a file, and sums up what it writes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.length, self.sum = file, _BEGIN.size, 0
        file.seek(self.length)

    def write(self, data: bytes | memoryview) -> None:
        self._file.write(data)
        self.length, self.sum = self.length + len(data), crc32(data, self.sum)

    def array(self, array: NDArray[Any]) -> tuple[str, int, int, int]:
        """Where it lies: type, values, how often the one value is repeated (0: it is not), offset."""
        repeated = len(array) if array.strides == (0,) and len(array) else 0
        stored = np.ascontiguousarray(array[:1] if repeated else array)
        self.write(bytes(-self.length % _ALIGNED))
        offset = self.length
        self.write(stored.data.cast("B") if len(stored) else b"")
        return stored.dtype.str, len(stored), repeated, offset


def _checked(file: IO[bytes], size: int) -> tuple[int, int]:
    """Where the head begins, and the length; read in blocks, so that nothing of it stays in this process."""
    begin = file.read(_BEGIN.size)
    magic, head, length, wanted = _BEGIN.unpack(begin) if len(begin) == _BEGIN.size else (b"", 0, 0, 0)
    if magic != _MAGIC or length != size or not _BEGIN.size <= head < length:
        raise ValueError("not a file of arrays, or not all of it")
    found = 0
    while block := file.read(_BLOCK):
        found = crc32(block, found)
    if found != wanted:
        raise ValueError("a damaged file of arrays")
    return head, length


def _mapped(content: memoryview, kind: str, count: int, repeated: int, offset: int) -> NDArray[Any]:
    array = np.frombuffer(content, np.dtype(kind), count, offset)
    return np.broadcast_to(array[0], repeated) if repeated else array
