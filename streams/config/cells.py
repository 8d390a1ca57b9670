"""One row of stations.csv: cells to a datastream."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

from streams.config.check_cells import checks_of
from streams.config.heights import Datum
from streams.config.limits import layers_of, limit_of
from streams.config.problems import Report, Words
from streams.config.quantity import Wrong, quantity
from streams.config.unit_names import meant
from streams.models.crs import SYSTEMS, Crs, to_wgs84
from streams.models.datastream import LIMITS, Classification, Datastream, Profile, Reporting
from streams.models.durations import FORM, parse_duration
from streams.models.ids import ID_FORM, is_id
from streams.models.settings import PropertyQuality, Quality
from streams.models.units import UnitError, is_unit

T = TypeVar("T", bound=str)
LACKING = {"zone": "the zone that it lies in, an id of zones.geojson"}
NEVER = "never"  # in stuck_for: not judged
ORDERS = (("range_min", "range_max"), ("hard_min", "soft_min", "soft_max", "hard_max"))  # each from low to high


def number_of(text: str) -> float:
    """The number of a cell; not finite when it is none."""
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        return math.nan


def attribute_of(text: str, unit: str, datum: Datum) -> tuple[float, str] | Wrong:
    """Number and unit of a cell of a column `x_NAME`, above the datum of the readings; `unit` is the datastream's."""
    number, own, named = [*text.split(maxsplit=2), "", ""][:3]
    found = quantity(f"{number} {own}" if named else text, own if is_unit(own) else unit)
    return datum.moved(*found, named) if named and not isinstance(found, Wrong) else found


@dataclass(slots=True)
class Row:
    """Cells by column name. A cell that is wrong is said once, and the row makes no datastream."""

    columns: list[str]
    given: list[str]
    line: int
    report: Report
    bad: bool = field(default=False)
    cells: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.cells = {name: cell.strip() for name, cell in zip(self.columns, self.given, strict=False)}
        if len(self.given) > len(self.columns) and any(cell.strip() for cell in self.given[len(self.columns) :]):
            self.bad = True
            expected = f"{len(self.columns)} cells as in the header (a cell with a comma in double quotes)"
            self.report.error((self.line, None), "", Words(f"{len(self.given)} cells"), expected)

    def datastream(self, quality: Quality) -> Datastream | None:
        """The row as a datastream; None after saying what is wrong."""
        station, observed, zone = (self._id(column) for column in ("station", "property", "zone"))
        unit = self._unit()
        lon, lat, original = self._position()
        fields: dict[str, Any] = {
            "station": station, "property": observed, "unit": unit, "zone": zone,
            "subject": self._id("subject") if self.cells.get("subject") else station,
            "name": self._name(station), "subject_name": self._subject_name(),
            "lon": lon, "lat": lat, "original": original,
            "interval": self.duration("interval"),
            "reporting": self._choice("reporting", ("periodic", "on_change"), "periodic"),
            "range_min": self.number("range_min"), "range_max": self.number("range_max"),
            "datum": self.cells.get("datum") or None, "group": self._id("group") if self.cells.get("group") else None,
            "classification": self._choice("classification", ("open", "sensitive", "restricted"), "sensitive"),
            "attributes": self._attributes(unit) if unit else {},
            **self._limits(quality, self._layers(quality, observed), unit),
        }  # fmt: skip
        self._check_order(fields)
        return None if self.bad else Datastream(**fields)

    def profile(self, quality: Quality) -> Profile | None:
        """What these cells say that many rows have in common, without attributes."""
        observed, unit, interval = self._id("property"), self._unit(), self.duration("interval")
        reporting: Reporting = self._choice("reporting", ("periodic", "on_change"), "periodic")
        kept: Classification = self._choice("classification", ("open", "sensitive", "restricted"), "sensitive")
        layers = self._layers(quality, observed)
        stuck, rest, checks = self._stuck(quality, layers), self._rest(layers, quality), checks_of(self, layers, unit)
        datum = self.cells.get("datum") or None
        return None if self.bad else Profile(observed, unit, interval, reporting, stuck, rest, datum, kept, (), checks)

    def error(self, column: str, found: object, expected: str, near: Iterable[str] = ()) -> None:
        """A wrong cell."""
        self.bad = True
        self.report.error((self.line, None), f"column {column}", found, expected, near)

    def _id(self, column: str) -> str:
        text = self.cells.get(column, "")
        if not is_id(text):
            self.error(column, text or None, ID_FORM if text else LACKING.get(column, ID_FORM))
        return text

    def _unit(self) -> str:
        unit = self.cells.get("unit", "")
        if unit and is_unit(unit):
            return unit
        self.error("unit", unit or None, "a UCUM unit such as m, mm, Cel, ug/m3, [ft_i] or 1", meant(unit))
        return ""

    def _name(self, station: str) -> dict[str, str]:
        chinese, english = self.cells.get("name_zh", ""), self.cells.get("name_en", "")
        return {"zh": chinese or english or station, "en": english or chinese or station}

    def _subject_name(self) -> dict[str, str] | None:
        chinese, english = self.cells.get("subject_zh", ""), self.cells.get("subject_en", "")
        return {"zh": chinese or english, "en": english or chinese} if chinese or english else None

    def _choice(self, column: str, known: tuple[T, ...], default: T) -> T:
        text = self.cells.get(column, "")
        if text and text not in known:
            self.error(column, text, f"one of {', '.join(known)}", known)
        return next((word for word in known if word == text), default)

    def number(self, column: str) -> float | None:
        """The number of a cell; None for a blank one, and for one that is none, after saying so."""
        text = self.cells.get(column, "")
        if not text:
            return None
        number = number_of(text)
        if math.isfinite(number):
            return number
        self.error(column, text, "a number without unit (the datastream's unit is meant)")
        return None

    def duration(self, column: str) -> int | None:
        """The length of time in a cell, in the same way."""
        text = self.cells.get(column, "")
        if not text:
            return None
        try:
            length = parse_duration(text)
        except ValueError:
            self.error(column, text, FORM)
            return None
        if length <= 0:
            self.error(column, text, "longer than nothing")
        return length or None

    def _position(self) -> tuple[float | None, float | None, dict[str, Any] | None]:
        lon, lat = self.number("lon"), self.number("lat")
        crs: Crs = self._choice("crs", SYSTEMS, "WGS84")
        if (lon is None) != (lat is None) and not self.bad:
            self.error("lon" if lon is None else "lat", None, "longitude and latitude, or neither")
        if lon is None or lat is None:
            return None, None, None
        if abs(lon) > 180 or abs(lat) > 90:
            swapped = ": these look swapped" if abs(lon) <= 90 and abs(lat) <= 180 else ""
            self.error("lon, lat", Words(f"{lon:g}, {lat:g}"), f"degrees, longitude ±180 and latitude ±90{swapped}")
            return None, None, None
        if crs == "WGS84":
            return lon, lat, None
        return *to_wgs84(lon, lat, crs), {"lon": lon, "lat": lat, "crs": crs}

    def _attributes(self, unit: str) -> dict[str, tuple[float, str]]:
        """`x_NAME`: a number with its unit, of any dimension: the condition that names it says which one it needs."""
        found: dict[str, tuple[float, str]] = {}
        datum = Datum(self.cells.get("datum") or None, self.cells.get("datum_offset", ""))
        wrong = datum.wrong()
        if wrong:
            self.error("datum_offset", Words(wrong.found), wrong.expected)
            return found
        for column, text in self.cells.items():
            if column.startswith("x_") and text:
                value = attribute_of(text, unit, datum)
                if isinstance(value, Wrong):
                    self.error(column, Words(value.found), value.expected)
                else:
                    found[column.removeprefix("x_")] = value
        return found

    def limit(self, quality: Quality, observed: str, name: str, unit: str) -> float | None:
        """What app.yaml sets for a row like this. Raises UnitError."""
        return limit_of(self._layers(quality, observed), name, unit)

    def cannot_convert(self, unit: str, common: PropertyQuality) -> None:
        """What app.yaml says is in a unit that has nothing to do with the row's."""
        self.error("unit", unit, f"a unit that {common.unit} can be converted to (app.yaml: quality)")

    def _layers(self, quality: Quality, observed: str) -> list[PropertyQuality]:
        kind = self.cells.get("type", "")
        if kind and kind not in quality.types:
            known = ", ".join(sorted(quality.types)[:10]) or "none yet"
            self.error("type", kind, f"a type of app.yaml, quality.types: {known}", quality.types)
        return layers_of(quality, observed, kind)

    def _limits(self, quality: Quality, layers: list[PropertyQuality], unit: str) -> dict[str, Any]:
        """Quality limits: this row's own, else the type's or the property's in app.yaml, else the site's."""
        found: dict[str, Any] = {name: self._bound(name, layers, unit) for name in LIMITS}
        found |= {"stuck_for": self._stuck(quality, layers), "rest": self._rest(layers, quality)}
        return found | {"checks": checks_of(self, layers, unit)}

    def _stuck(self, quality: Quality, layers: list[PropertyQuality]) -> int | None:
        own = self.cells.get("stuck_for", "")
        if own not in ("", NEVER):
            length = self.duration("stuck_for")
        else:
            stuck = own or next((one.stuck_for for one in layers if one.stuck_for), quality.stuck_for)
            length = parse_duration(stuck) if stuck and stuck != NEVER else None
        # heartbeats of one that sends on change say that its value is what it was
        return None if self.cells.get("reporting") == "on_change" else length

    def _bound(self, name: str, layers: list[PropertyQuality], unit: str) -> float | None:
        own = self.number(name)
        if own is not None or not unit:
            return own
        try:
            return limit_of(layers, name, unit)
        except UnitError:
            self.cannot_convert(unit, next(one for one in layers if getattr(one, name) is not None))
            return None

    def _rest(self, layers: list[PropertyQuality], quality: Quality) -> tuple[float, ...]:
        text = self.cells.get("rest", "")
        if not text:
            return next((one.rest for one in layers if one.rest is not None), quality.rest)
        try:
            numbers = tuple(float(part) for part in text.split())
        except ValueError:
            numbers = (math.nan,)
        if not all(map(math.isfinite, numbers)):
            self.error("rest", text, "numbers with blanks between, like `0 100`")
        return numbers

    def _check_order(self, fields: dict[str, Any]) -> None:
        for names in ORDERS:
            values = [(name, fields[name]) for name in names if fields[name] is not None]
            for (low, a), (high, b) in pairwise(values):
                if a > b or (a == b and low.startswith("range")):
                    self.error(high, Words(f"{b:g}, below {low} {a:g}"), f"{' ≤ '.join(names)}")
