"""A batch of Kafka's that is as it was written, and that aiokafka cannot take apart all the same.

The name of a header is bytes for Kafka and for clients in C; aiokafka takes them for UTF-8 and raises where they are
not. One such record would end every role that reads its partition, again and again.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Any, Self, SupportsIndex

from aiokafka.record import default_records
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint_py

_FRONT = struct.Struct(">qi")  # offset of its first record, bytes that follow


class Answer:
    """What a fetch brought of one partition: `MemoryRecords`, and the bytes that it is made of."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        whole = MemoryRecords(data)
        self.has_next: Callable[[], bool] = whole.has_next
        self.next_batch: Callable[[], Any] = whole.next_batch
        self.size_in_bytes: Callable[[], int] = whole.size_in_bytes

    def once_more(self, first: int) -> Iterator[Any]:
        """The records of the batch with this first offset, names of headers shown. Raises CorruptRecordException."""
        at = 0
        while (front := _FRONT.unpack_from(self._data, at))[0] != first:
            at += _FRONT.size + front[1]
        return iter(_OddBatch(self._data[at : at + _FRONT.size + front[1]]))


class _Shown(bytearray):
    """Bytes of which every piece is a text: what is no UTF-8 is shown by its number, with a backslash."""

    def __getitem__(self, at: SupportsIndex | slice) -> Any:
        found = super().__getitem__(at)
        return _Shown(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", _errors: str = "") -> str:
        return super().decode(encoding, "backslashreplace")


class _OddBatch(default_records._DefaultRecordBatchPy):  # type: ignore[misc] # noqa: SLF001 - the one in Python
    # aiokafka/record/default_records.py, _DefaultRecordBatchPy: decodes the names of headers in `_read_msg`.

    def __iter__(self) -> Self:
        # aiokafka/record/default_records.py, __iter__
        super().__iter__()
        self._buffer: bytearray = _Shown(self._buffer)
        return self

    def _read_msg(self, decode_varint: Any = decode_varint_py) -> Any:
        # aiokafka/record/default_records.py, _read_msg: the varints in C take a plain bytearray only.
        return super()._read_msg(decode_varint)
