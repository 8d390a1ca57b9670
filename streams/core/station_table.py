"""Which datastream a key and a property mean: looked up for a whole batch, in tables of numbers.

A dictionary of a million names waits for memory some four times at each look-up: its index, its entry, the name, the
number. Here it is twice: a bucket with the hashes and the numbers of some names, and the row of the name that has the
hash. The row has its letters, so what is found is right; what is not found has no datastream in this partition.
"""

import numpy as np
from numpy.typing import NDArray

from detectors.lines import LINE
from streams.models.datastreams import Datastreams
from streams.models.partition import Keys

Ints = NDArray[np.int64]
Letters = NDArray[np.uint8]
Words = NDArray[np.uint32]
NOWHERE = -1
ROOM = 4  # names that a bucket has room for: half a line of cache
LOAD = 1.25  # names a bucket, on average: one in a hundred finds no room
NEWLINE = 10
PIECE = 65_536  # names that are put in at once, so that little memory is needed on the way


class StationTable:
    """Of the datastreams of a partition."""

    def __init__(self, table: Datastreams, numbers: Ints) -> None:
        """`numbers`: of the datastreams, by their place."""
        station = table.station[numbers]
        code = np.unique(station)
        local = np.zeros(len(table.stations), np.int32)
        local[code] = np.arange(len(code), dtype=np.int32)
        #: [stations, properties]: the place; before them one more property: any that the site does not have
        places = np.full((len(code), len(table.property_of) + 1), NOWHERE, np.int32)
        prop = table.property_of_profile[table.profile[numbers]]
        places[local[station], prop + 1] = np.arange(len(numbers), dtype=np.int32)
        letters = np.frombuffer(table.station_ids, np.uint8)
        ends = np.append(np.flatnonzero(letters == NEWLINE), len(letters))
        begins = np.append(0, ends[:-1] + 1)[code]
        lengths = (ends[code] - begins).astype(np.int32)
        self._of_length: dict[int, _Names] = {}
        for length in np.unique(lengths).tolist():
            ours = np.flatnonzero(lengths == length)
            windows = np.lib.stride_tricks.sliding_window_view(letters, length)
            self._of_length[length] = _Names(windows, begins[ours], table.hashes[code[ours]], places, ours)

    def places(self, keys: Keys, prop: Ints | int) -> Ints:
        """The place of each key's datastream; NOWHERE where there is none."""
        if len(keys.groups) == 1:
            return self._places(keys.groups[0][1], keys.hashes, prop)
        found = np.empty(len(keys.hashes), np.int64)
        for rows, letters in keys.groups:
            found[rows] = self._places(letters, keys.hashes[rows], prop if isinstance(prop, int) else prop[rows])
        return found

    def _places(self, letters: Letters, hashes: Words, prop: Ints | int) -> Ints:
        names = self._of_length.get(letters.shape[1])
        return np.full(len(hashes), NOWHERE, np.int64) if names is None else names.places(letters, hashes, prop)


class _Names:
    """Names of one length."""

    def __init__(self, windows: Letters, begins: Ints, hashes: Words, places: NDArray[np.int32], which: Ints) -> None:
        """windows, begins: letters from everywhere, and where each name begins; which: of the rows of `places`."""
        length, count = windows.shape[1], len(begins)
        self._letters = -(-length // 4)
        #: letters, and places by property
        self._rows = _zeros(count, self._letters + places.shape[1])
        #: hashes of a bucket's names, and then their numbers
        self._buckets = _zeros(int(count / LOAD) + 1, 2 * ROOM)
        for start in range(0, count, PIECE):
            some = slice(start, start + PIECE)
            self._rows.view(np.uint8)[some, :length] = windows[begins[some]]
            self._rows.view(np.int32)[some, self._letters :] = places[which[some]]
        both = hashes.astype(np.uint64)
        both <<= np.uint64(32)
        both |= np.arange(count, dtype=np.uint64)
        both.sort()
        others = [at for start in range(0, count, PIECE) for at in self._fill(both, start)]
        self._others = {self._rows[at].view(np.uint8)[:length].tobytes(): at for at in others}

    def _fill(self, both: NDArray[np.uint64], start: int) -> list[int]:
        """Put a piece of the names into their buckets, sorted by hash; numbers of those that find no room."""
        skip = min(start, ROOM)  # those before it, because they may be in the same bucket
        some = both[start - skip : start + PIECE]
        hashes, number = (some >> np.uint64(32)).astype(np.uint32), some.astype(np.uint32)
        bucket = self._bucket(hashes)
        turn = np.zeros(len(some), np.int64)  # of those in the bucket; ROOM: or more
        for back in range(1, ROOM + 1):
            turn[back:] += bucket[back:] == bucket[:-back]
        fits = turn < ROOM
        fits[1:] &= hashes[1:] != hashes[:-1]  # of those that have one hash the first one is found
        own = np.arange(len(some)) >= skip
        at = (bucket * (2 * ROOM) + turn)[fits & own]
        flat = self._buckets.reshape(-1)
        flat[at], flat[at + ROOM] = hashes[fits & own], number[fits & own]
        return [int(one) for one in number[~fits & own]]

    def _bucket(self, hashes: Words) -> Ints:
        return ((hashes.astype(np.uint64) * np.uint64(len(self._buckets))) >> np.uint64(32)).view(np.int64)

    def places(self, letters: Letters, hashes: Words, prop: Ints | int) -> Ints:
        """The place of each one's datastream of a property."""
        bucket = self._buckets.take(self._bucket(hashes), axis=0)
        number = bucket[:, ROOM].copy()
        for turn in range(1, ROOM):
            np.copyto(number, bucket[:, ROOM + turn], where=bucket[:, turn] == hashes)
        row = self._rows.take(number, axis=0)
        other = np.zeros(len(row), np.bool_)
        for at, word in enumerate(_words(letters).T):
            other |= row[:, at] != word
        column = prop + (self._letters + 1)
        place = (row[:, column] if isinstance(column, int) else row[np.arange(len(row)), column]).view(np.int32)
        found = place.astype(np.int64)
        for at in np.flatnonzero(other).tolist():
            found[at] = self._of_others(letters[at].tobytes(), prop if isinstance(prop, int) else int(prop[at]))
        return found

    def _of_others(self, name: bytes, prop: int) -> int:
        number = self._others.get(name)
        return NOWHERE if number is None else int(self._rows[number].view(np.int32)[self._letters + 1 + prop])


def _words(letters: Letters) -> Words:
    """Letters four at a time, the last of them with zeros."""
    count, length = letters.shape
    if length % 4:
        wider = np.zeros((count, length + 4 - length % 4), np.uint8)
        wider[:, :length] = letters
        letters = wider
    return np.ascontiguousarray(letters).view(np.uint32)


def _zeros(rows: int, columns: int) -> Words:
    """Of which no row lies in two lines of cache."""
    raw = np.zeros(rows * columns + LINE // 4, np.uint32)
    first = -raw.ctypes.data % LINE // 4
    return raw[first : first + rows * columns].reshape(rows, columns)
