"""Columns that are read together lie together: a table row by row, so that a slot is in one or two lines of cache.

With very many slots nearly all that a reading costs is waiting for memory. Columns of their own are a wait each.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE = 64  # bytes that memory hands out at a time
Field = tuple[str, type[np.generic], int | float | bool]  # name, type, value of a row that nobody has touched


def lines(count: int, fields: Iterable[Field]) -> dict[str, NDArray[Any]]:
    """`count` rows of these columns, which are views of one table: no row lies in more lines than it has to.

    >>> made = lines(3, [("at", np.int64, -1), ("on", np.bool_, False)])
    >>> made["at"].tolist(), made["on"].tolist(), made["at"].strides
    ([-1, -1, -1], [False, False, False], (16,))
    """
    found = list(fields)
    row = _row(found)
    raw = np.empty(count * row.itemsize + LINE, np.uint8)
    first = -raw.ctypes.data % LINE
    table = raw[first : first + count * row.itemsize].view(row)
    for name, _, fresh in found:
        table[name] = fresh
    return {name: table[name] for name, *_ in found}


def _row(fields: list[Field]) -> np.dtype[np.void]:
    """The wider ones first; as long as a power of two or some whole lines."""
    by_size = sorted(fields, key=lambda field: -np.dtype(field[1]).itemsize)
    size = sum(np.dtype(kind).itemsize for _, kind, _ in by_size)
    size = -(-size // LINE) * LINE if size > LINE // 2 else 1 << max(size - 1, 0).bit_length()
    offsets = np.cumsum([0, *(np.dtype(kind).itemsize for _, kind, _ in by_size)])[:-1].tolist()
    names, formats = [name for name, *_ in by_size], [kind for _, kind, _ in by_size]
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})
