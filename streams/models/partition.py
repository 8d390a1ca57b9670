"""Kafka's default partitioner (murmur2), used by every producer of ours and to check where a record lies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from aiokafka.partitioner import murmur2
from numpy.typing import NDArray

_SEED, _FACTOR = np.uint32(0x9747B28C), np.uint32(0x5BD1E995)
_POSITIVE = 0x7FFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """The partition that a key belongs to, as the Java client and librdkafka's `murmur2_random` compute it."""
    return int(murmur2(key) & _POSITIVE) % partitions


def partitions_of(hashes: NDArray[np.uint32], partitions: int) -> NDArray[np.int64]:
    """The partitions of many keys, by their hashes."""
    return (hashes & np.uint32(_POSITIVE)).astype(np.int64) % partitions


@dataclass(slots=True)
class Keys:
    """Many keys. hashes: murmur2; groups: of those of one length their numbers and their letters [n, length]."""

    hashes: NDArray[np.uint32]
    groups: list[tuple[NDArray[np.int64], NDArray[np.uint8]]]

    @classmethod
    def of(cls, keys: Sequence[bytes]) -> "Keys":
        """Hash them."""
        found = cls(np.empty(len(keys), np.uint32), [])
        lengths = np.fromiter(map(len, keys), np.int64, len(keys))
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length)
            joined = b"".join(keys) if len(rows) == len(keys) else b"".join([keys[row] for row in rows.tolist()])
            letters = np.frombuffer(joined, np.uint8).reshape(len(rows), length)
            found.hashes[rows] = _murmur2(letters)
            found.groups.append((rows, letters))
        return found

    def part(self, start: int, stop: int) -> "Keys":
        """Keys `start` … `stop` - 1."""
        groups = []
        for rows, letters in self.groups:
            some = slice(*np.searchsorted(rows, (start, stop)).tolist())
            groups.append((rows[some] - start, letters[some]))
        return Keys(self.hashes[start:stop], groups)


def hashes_of(keys: Sequence[bytes]) -> NDArray[np.uint32]:
    """murmur2 of many keys at once."""
    return Keys.of(keys).hashes


def _murmur2(keys: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Of keys of one length, one a row (arithmetic of 32 bits, overflowing)."""
    length = keys.shape[1]
    found = np.full(len(keys), _SEED ^ np.uint32(length), np.uint32)
    whole = length // 4 * 4
    for word in np.ascontiguousarray(keys[:, :whole]).view("<u4").T:
        mixed = word * _FACTOR
        mixed ^= mixed >> np.uint32(24)
        found *= _FACTOR
        found ^= mixed * _FACTOR
    for shift, byte in enumerate(keys[:, whole:].T):
        found ^= byte.astype(np.uint32) << np.uint32(8 * shift)
    if whole < length:
        found *= _FACTOR
    found ^= found >> np.uint32(13)
    found *= _FACTOR
    return found ^ (found >> np.uint32(15))
