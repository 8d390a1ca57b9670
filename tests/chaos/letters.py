"""What is sent, by a seed: the weather in every form of the wire, late, repeated, and bad records of every kind."""

import json
import random
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.chaos.county import ZONES
from tests.chaos.weather import CALM_S, FASTER, Value, weather

UNITS = {"water_level": "m", "rain": "mm", "displacement": "mm", "gas_lel": "%{LEL}", "acceleration": "m/s2"}
LATE = (3.0, 40.0)  # seconds of phenomenon time
REPORTS = 14


@dataclass(frozen=True)
class Letter:
    """One record: when it goes, where to, and what is wrong with it."""

    at: float  # seconds after the start
    topic: str
    key: bytes
    value: bytes | None
    bad: str | None = None
    stray: bool = False  # on another partition than its key's


class Writer:
    """Letters of one seed. `begin`: phenomenon time of second 0 (epoch seconds)."""

    def __init__(self, seed: int, begin: float, length: float, *, plain: bool) -> None:
        """`plain`: only what a replay of the same records from a file can know (docs/chaos.md)."""
        self._chance = random.Random(seed)
        self._begin, self._length, self._plain = begin, length, plain
        self._numbers = count()

    def letters(self) -> list[Letter]:
        """In the order in which they go."""
        values = weather(self._chance, self._length, gaps=not self._plain)
        found = [one for value in values for one in self._sent(value)]
        found += self._bad_ones(values)
        if not self._plain:
            found += [*self._reports(), *self._bad_reports()]
        return sorted(found, key=lambda one: one.at)

    # ---- readings

    def _sent(self, one: Value) -> list[Letter]:
        """One reading as it comes: mostly at once, sometimes late, sometimes twice."""
        chance, at = self._chance, one.at
        calm = one.time >= self._length * FASTER - CALM_S
        if chance.random() < 0.03 and not calm and one.measured != "gas_lel":
            at += chance.uniform(*LATE) / FASTER
        letter = Letter(at, "readings", one.station.encode(), self._body(one))
        again = chance.random() < 0.02
        return (
            [letter, Letter(at + chance.uniform(0, 2), letter.topic, letter.key, letter.value)] if again else [letter]
        )

    def _body(self, one: Value) -> bytes:
        """In one of the four forms."""
        time, common = round(self._begin + one.time, 3), {"station": one.station, "property": one.measured}
        if isinstance(one.value, list):
            return _json({**common, "start": time, "step": 0.02, "values": one.value})
        form = self._chance.random()
        single = {**common, "time": time, "value": one.value}
        if form < 0.1 and one.value is not None:
            name, unit = f"{one.station}/{one.measured}", UNITS[one.measured]
            return _json([{"bn": name, "bt": time, "u": unit, "v": one.value}])
        if form < 0.2:
            return _json([single])
        return _json({**single, "unit": UNITS[one.measured]} if form < 0.5 else single)

    # ---- bad readings: each has bytes of its own, so that its reject can be told from all others

    def _bad_ones(self, values: list[Value]) -> list[Letter]:
        """Every kind several times, among the good ones of the same stations."""
        singles = [v for v in values if isinstance(v.value, float) and 0 < v.value < 10 and v.at < self._length - 3]
        kinds = [reason for reason in BAD if not (self._plain and reason in ("too_far_ahead", "wrong_partition"))]
        found = []
        for _ in range(4):
            found += [self._bad(reason, self._chance.choice(singles)) for reason in kinds]
            if not self._plain:
                found.append(self._future(self._chance.choice(singles)))
        return found

    def _bad(self, reason: str, one: Value) -> Letter:
        good = {
            "station": one.station, "property": one.measured, "time": round(self._begin + one.time, 3),
            "value": one.value, "meta": {"n": next(self._numbers)},
        }  # fmt: skip
        key, at = one.station.encode(), one.at + 0.2
        stray = reason == "wrong_partition"
        value = BAD[reason](good)
        if reason == "wrong_key":
            key = b"elsewhere"
        if reason == "unknown_station":
            key = b"X9"
        if reason == "conflict":
            at = one.at + 2.2  # after the first one, late or not
        return Letter(at, "readings", key, value, reason, stray)

    def _future(self, one: Value) -> Letter:
        """Not a reject: counted as of now, in doubt."""
        body = {"station": one.station, "property": one.measured, "time": self._begin + 5_000, "value": one.value}
        return Letter(one.at, "readings", one.station.encode(), _json(body))

    # ---- reports

    def _reports(self) -> list[Letter]:
        return [self._report(self._chance.uniform(1, self._length - 3)) for _ in range(REPORTS)]

    def _report(self, at: float, bad: str | None = None, **fields: Any) -> Letter:
        number, zone = next(self._numbers), self._chance.choice(ZONES)
        body = {
            "id": f"r-{number}", "kind": "flooding", "time": round(self._begin + at * FASTER, 3), "zone": zone,
            "source": self._chance.choice(["citizen", "grid_worker"]), "reporter": f"person {number % 9}",
        }  # fmt: skip
        return Letter(at, "reports", zone.encode(), _json(body | fields), bad)

    def _bad_reports(self) -> list[Letter]:
        at = self._length / 2
        torn = Letter(at, "reports", b"Z0", b'{"id": "r-%d", ' % next(self._numbers), "not_json")
        wrong = [{"kind": "weather"}, {"zone": "nowhere"}, {"time": "2026-07-20T14:03:00"}, {"source": 7}]
        return [torn, *(self._report(at, "wrong", **fields) for fields in wrong)]


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _with(**fields: Any) -> Any:
    return lambda good: _json(good | fields)


#: reason -> what makes a good body a bad one
BAD = {
    "not_json": lambda good: _json(good)[:-3],
    "not_text": lambda good: _json(good).replace(b'"station"', b'"sta\xfftion"'),
    "nested": lambda good: b"[" * 3_000 + _json(good),
    "wrong_type": _with(value="high"),
    "no_value": lambda good: _json({key: good[key] for key in good if key != "value"}),
    "no_time_zone": _with(time="2026-07-20T14:03:00"),
    "too_old": _with(time="1970-01-01T00:00:00Z"),
    "too_far_ahead": _with(time="2100-01-01T00:00:00Z"),
    "not_finite": lambda good: _json(good | {"value": float("nan")}),
    "unknown_station": _with(station="X9"),
    "unknown_property": _with(property="mood"),
    "wrong_unit": _with(unit="kg"),
    "wrong_key": _with(),
    "wrong_partition": _with(),
    "refused_class": _with(classification="secret"),
    "conflict": lambda good: _json(good | {"value": good["value"] + 0.5}),
    "empty": lambda good: None,
    "a_row_of_a_frame": lambda good: _json([good | {"value": []}]),
    "samples": lambda good: _json(
        {"station": good["station"], "property": good["property"], "start": good["time"], "step": -1, "values": [1.0]}
        | {"meta": good["meta"]}
    ),
}
