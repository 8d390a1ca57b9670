"""State of a fixed number of bytes a slot, in named columns: what every part remembers, and how it is kept."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.lines import Field, lines

State = dict[str, NDArray[Any]]

NEVER = -(2**62)  # earlier than any time, and far enough from the end of int64 to be subtracted from


@dataclass(frozen=True)
class Column:
    """One named piece of state: a number a slot, or `width` numbers a slot.

    changes: how many of the `width` numbers one reading changes (a ring or a histogram: 1); None = all of them.
    """

    dtype: type[np.generic]
    fill: float
    width: int = 0
    changes: int | None = None

    def rows(self, count: int) -> NDArray[Any]:
        """`count` new slots."""
        shape = (count, self.width) if self.width else (count,)
        return np.full(shape, self.fill, dtype=self.dtype)

    @property
    def bytes(self) -> int:
        """Bytes a slot."""
        return np.dtype(self.dtype).itemsize * max(self.width, 1)

    @property
    def bytes_changed(self) -> int:
        """Bytes that one reading changes at most."""
        return self.bytes if self.changes is None else np.dtype(self.dtype).itemsize * self.changes


class Memory:
    """Something with memory for any number of slots.

    A subclass stores its parameters under their own names (all with defaults, durations in microseconds) and hands its
    columns to `super().__init__`. The column `last`, the time of each slot's newest reading, is there always.
    """

    def __init__(self, slots: int, **columns: Column) -> None:
        self.slots = 0
        self.columns = {"last": Column(np.int64, NEVER), **columns}
        self.state = self._fresh(0)
        self.grow(slots)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.parameters().items())})"

    def parameters(self) -> dict[str, Any]:
        """The settings this part was made with, without `slots`: `type(part)(**part.parameters())` is a fresh twin."""
        names = inspect.signature(type(self)).parameters
        return {name: getattr(self, name) for name in names if name != "slots"}

    @property
    def memory(self) -> int:
        """Bytes of state a slot."""
        return sum(column.bytes for column in self.columns.values())

    @property
    def memory_changed(self) -> int:
        """Bytes of state that one reading changes at most, by the columns' own word (`checks.py` holds them to it)."""
        return sum(column.bytes_changed for column in self.columns.values())

    def grow(self, slots: int) -> None:
        """Makes room for slots 0 … `slots` - 1; what the old ones remember stays. Never shrinks."""
        if slots > len(self.state["last"]):
            self._begin_with(self.state, max(slots, len(self.state["last"]) * 5 // 4))
        self.slots = max(slots, self.slots)

    def _fresh(self, count: int) -> State:
        """New slots: what is a number a slot lies together, what is many numbers a slot by itself."""
        single: list[Field] = [(name, one.dtype, one.fill) for name, one in self.columns.items() if not one.width]
        together = lines(count, single)
        return {name: together[name] if name in together else one.rows(count) for name, one in self.columns.items()}

    def _begin_with(self, state: Mapping[str, NDArray[Any]], slots: int) -> None:
        """Begin with this state, and room for so many slots."""
        self.state = self._fresh(slots)
        for name, column in self.state.items():
            column[: len(state[name])] = state[name]

    def snapshot(self) -> State:
        """A copy of the whole state, one row a slot."""
        return {name: array[: self.slots].copy() for name, array in self.state.items()}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on exactly where `snapshot` was taken; the part must have the same parameters."""
        slots = len(state["last"]) if "last" in state else 0
        for name, column in self.columns.items():
            found, right = state.get(name), column.rows(0)
            if found is None or found.dtype != right.dtype or found.shape != (slots, *right.shape[1:]):
                raise ValueError(f"{self!r}: the saved state does not fit: column {name!r}")
        self._begin_with(state, slots)
        self.slots = slots
