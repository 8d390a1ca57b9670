"""Texts of cells as codes and numbers, in columns: what a text means is asked once."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.config.cells import number_of
from streams.config.station_rows import Texts
from streams.models.datastreams import NONE
from streams.models.ids import is_id

WRONG = -2

Codes = NDArray[np.int32]
Floats = NDArray[np.float64]


class Memo(dict[Any, int]):
    """What a text means as a code, asked once."""

    def __init__(self, meaning: Callable[[Any], int]) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, key: Any) -> int:
        found = self[key] = self._meaning(key)
        return found

    def of(self, keys: Iterable[Any], count: int) -> Codes:
        """The codes of many."""
        return np.fromiter(map(self.__getitem__, keys), np.int32, count)


class Ids(Memo):
    """Codes in the order in which ids come; WRONG for what is no id, NONE for no text where it may be missing."""

    def __init__(self, good: Callable[[str], bool] = is_id, *, optional: bool = False) -> None:
        super().__init__(self._enter)
        self.texts: Texts = []
        self._good, self._optional = good, optional

    def _enter(self, text: str) -> int:
        if not text and self._optional:
            return NONE
        if not self._good(text):
            return WRONG
        self.texts.append(text)
        return len(self.texts) - 1


def numbers(texts: Texts) -> Floats:
    """The numbers of cells: NaN where a cell is blank, infinite where it is no number."""
    if not any(texts):
        return np.full(len(texts), np.nan)
    try:
        found = np.fromiter((float(text or "nan") for text in texts), np.float64, len(texts))
        if "_" not in "".join(texts) and np.array_equal(
            np.isfinite(found), np.fromiter(map(bool, texts), np.bool_, len(texts))
        ):
            return found
    except ValueError:
        pass
    careful = [number_of(text) if text else 0.0 for text in texts]
    return np.array([
        np.nan if not text else number if np.isfinite(number) else np.inf
        for text, number in zip(texts, careful, strict=True)
    ])  # fmt: skip
