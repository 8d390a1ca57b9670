"""What works but is probably not meant: warnings about a site as a whole."""

from collections.abc import Collection, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from streams.config.problems import Meant, Words, nearest_name
from streams.config.stations import Stations
from streams.models.datastream import Profile
from streams.models.datastreams import NONE, Datastreams, Numbers
from streams.models.site import Site

_NEAR = 0.01  # degrees: a gauge on the border of its zone is nothing to speak of


def warn(site: Site, stations: Stations) -> None:
    """Datastreams that nobody uses, that cannot be silent, that have nobody to be compared with, that stand outside."""
    profiles = site.datastreams.profiles
    unused = [profile.property not in site.hazards_of for profile in profiles]
    wanted = {one.property for hazard in site.hazards.values() for one in hazard.inputs.values() if one.property}
    _warn_of(stations, unused, "that no hazard uses", "a hazard with this property", wanted)
    silent = [(profile.interval is None, profile.reporting == "on_change") for profile in profiles]
    expected = "a reporting interval: silence cannot be judged without"
    _warn_of(stations, [none and not on_change for none, on_change in silent], "without interval", expected)
    expected = "as interval the longest time between two heartbeats: silence cannot be judged without"
    _warn_of(stations, [all(both) for both in silent], "with reporting on_change and without interval", expected)
    _warn_limits(site, stations)
    _warn_alone(site, stations)
    for number in _outside(site).tolist():
        zone = site.datastreams.zones[site.datastreams.zone[number]]
        expected = "a position inside (longitude and latitude swapped? another crs?)"
        words = Words(f"a position outside its zone {zone}")
        stations.report.warning(stations.line(number), f"station {stations.id(number)}", words, expected)


def _warn_alone(site: Site, stations: Stations) -> None:
    """Datastreams that cannot be compared with neighbours, because there are too few that could be theirs."""
    table, code, profiles = site.datastreams, site.neighbours.code, site.datastreams.profiles
    wanted = np.array(["neighbour" in site.checks_of(one) for one in profiles], np.bool_)
    compares = np.array([one.checks.compares for one in profiles], np.bool_)
    unused = "to be compared with neighbours, which no hazard wants"
    _warn_of(stations, (compares & ~wanted).tolist(), unused, "neighbour in quality.checks of a hazard")
    asked = compares & wanted
    rows = np.flatnonzero(asked[table.profile]) if asked.any() else np.empty(0, np.int64)
    least = np.array([one.checks.neighbour_least for one in profiles], np.int64)[table.profile[rows]]
    others = np.bincount(code[code != NONE])[code[rows]] - 1 if site.neighbours.ever else np.zeros(len(rows), np.int64)
    lonely = np.where(code[rows] == NONE, 0, others) < least
    expected = "others of its property, unit and datum with its group in stations.csv (neighbour_least: how many)"
    _warn_rows(stations, rows[lonely], "with too few neighbours to be compared with", expected)


def _warn_limits(site: Site, stations: Stations) -> None:
    """Hard limits that do not lie beyond the instrument's range: they fail no value at its end."""
    table = site.datastreams
    for side, beyond, within in (("min", "below", np.greater_equal), ("max", "above", np.less_equal)):
        hard, end = f"hard_{side}", f"range_{side}"
        months = _of_months(table.profiles, hard)[table.profile]
        expected = f"{hard} {beyond} {end}: a value at {end} or beyond is saturated, and this limit does not fail it"
        for limits, what in ((table.bounds[hard], hard), *((column, f"{hard} of a month") for column in months.T)):
            rows = np.flatnonzero(within(limits, table.bounds[end]))
            rows = rows[[not _rests(table, row, end) for row in rows.tolist()]] if len(rows) else rows
            _warn_rows(stations, rows, f"with {what} not {beyond} {end}", expected)


def _rests(table: Datastreams, row: int, end: str) -> bool:
    """Whether the range ends at a value of rest: there the limit fails what lies beyond."""
    return bool(table.bounds[end][row] in table.profiles[table.profile[row]].rest)


def _of_months(profiles: Sequence[Profile], limit: str) -> NDArray[np.float64]:
    """The innermost of a limit in the months that have their own: [profiles, 0 or 1], NaN for none."""
    own = [[value for _, name, value in one.checks.months if name == limit] for one in profiles]
    if not any(own):
        return np.empty((len(own), 0))
    innermost = min if limit.endswith("max") else max
    return np.array([[innermost(some, default=np.nan)] for some in own])


def _warn_of(stations: Stations, chosen: list[bool], what: str, expected: str, near: Collection[str] = ()) -> None:
    """One warning a property: a thousand rain gauges have one cause."""
    table = stations.table
    rows = np.flatnonzero(np.array(chosen, np.bool_)[table.profile]) if any(chosen) else np.empty(0, np.int64)
    _warn_rows(stations, rows, what, expected, near)


def _warn_rows(stations: Stations, rows: Numbers, what: str, expected: str, near: Collection[str] = ()) -> None:
    table = stations.table
    properties = table.property_of_profile[table.profile[rows]]
    _, first = np.unique(properties, return_index=True)
    for n in np.sort(first).tolist():
        same = rows[properties == properties[n]]
        some = ", ".join(map(stations.id, same[:3].tolist())) + (" …" if len(same) > 3 else "")
        words = Words(f"{len(same)} datastream{'' if len(same) == 1 else 's'} {what} ({some})")
        name = table.profiles[table.profile[rows[n]]].property
        meant = nearest_name(name, near)
        stations.report.warning(
            stations.line(same[0]), f"property {name}", words, expected, Meant(meant) if meant else ()
        )


def _outside(site: Site) -> Numbers:
    """Numbers of the datastreams that lie outside their zone, and not just by a little."""
    table = site.datastreams
    placed = np.flatnonzero(~np.isnan(table.lon))
    placed = placed[np.argsort(table.zone[placed], kind="stable")]
    found = [np.empty(0, np.int64)]
    for rows in np.split(placed, np.flatnonzero(np.diff(table.zone[placed])) + 1):
        if len(rows):
            area = shape(site.zones[table.zones[table.zone[rows[0]]]].geometry)
            shapely.prepare(area)
            out = rows[~shapely.contains_xy(area, table.lon[rows], table.lat[rows])]
            found.append(out[shapely.distance(shapely.points(table.lon[out], table.lat[out]), area) > _NEAR])
    return np.sort(np.concatenate(found))
