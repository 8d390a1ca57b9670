"""Rows of stations.csv as columns of numbers and codes. What a cell means is asked of `cells` once for each text.

Nothing is said here: a row in which anything looks wrong is marked, and `stations` reads it again by `cells`, which
says what is wrong. So a good row costs microseconds, and a bad one gets its message.
"""

import re
from collections.abc import Collection, Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.config.cells import ORDERS, Row, attribute_of
from streams.config.check_cells import CHECK_COLUMNS, MONTHS
from streams.config.codes import WRONG, Codes, Floats, Ids, Memo, numbers
from streams.config.heights import Datum
from streams.config.problems import Problems, Report
from streams.config.quantity import NUMBER, Wrong
from streams.config.station_rows import Cells, Texts
from streams.models.crs import SYSTEMS, to_wgs84
from streams.models.datastream import BOUNDS, LIMITS, Profile
from streams.models.datastreams import NONE
from streams.models.settings import Quality
from streams.models.units import UnitError, is_unit

PROFILE = ("property", "unit", "interval", "reporting", "stuck_for", "rest", "datum", "classification")
ATTRIBUTE = "x_"
_AMOUNTS = re.compile(rf"^({NUMBER}) (\S+)$", re.ASCII | re.MULTILINE)
_pack = msgspec.msgpack.Encoder().encode

Array = NDArray[Any]


class StationColumns:
    """Reads rows and keeps the good ones."""

    def __init__(self, columns: list[str], quality: Quality, zones: Collection[str] | None) -> None:
        self.columns, self.quality = columns, quality
        self.stations, self.zones, self.subjects, self.groups = Ids(), Ids(), Ids(optional=True), Ids(optional=True)
        self.units = Ids(is_unit)  # of attributes
        self.profiles: list[Profile] = []  # still without attributes
        self.names: list[bytes] = []
        self.subject_names: list[bytes] = []
        self.originals: list[bytes] = []
        self.attributes = [name.removeprefix(ATTRIBUTE) for name in columns if name.startswith(ATTRIBUTE)]
        self._known = Memo(lambda code: int(zones is None or self.zones.texts[code] in zones))
        self._systems = Memo(lambda text: SYSTEMS.index(text) if text in SYSTEMS else WRONG if text else 0)
        self._offsets = Memo(lambda text: WRONG if Datum(None, text).wrong() else 0)
        self._profiles = Memo(self._profile)
        self._limits = [(np.nan,) * len(LIMITS)]  # by profile + 1: what app.yaml says
        more = [name for name in ("type", *CHECK_COLUMNS, *MONTHS) if name in columns]
        months = any(one.months for one in (*quality.properties.values(), *quality.types.values()))
        #: cells that rows have in common; of limits only whether a row has its own, where months have theirs
        self._shared = [*PROFILE, *more]
        self._own = [name for name in LIMITS if months and name in columns]
        self._titles = Memo(self._title)
        self._name_of: dict[int, int] = {}  # station -> its first name
        self._kept: list[dict[str, Array]] = []

    def read(self, rows: list[Texts]) -> tuple[Cells, dict[str, Array], NDArray[np.bool_]]:
        """The columns of some rows, and which rows have to be looked at one by one."""
        cells = Cells(self.columns, rows)
        count, texts = cells.count, cells.texts
        found: dict[str, Array] = {
            "station": self.stations.of(texts("station"), count),
            "zone": self.zones.of(texts("zone"), count),
            "profile": self._profiles.of(self._in_common(cells), count),
            "subject": self.subjects.of(texts("subject"), count),
            "group": self.groups.of(texts("group"), count),
            "subject_name": self._titles.of(zip(texts("subject_zh"), texts("subject_en"), strict=True), count),
        }
        wrong = np.zeros(count, np.bool_)
        wrong[cells.too_many] = True
        wrong |= self._offsets.of(texts("datum_offset"), count) == WRONG
        for codes in found.values():
            wrong |= codes == WRONG
        wrong |= self._known.of(np.maximum(found["zone"], 0).tolist(), count) == 0 if self.zones.texts else True
        for read in (self._positions, self._bounds, self._amounts):
            wrong |= read(cells, found)
        return cells, found, wrong

    def _in_common(self, cells: Cells) -> Iterable[tuple[str, ...]]:
        own = [["own" if text else "" for text in cells.texts(name)] for name in self._own]
        return zip(*map(cells.texts, self._shared), *own, strict=True)

    def keep(self, cells: Cells, found: dict[str, Array]) -> None:
        """Good rows."""
        found["name"] = self._names(cells, found["station"])
        self._kept.append(found)

    def whole(self) -> dict[str, Array]:
        """The columns of all rows that were kept."""
        kept, self._kept = self._kept, []
        names = list(kept[0]) if kept else []
        return {name: np.concatenate([part.pop(name) for part in kept]) for name in names}

    def _profile(self, given: tuple[str, ...]) -> int:
        row = Row([*self._shared, *self._own], list(given), 0, Report(Problems(), ""))
        profile = row.profile(self.quality)
        if profile is None:
            return WRONG
        self.profiles.append(profile)
        self._limits.append(tuple(self._limit(row, profile, name) for name in LIMITS))
        return len(self.profiles) - 1

    def _limit(self, row: Row, profile: Profile, name: str) -> float:
        try:
            found = row.limit(self.quality, profile.property, name, profile.unit)
        except UnitError:
            return np.inf
        return np.nan if found is None else found

    def _title(self, given: tuple[str, str]) -> int:
        chinese, english = given
        if not chinese and not english:
            return NONE
        self.subject_names.append(_pack({"zh": chinese or english, "en": english or chinese}))
        return len(self.subject_names) - 1

    def _names(self, cells: Cells, station: Codes) -> Codes:
        """One name a station; another one in a later row has a code of its own, which `stations` will find."""
        codes = np.full(cells.count, NONE, np.int32)
        if not cells.has("name_zh", "name_en"):
            return codes
        names, ids, known = self.names, self.stations.texts, self._name_of
        rows = zip(station.tolist(), cells.texts("name_zh"), cells.texts("name_en"), strict=True)
        for n, (number, zh, en) in enumerate(rows):
            chinese, english = zh or en, en or zh
            if chinese == english and chinese in ("", ids[number]):
                continue
            packed = _pack({"zh": chinese, "en": english})
            code = known.setdefault(number, len(names))
            if code == len(names):
                names.append(packed)
            elif names[code] != packed:
                code = len(names)
                names.append(packed)
            codes[n] = code
        return codes

    def _positions(self, cells: Cells, found: dict[str, Array]) -> NDArray[np.bool_]:
        lon, lat = numbers(cells.texts("lon")), numbers(cells.texts("lat"))
        systems = self._systems.of(cells.texts("crs"), cells.count)
        wrong: NDArray[np.bool_] = (np.abs(lon) > 180) | (np.abs(lat) > 90) | (np.isnan(lon) != np.isnan(lat))
        original = np.full(cells.count, NONE, np.int32)
        for n in np.flatnonzero((systems > 0) & ~wrong & ~np.isnan(lon)).tolist():
            given = {"lon": float(lon[n]), "lat": float(lat[n]), "crs": SYSTEMS[systems[n]]}
            original[n] = len(self.originals)
            self.originals.append(_pack(given))
            lon[n], lat[n] = to_wgs84(given["lon"], given["lat"], SYSTEMS[systems[n]])
        found |= {"lon": lon, "lat": lat, "original": original}
        wrong |= systems == WRONG
        return wrong

    def _bounds(self, cells: Cells, found: dict[str, Array]) -> NDArray[np.bool_]:
        """A row's own bounds, else those of app.yaml; each of an order at or above the one below."""
        limits = np.array(self._limits)[np.maximum(found["profile"], NONE) + 1]
        general = dict(zip(LIMITS, limits.T, strict=True))
        for name in BOUNDS:
            own = numbers(cells.texts(name))
            found[name] = np.where(np.isnan(own), general.get(name, np.nan), own)
        wrong = np.zeros(cells.count, np.bool_)
        for names in ORDERS:
            low = np.full(cells.count, np.nan)
            for name in names:
                high = found[name]
                wrong |= np.isinf(high) | (low > high) | ((low == high) & name.startswith("range"))
                low = np.where(np.isnan(high), low, high)
        return wrong

    def _amounts(self, cells: Cells, found: dict[str, Array]) -> NDArray[np.bool_]:
        """`x_NAME`: a number and a code of its unit."""
        wrong = np.zeros(cells.count, np.bool_)
        for name in self.attributes:
            texts = cells.texts(ATTRIBUTE + name)
            rows = [n for n, text in enumerate(texts) if text]
            values, units = np.full(cells.count, np.nan), np.full(cells.count, NONE, np.int32)
            if rows:
                texts = texts if len(rows) == len(texts) else [texts[n] for n in rows]
                values[rows], units[rows] = self._alike(texts) or self._each(texts, found["profile"], rows, cells)
            found[f"value {name}"], found[f"unit {name}"] = values, units
            wrong |= units == WRONG
        return wrong

    def _alike(self, texts: Texts) -> tuple[Floats, Codes] | None:
        """Cells that all look like `3.2 m`: the unit stands there, so nothing else is asked."""
        joined = "\n".join(texts)
        pairs = _AMOUNTS.findall(joined)
        if len(pairs) != len(texts) or joined.count("\n") != len(texts) - 1:
            return None
        values = np.fromiter((float(number) for number, _ in pairs), np.float64, len(pairs))
        return (values, self.units.of((unit for _, unit in pairs), len(pairs))) if np.isfinite(values).all() else None

    def _each(self, texts: Texts, profiles: Array, rows: list[int], cells: Cells) -> tuple[list[float], list[int]]:
        values, units = [], []
        offsets = cells.texts("datum_offset")
        for text, row in zip(texts, rows, strict=True):
            profile = self.profiles[profiles[row]] if profiles[row] >= 0 else None
            datum = profile and Datum(profile.datum, offsets[row])
            found = attribute_of(text, profile.unit, datum) if profile and datum else None
            value, unit = (np.nan, None) if found is None or isinstance(found, Wrong) else found
            values.append(value)
            units.append(WRONG if unit is None else self.units[unit])
        return values, units
