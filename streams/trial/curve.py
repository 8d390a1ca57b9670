"""What a datastream of a scenario measures: its pieces, one after the other, as single readings."""

import csv
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from streams.config.problems import Words
from streams.config.quantity import Wrong, threshold
from streams.config.yaml_file import Node
from streams.models.site import Datastream
from streams.models.times import SECOND, microseconds
from streams.models.units import UnitError, conversion
from streams.trial.file import Source
from streams.trial.model import Piece, Readings
from streams.trial.words import VALUE

MOST = 2_000_000  # readings of one piece: more is a slip of the pen
DECIMALS = 9  # what arithmetic adds behind them is noise


class Point(NamedTuple):
    """One reading: its time from the start, and what the piece says of how it is sent."""

    at: int
    value: float | None
    piece: Piece


@dataclass(frozen=True, slots=True)
class Role:
    """What one datastream measures in a scenario."""

    stream: Datastream
    readings: Readings
    source: Source
    node: Node
    every: int
    seed: int
    timezone: str

    @property
    def step(self) -> int:
        """Microseconds between two readings, where no piece says otherwise."""
        rate = self.readings.rate
        return round(SECOND / rate) if rate else self.readings.every or self.every


class Curve:
    """The readings of one role. What cannot be understood is said of its source, and nothing is measured."""

    def __init__(self, role: Role, start: int, until: int | None) -> None:
        self.role, self.start, self.until = role, start, until
        self.value: float = math.nan  # where the piece before has ended
        self.open = False  # whether it goes on until the end of the scenario, and nobody says when that is
        self._target = math.nan  # of the ramp
        self._last: float | None = None  # as it was sent, with its noise
        self._file: list[tuple[int, float | None]] = []

    def points(self) -> list[Point]:
        """All of them, in the order of time."""
        pieces, nodes = self.role.readings.pieces, self._nodes()
        found: list[Point] = []
        end = 0
        for number, (piece, node) in enumerate(zip(pieces, nodes, strict=True)):
            begin = end if piece.at is None else piece.at.since(self.start)
            if begin < end:
                self.role.source.error(node, "at", Words("a time before the piece before is over"), "a later one")
            if not self._prepare(piece, node):
                return []
            following = pieces[number + 1].at if number + 1 < len(pieces) else None
            limit = self.until if following is None else following.since(self.start)
            last = number + 1 == len(pieces)
            stop = self._end(piece, begin, limit, last=last)
            if stop is None:
                if last:
                    self.open = True
                else:
                    expected = "`for:`, how long, or `at:` of the next piece"
                    self.role.source.error(node, piece.kind, Words("no end"), expected)
                return []
            if (stop - begin) // self._step(piece) > MOST:
                self.role.source.error(node, "every", Words(f"more than {MOST} readings"), "fewer, or a shorter time")
                return []
            found += self._of(piece, begin, stop, ends=last and stop != limit)
            end = stop
        return found if self.until is None else [point for point in found if point.at <= self.until]

    def _nodes(self) -> list[Node]:
        node = self.role.node
        return node.value["curve"].value if self.role.readings.curve else [node]

    def _end(self, piece: Piece, begin: int, limit: int | None, *, last: bool) -> int | None:
        length = piece.lasts or piece.over or piece.silence or piece.missing or piece.stuck
        if piece.values is not None:
            length = self._step(piece) * (len(piece.values) - last)
        elif piece.csv is not None:
            length = (self._file[-1][0] - self._file[0][0] if self._file else 0) + (0 if last else self._step(piece))
        if length is not None:
            return begin + length
        return limit if limit is None or not last else limit + 1  # what goes on until the end is there at the end too

    def _step(self, piece: Piece) -> int:
        return piece.every or self.role.step

    # -- values ------------------------------------------------------------------------------------------------------

    def _prepare(self, piece: Piece, node: Node) -> bool:
        """Whether everything that the piece names is known."""
        for key, given in (("constant", piece.constant), ("from", piece.begin), ("around", piece.around)):
            if given is not None:
                value = self._number(key, given, piece, node)
                if value is None:
                    return False
                self.value = value
        if piece.ramp is not None:
            target = self._number("ramp", piece.ramp, piece, node)
            if target is None:
                return False
            self._target = target
        if piece.kind in ("sine", "burst", "ramp", "stuck") and math.isnan(self.value):
            words = Words(f"{piece.kind} as the first of all")
            expected = "a piece before it, or `around:`, or of a ramp `from:`"
            self.role.source.error(node, piece.kind, words, expected)
            return False
        return piece.csv is None or self._read(piece, node)

    def _number(self, key: str, given: float | str, piece: Piece, node: Node) -> float | None:
        """A value in the unit in which it is sent; None after saying what is wrong."""
        if not isinstance(given, str):
            return float(given)
        unit = piece.unit or self.role.readings.unit or self.role.stream.unit
        found = amount(given, unit, self.role.stream)
        if isinstance(found, Wrong):
            self.role.source.error(node.value.get(key, node), key, Words(found.found), found.expected)
            return None
        return round(found, DECIMALS)

    def _of(self, piece: Piece, begin: int, stop: int, *, ends: bool) -> Iterator[Point]:
        """The readings of a piece; `ends`: at its very end there is one too, as nothing follows it."""
        if piece.csv is not None:
            first = self._file[0][0] if self._file else 0
            for time, value in self._file:
                yield self._point(begin + time - first, value, piece)
            return
        if piece.silence is not None:
            return
        step, base = self._step(piece), self.value
        to = base if piece.ramp is None else self._target
        count = len(piece.values) if piece.values is not None else -(-(stop - begin) // step)
        for number in range(count + (1 if ends and piece.values is None and (stop - begin) % step == 0 else 0)):
            passed = number * step
            yield self._point(begin + passed, self._at(piece, passed, stop - begin, (base, to), number), piece)
        if piece.ramp is not None:
            self.value = to

    def _at(self, piece: Piece, passed: int, length: int, ramp: tuple[float, float], number: int) -> float | None:
        base, to = ramp
        if piece.values is not None:
            return piece.values[number]
        if piece.missing is not None:
            return None
        if piece.stuck is not None:
            return self._last
        if piece.period is not None:
            turn = math.sin(2 * math.pi * passed / piece.period)
            if piece.burst is not None:
                return base + piece.burst * turn * math.sin(math.pi * passed / length)
            return base + (piece.sine or 0.0) * turn
        return base if passed == 0 or not length else to if passed == length else base + (to - base) * passed / length

    def _point(self, at: int, value: float | None, piece: Piece) -> Point:
        noise = self.role.readings.noise if piece.noise is None else piece.noise
        if value is not None:
            if noise and piece.stuck is None:
                stream = self.role.stream
                seed = f"{self.role.seed}|{stream.station}|{stream.property}|{at}"
                value += random.Random(seed).gauss(0.0, noise)  # noqa: S311 - made-up weather
            value = self._last = round(value, DECIMALS) + 0.0  # + 0.0: never -0.0
            if piece.values is not None or piece.csv is not None:
                self.value = value
        return Point(at, value, piece)

    # -- files -------------------------------------------------------------------------------------------------------

    def _read(self, piece: Piece, node: Node) -> bool:
        given, source = piece.csv, self.role.source
        self._file = []
        assert given is not None  # noqa: S101 - asked before
        path, node = source.path.parent / given.file, node.value["csv"]
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            for row in rows:
                self._file.append(_row(row, given.time, given.column, self.role.timezone))
        except FileNotFoundError:
            near = [one.name for one in path.parent.glob("*.csv")] if path.parent.is_dir() else []
            source.error(node, "csv.file", given.file, "a file beside the scenario", near)
        except OSError as error:
            source.error(node, "csv.file", Words(str(error)), "a file beside the scenario")
        except KeyError as error:
            known = [name for name in rows[0] if name] if rows else []
            source.error(node, "csv", str(error.args[0]), f"one of the columns {', '.join(known)}", known)
        except (ValueError, OverflowError, csv.Error) as error:
            source.error(
                node, "csv", Words(f"{path.name}, line {len(self._file) + 2}: {error}"), "rows with a time and a number"
            )
        else:
            return True
        return False


def _row(row: dict[str, Any], time: str, column: str, timezone: str) -> tuple[int, float | None]:
    cell, text = row[column], row[time]
    moment = datetime.fromisoformat(text)
    whole = moment.replace(tzinfo=ZoneInfo(timezone)) if moment.tzinfo is None else moment
    return microseconds(whole), float(cell) if cell and cell.strip() else None


def amount(text: str, unit: str, stream: Datastream) -> float | Wrong:
    """`3.2 m`, `station.NAME` or `station.NAME - 0.2 m` in a unit."""
    found = threshold(text, unit)
    if isinstance(found, Wrong):
        return found
    try:
        offset = conversion(found.unit, unit)
        if found.attribute is None:
            return offset(found.offset)
        if found.attribute not in stream.attributes:
            known = ", ".join(stream.attributes) or "none"
            return Wrong(f"{stream.station} has no {found.attribute}", f"one of its attributes: {known}")
        value, own = stream.attributes[found.attribute]
        return conversion(own, unit)(value) + offset.difference(found.offset)
    except UnitError as error:
        return Wrong(str(error), VALUE)
