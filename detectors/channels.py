"""A part that takes single values, run over channels of a row: its state lies in columns of the part that has it."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np

from detectors.base import Column, Ints, Part, State

P = TypeVar("P", bound=Part)


class Channels(Generic[P]):
    """`part` for each of some channels; each of them is a slot of it. `number`: which channels of the row."""

    def __init__(self, name: str, part: P, number: Sequence[int]) -> None:
        self.part, self.number = part, np.array(number, dtype=np.int64)
        self._names = {column: f"{name}_{column}" for column in part.columns if column != "last"}

    def columns(self) -> dict[str, Column]:
        """What the row's part has to remember for it."""
        found = {}
        for column, name in self._names.items():
            one, count = self.part.columns[column], len(self.number)
            changes = None if one.changes is None else one.changes * count
            found[name] = Column(one.dtype, one.fill, max(one.width, 1) * count, changes)
        return found

    def at(self, state: State, slot: Ints) -> tuple[P, Ints]:
        """The part over the state as it is now, and its slots: [m, channels]."""
        for column, name in self._names.items():
            width = self.part.columns[column].width
            self.part.state[column] = state[name].reshape((-1, width) if width else -1)
        return self.part, slot[:, None] * len(self.number) + np.arange(len(self.number))
