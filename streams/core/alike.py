"""Frames of one datastream each, whose rows differ in two numbers only: names are read once a frame, numbers at once.

A row is `before NUMBER between NUMBER after`. Why nothing else can be in it: the first row of each frame is read by
msgspec, and has twelve quotation marks and no backslash, so its four names are there once each. In every other row of
the frame the three pieces are the same, byte for byte; between them are two texts without a square bracket, and
simdjson reads all these texts, in one array, as two numbers a row. What stands between rows and around them is
whitespace, commas and the frame's own brackets.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.core.forms import Plain
from streams.core.numbers import array

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Letters = NDArray[np.uint8]
LONGEST = 160  # bytes of a piece of a row, and of what lies between two pieces
MARKS = 12  # of four names and two strings
SPACE, COMMA, QUOTE, OPEN, END, CLOSE = b' ,"[}]'
_SHAPE = re.compile(
    rb'(\[[ \t\n\r]*)\{[^{}]*?("(time|value)"\s*:)[^",{}]*(,[^{}]*?"(?:time|value)"\s*:)[^{}]*\}'
    rb"(?:([ \t\n\r]*,[ \t\n\r]*)\{)?"
)
_TAIL = re.compile(rb"\}[ \t\n\r]*\]")
_first = msgspec.json.Decoder(Plain).decode


class Alike(NamedTuple):
    """The first row of each frame, how many each has, and the numbers of all rows."""

    firsts: list[Plain]
    counts: Ints
    time: Floats
    value: Floats


class _Shape(NamedTuple):
    """What all frames have in common, by the first of them. `mark`: the end of what stands before a row's numbers."""

    lead: bytes
    mark: bytes
    between: bytes
    comma: bytes
    tail: bytes
    time_first: bool

    @classmethod
    def of(cls, record: bytes) -> Self | None:
        """None where it has none that is known here."""
        found, tail = _SHAPE.match(record), record[record.rfind(b"}") :]
        if found is None or _TAIL.fullmatch(tail) is None:
            return None
        lead, mark, name, between, comma = found.groups()
        return cls(lead, mark, between, comma or b",", tail, name == b"time")


class _Firsts(NamedTuple):
    """Each frame's first row, and how many bytes it has before its first number and after its second."""

    rows: list[Plain]
    before: Ints
    after: Ints

    @classmethod
    def of(cls, records: Sequence[bytes], shape: _Shape) -> Self:
        """Raises ValueError, or msgspec's error, where a frame is not as said above."""
        rows, before, after = [], [], []
        opening, mark, between, tail = shape.lead + b"{", shape.mark, shape.between, shape.tail
        for record in records:
            first = record[len(shape.lead) : record.index(b"}") + 1]
            at = first.index(mark) + len(mark)
            second = first.index(between, at) + len(between)
            rest = first.find(b",", second)
            if first.count(b'"') != MARKS or not record.startswith(opening) or not record.endswith(tail):
                raise ValueError
            rows.append(_first(first))
            before.append(at)
            after.append(0 if rest < 0 else len(first) - 1 - rest)
        return cls(rows, np.array(before), np.array(after))


class _Places(NamedTuple):
    """Where each row begins and ends, and of which frame it is; how many each frame has."""

    begins: Ints
    ends: Ints
    frame: Ints
    counts: Ints

    @classmethod
    def of(cls, joined: bytes, records: Sequence[bytes], shape: _Shape) -> Self | None:
        """None where rows are not one after the other."""
        ends = np.flatnonzero(np.frombuffer(joined, np.uint8) == END)
        lengths = np.array([len(record) + 1 for record in records])
        stops = np.cumsum(lengths)
        behind = np.searchsorted(ends, stops)  # of each frame's last row
        counts = np.diff(behind, prepend=0)
        inner = np.ones(len(ends), np.bool_)
        inner[behind[:-1]] = inner[0] = False
        after = ends[:-1][inner[1:]] + 1
        begins = np.empty_like(ends)
        begins[inner] = after + len(shape.comma)
        begins[~inner] = stops - lengths + len(shape.lead)
        if not (_pieces(joined, after, len(shape.comma)) == np.frombuffer(shape.comma, np.uint8)).all():
            return None
        return cls(begins, ends, np.repeat(np.arange(len(records)), counts), counts)


def read(joined: bytes, records: Sequence[bytes]) -> Alike | None:
    """What is in them; None where something is not as said above. `joined`: the records, one a line (`lines`)."""
    shape = None if b"\\" in joined else _Shape.of(records[0])
    if shape is None:
        return None
    try:
        firsts = _Firsts.of(records, shape)
    except (ValueError, msgspec.DecodeError):
        return None
    places = _Places.of(joined, records, shape)
    if places is None:
        return None
    begins, ends = places.begins + firsts.before[places.frame], places.ends
    if not _same(joined, places.begins, firsts.before, places.frame):
        return None
    if firsts.after.any():
        ends = ends - firsts.after[places.frame]
        if not _same(joined, ends, firsts.after, places.frame):
            return None
    found = _numbers(joined, begins, ends, shape.between)
    if found is None:
        return None
    time, value = found if shape.time_first else found[::-1]
    return Alike(firsts.rows, places.counts, time, value)


def _pieces(text: bytes | Letters, at: Ints, length: int) -> Letters:
    """Pieces of a text that begin anywhere in it, one a row."""
    return _every(text, length)[at].view(np.uint8).reshape(-1, length)


def _every(text: bytes | Letters, length: int) -> NDArray[np.void]:
    """All pieces of a text that are so long."""
    return np.ndarray(len(text) - length + 1, f"V{length}", text, strides=(1,))


def _same(joined: bytes, at: Ints, lengths: Ints, frame: Ints) -> bool:
    """Whether as many bytes as its frame says are the same in each row as in the first of its frame."""
    if lengths.max() > LONGEST or (at + lengths[frame]).max() > len(joined):
        return False
    for length in np.unique(lengths[lengths > 0]).tolist():
        some = np.flatnonzero(lengths[frame] == length)
        found = _pieces(joined, at[some], length)
        other = found[1:] != found[:-1]
        other[np.flatnonzero(np.diff(frame[some]))] = False
        if other.any():
            return False
    return True


def _numbers(joined: bytes, begins: Ints, ends: Ints, between: bytes) -> tuple[Floats, Floats] | None:
    """The two numbers of each row, which end at `ends`, and between which stands the same text everywhere."""
    lengths = ends - begins
    width = int(lengths.max()) + 1
    if lengths.min() < 1 or not len(between) < width < min(LONGEST, ends[0]):
        return None
    text = np.empty(len(ends) * width + 1, np.uint8)
    table, (keep, fill) = text[:-1].reshape(-1, width), _masks(width)
    np.bitwise_and(_pieces(joined, ends - width, width), keep[lengths].view(np.uint8).reshape(-1, width), out=table)
    table |= fill[lengths].view(np.uint8).reshape(-1, width)
    at = _between(text[:-1], width, between)
    if at is None or (text == OPEN).any():
        return None
    _every(text, len(between))[at] = np.frombuffer(b",".ljust(len(between)), f"V{len(between)}")
    table[:, 0] = COMMA
    text[0], text[-1] = OPEN, CLOSE
    found = array(text.data)
    if found is None or len(found) != 2 * len(ends):
        return None
    return found[::2].copy(), found[1::2].copy()


@lru_cache(maxsize=64)
def _masks(width: int) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """By length of a piece at the right end of a row: which bits of the row are the piece's, and spaces for the rest."""
    own = np.arange(width) >= np.arange(width, -1, -1)[:, None]
    masks = (np.where(own, yes, no).astype(np.uint8).view(f"V{width}")[:, 0] for yes, no in ((255, 0), (0, SPACE)))
    return next(masks), next(masks)


def _between(text: Letters, width: int, between: bytes) -> Ints | None:
    """Where this begins in each row of a table; None where it is not there once, behind something."""
    marks = between.count(b'"')
    places = np.flatnonzero(text == QUOTE)
    if len(places) * width != marks * len(text):
        return None
    at = places[::marks] - between.index(b'"')
    column = at - np.arange(0, len(text), width)
    if column.min() < 1 or column.max() > width - len(between):
        return None
    return at if (_pieces(text, at, len(between)) == np.frombuffer(between, np.uint8)).all() else None
