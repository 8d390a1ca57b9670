"""A number that a check goes by, of each kind of datastream; where all have the same one, nothing is looked up."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class PerKind:
    """Numbers by kind."""

    def __init__(self, table: Array, uses: NDArray[np.bool_] | None = None) -> None:
        """`uses`: the kinds that matter; None: all of them."""
        some = table if uses is None else table[uses]
        self._table = table
        self._same = some[0] if len(some) and (some == some[0]).all() else None

    def at(self, kind: Array) -> Any:
        """That of each of some rows; one number where all have the same.

        >>> PerKind(np.array([3, 3])).at(np.array([1, 0, 1])), PerKind(np.array([3, 4])).at(np.array([1, 0]))
        (np.int64(3), array([4, 3]))
        """
        return self._table[kind] if self._same is None else self._same

    def of(self, kind: int) -> Any:
        """That of one kind."""
        return self._table[kind]
