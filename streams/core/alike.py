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
    def of(cls, joined: bytes, records: Sequence[bytes], shape: _Shape) -> Self:
        """Raises ValueError where rows of a frame are not one after the other."""
        ends = np.flatnonzero(np.frombuffer(joined, np.uint8) == END)
        lengths = np.array([len(record) + 1 for record in records])
        stops = np.cumsum(lengths)
        behind = np.searchsorted(ends, stops)  # of each frame's last row
        begins, lead, comma = np.empty_like(ends), len(shape.lead), len(shape.comma)
        begins[1:] = ends[:-1] + (1 + comma)
        begins[0], begins[behind[:-1]] = lead, stops[:-1] + lead
        _must_be((_pieces(joined, ends[:-1] + 1, comma) != _letters(shape.comma)).any(axis=1), behind[:-1] - 1)
        counts = np.diff(behind, prepend=0)
        return cls(begins, ends, np.repeat(np.arange(len(records)), counts), counts)


def read(joined: bytes, records: Sequence[bytes]) -> Alike | None:
    """What is in them; None where something is not as said above. `joined`: the records, one a line (`lines`)."""
    shape = None if b"\\" in joined else _Shape.of(records[0])
    if shape is None:
        return None
    try:
        firsts, places = _Firsts.of(records, shape), _Places.of(joined, records, shape)
        _must_be_same(joined, places.begins, firsts.before, places.frame)
        begins, ends = places.begins + firsts.before[places.frame], places.ends
        if firsts.after.any():
            ends = ends - firsts.after[places.frame]
            _must_be_same(joined, ends, firsts.after, places.frame)
        found = _numbers(joined, begins, ends, shape.between)
    except (ValueError, IndexError, msgspec.DecodeError):
        return None
    time, value = found if shape.time_first else found[::-1]
    return Alike(firsts.rows, places.counts, time, value)


def _pieces(text: bytes | Letters, at: Ints, length: int) -> Letters:
    """Pieces of a text that begin anywhere in it, one a row."""
    return _every(text, length)[at].view(np.uint8).reshape(-1, length)


def _every(text: bytes | Letters, length: int) -> NDArray[np.void]:
    """All pieces of a text that are so long."""
    return np.ndarray(len(text) - length + 1, f"V{length}", text, strides=(1,))


def _letters(text: bytes) -> Letters:
    return np.frombuffer(text, np.uint8)


def _must_be(odd: NDArray[np.bool_], there: Ints) -> None:
    """Raises ValueError unless these are the odd ones."""
    if not np.array_equal(np.flatnonzero(odd), there):
        raise ValueError


def _must_be_same(joined: bytes, at: Ints, lengths: Ints, frame: Ints) -> None:
    """Raises ValueError unless as many bytes as its frame says are in each row what they are in its first one."""
    if lengths.max() > LONGEST:
        raise ValueError
    one = bool((lengths == lengths[0]).all())
    for length in [lengths[0]] if one else np.unique(lengths[lengths > 0]).tolist():
        some = slice(None) if one else np.flatnonzero(lengths[frame] == length)
        found = _pieces(joined, at[some], length)
        other = found[1:] != found[:-1]
        other[np.flatnonzero(np.diff(frame[some]))] = False
        if other.any():
            raise ValueError


def _numbers(joined: bytes, begins: Ints, ends: Ints, between: bytes) -> tuple[Floats, Floats]:
    """The two numbers of each row, between which stands the same text. Raises ValueError where there are others."""
    lengths = ends - begins
    width = int(lengths.max()) + 1
    if lengths.min() < 1 or width > LONGEST:
        raise ValueError
    text = np.empty(len(ends) * width + 1, np.uint8)
    table = text[1:].reshape(-1, width)
    _cut(joined, begins, lengths, table)
    _blank(table, between)
    if (text[1:] == OPEN).any():
        raise ValueError
    table[:, -1] = COMMA
    text[0], text[-1] = OPEN, CLOSE
    found = array(text.data)
    if found is None or len(found) != 2 * len(ends):
        raise ValueError
    return found[::2].copy(), found[1::2].copy()


def _cut(joined: bytes, begins: Ints, lengths: Ints, table: Letters) -> None:
    """Put a piece of a text into each row of a table, with spaces behind."""
    width = table.shape[1]
    beyond = int(np.searchsorted(begins, len(joined) - width, "right"))  # rows from here on have no such piece
    table[:beyond] = _pieces(joined, begins[:beyond], width)
    keep, fill = _masks(width)
    if lengths.min() == lengths.max():
        table[:, -1] = SPACE
    else:
        np.bitwise_and(table, keep[lengths].view(np.uint8).reshape(-1, width), out=table)
        np.bitwise_or(table, fill[lengths].view(np.uint8).reshape(-1, width), out=table)
    for row in range(beyond, len(table)):
        piece = joined[begins[row] : begins[row] + lengths[row]]
        table[row] = _letters(piece.ljust(width))


@lru_cache(maxsize=64)
def _masks(width: int) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """By length of a piece at the beginning of a row: which bits of the row are the piece's, spaces for the rest."""
    own = np.arange(width) < np.arange(width)[:, None]
    masks = (np.where(own, yes, no).astype(np.uint8).view(f"V{width}")[:, 0] for yes, no in ((255, 0), (0, SPACE)))
    return next(masks), next(masks)


def _blank(table: Letters, between: bytes) -> None:
    """Nothing but a comma instead of this text in each row; raises ValueError where it is not there just once."""
    instead, first = _letters(b",".ljust(len(between))), bytes(table[0]).find(between)
    if first >= 0 and (table[:, first : first + len(between)] == _letters(between)).all():
        table[:, first : first + len(between)] = instead
        return
    text, width, marks = table.reshape(-1), table.shape[1], between.count(b'"')
    places = np.flatnonzero(text == QUOTE)
    if len(places) != marks * len(table):
        raise ValueError
    at = places[::marks] - between.index(b'"')
    column = at - np.arange(0, len(text), width)
    if column.min() < 0 or column.max() > width - len(between):
        raise ValueError
    if (_pieces(text, at, len(between)) != _letters(between)).any():
        raise ValueError
    _every(text, len(between))[at] = instead.view(f"V{len(between)}")[0]
