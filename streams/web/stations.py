"""The datastreams of the site with what Redis knows of each: the view behind `/v1/stations` and the map."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from zoneinfo import ZoneInfo

import msgspec

from streams.models.latest import LatestValue
from streams.models.level import NUMBER
from streams.models.observation import STATUSES, Status
from streams.models.site import Datastream, Site
from streams.models.times import SECOND, format_time
from streams.web.doubts import GOOD, SUSPECT, Doubt, doubts_of
from streams.web.store import Store

Key = tuple[str, str]  # station, property
FRESH_S = 1.0  # many clients, one read of Redis


class StationRow(msgspec.Struct, kw_only=True, frozen=True):
    """One datastream. `state`: ok, silent, failed or unheard. `level`: the highest of the alerts it is evidence of.

    `bound`: what the check that set the quality flag goes by.
    """

    station: str
    property: str
    unit: str
    zone: str
    subject: str
    name: dict[str, str]
    lon: float | None
    lat: float | None
    interval: float | None  # seconds
    status: str
    state: str = "unheard"
    value: float | None = None
    quality: int | None = None
    check: str = ""
    bound: str = ""
    score: int | None = None  # health, 0 to 100
    battery: float | None = None
    time: str | None = None
    level: str | None = None
    alerts: list[str] = []


class _Evidence(msgspec.Struct):
    station: str
    property: str


class _Alert(msgspec.Struct):
    alert: str
    level: str | None = None
    evidence: list[_Evidence] = []


_decode_alert = msgspec.json.Decoder(_Alert).decode
_decode_latest = msgspec.json.Decoder(LatestValue).decode


class StationView:
    """Joins site, latest values and alerts. Pure: `update` returns the rows that changed."""

    def __init__(self, site: Site, zone_time: Callable[[int], str], status: Status) -> None:
        self._site = site
        self._format = zone_time
        # an exercise site shows its exercise values first; anywhere else the actual ones win
        self._order = (status, *(s for s in STATUSES if s != status))
        self._fields = {k: [f"{k[0]}|{k[1]}|{s}".encode() for s in self._order] for k in site.datastreams}
        self._latest: dict[Key, bytes | None] = {}
        self._alerts: dict[Key, list[_Alert]] = {}
        self._doubts: dict[tuple[str, str, str], Doubt] = {}
        self.rows: dict[Key, StationRow] = {k: self._row(s, None, []) for k, s in site.datastreams.items()}

    def update(
        self, latest: dict[bytes, bytes], alerts: Iterable[bytes], health: Mapping[bytes, bytes] | None = None
    ) -> list[StationRow]:
        """Take what Redis holds now."""
        contributes, doubts = _contributions(alerts), doubts_of(health or {})
        other = {(station, prop) for (station, prop, _), _ in doubts.items() ^ self._doubts.items()}
        self._doubts = doubts
        changed = []
        for key, stream in self._site.datastreams.items():
            raw, its = self._pick(latest, key), contributes.get(key, [])
            if raw != self._latest.get(key) or its != self._alerts.get(key, []) or key in other:
                self._latest[key], self._alerts[key] = raw, its
                self.rows[key] = self._row(stream, raw, its)
                changed.append(self.rows[key])
        return changed

    def _pick(self, latest: dict[bytes, bytes], key: Key) -> bytes | None:
        return next((latest[field] for field in self._fields[key] if field in latest), None)

    def _row(self, stream: Datastream, raw: bytes | None, alerts: list[_Alert]) -> StationRow:
        row = StationRow(
            station=stream.station,
            property=stream.property,
            unit=stream.unit,
            zone=stream.zone,
            subject=stream.subject,
            name=stream.name,
            lon=stream.lon,
            lat=stream.lat,
            interval=stream.interval / SECOND if stream.interval else None,
            status=self._order[0],
            level=highest(a.level for a in alerts),
            alerts=[a.alert for a in alerts],
        )
        return row if raw is None else self._measured(row, _decode_latest(raw))

    def _measured(self, row: StationRow, value: LatestValue) -> StationRow:
        doubt = self._doubts.get((row.station, row.property, value.status))
        score, quality, check, bound = value.score, value.quality, value.check, value.bound
        if doubt is not None:
            score = None if score is None else round(score * doubt.share)
            if quality == GOOD:  # what its own checks say goes before
                quality, check, bound = SUSPECT, doubt.check, doubt.bound
        return msgspec.structs.replace(
            row,
            unit=value.unit or row.unit,
            status=value.status,
            state=value.state,
            value=value.value,
            quality=quality,
            check=check,
            bound=bound,
            score=score,
            battery=value.battery,
            time=self._format(value.time) if value.time else None,
        )


def highest(levels: Iterable[str | None]) -> str | None:
    """The highest colour, or none. A word that a newer version may write ranks lowest, and is passed on."""
    return max((level for level in levels if level), key=lambda level: NUMBER.get(level, 0), default=None)


def _contributions(alerts: Iterable[bytes]) -> dict[Key, list[_Alert]]:
    found: dict[Key, list[_Alert]] = {}
    for alert in sorted(map(_decode_alert, alerts), key=lambda a: a.alert):
        for key in dict.fromkeys((e.station, e.property) for e in alert.evidence):
            found.setdefault(key, []).append(alert)
    return found


class Stations:
    """Keeps a StationView fresh: one read of Redis at a time, however many ask."""

    def __init__(self, site: Site, store: Store, zone_time: Callable[[int], str], status: Status) -> None:
        self.view = StationView(site, zone_time, status)
        self._store = store
        self._lock = asyncio.Lock()
        self._read_at = float("-inf")
        self._unsent: dict[Key, StationRow] = {}

    async def rows(self) -> list[StationRow]:
        """Every datastream, at most a second old."""
        async with self._lock:
            if monotonic() - self._read_at > FRESH_S:
                await self._read()
        return list(self.view.rows.values())

    async def changes(self) -> str | None:
        """What changed since this was asked last, as JSON; None when nothing did."""
        async with self._lock:
            await self._read()
            unsent, self._unsent = self._unsent, {}
        return msgspec.json.encode({"stations": list(unsent.values())}).decode() if unsent else None

    async def _read(self) -> None:
        for row in self.view.update(*await self._store.latest()):
            self._unsent[row.station, row.property] = row
        self._read_at = monotonic()


def zone_formatter(timezone: str) -> Callable[[int], str]:
    """Microseconds to RFC 3339 in the deployment's zone."""
    zone = ZoneInfo(timezone)
    return lambda time: format_time(time, zone)
