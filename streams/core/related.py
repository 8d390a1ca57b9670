"""Where an alert matters to another hazard: the same zone or subject, nearby, upstream, downstream."""

import math
from collections.abc import Callable, Container, Iterator
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry import MultiPoint, shape
from shapely.geometry.base import BaseGeometry

from streams.core.geography import DEGREE, EARTH
from streams.core.river import River
from streams.models.datastream import Datastream
from streams.models.site import AlertCondition, Hazard, Site

Home = tuple[str, str]  # zone, and what an alert there is about
Floats = NDArray[np.float64]
FLAT = 89.0  # nearer to a pole than this, longitudes say nothing


class _Every(Container[str]):
    """All properties: a hazard that only waits for other alerts speaks of whatever there is."""

    def __contains__(self, _: object) -> bool:
        return True


EVERY = _Every()


def properties_of(hazard: Hazard) -> Container[str]:
    """The properties of the datastreams that make up a hazard's subjects."""
    return hazard.properties or EVERY


def home_of(hazard: Hazard, stream: Datastream) -> Home:
    """In which zone, and about what, alerts of a hazard are that a datastream raises."""
    return stream.zone, hazard.subject_of(stream)


class Related:
    """Finds subjects by their relation to one that has an alert."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._ways: dict[str, Callable[[AlertCondition, Hazard, Hazard, Home], Iterator[Home]]] = {
            "zone": self._in_zone, "subject": self._same, "near": self._near, "upstream": self._river,
            "downstream": self._river,
        }  # fmt: skip

    def of(self, condition: AlertCondition, ours: Hazard, theirs: Hazard, home: Home) -> list[Home]:
        """Our subjects to which an alert of their hazard at `home` matters, by zone and name; never its own."""
        found = set(self._ways[condition.relation](condition, ours, theirs, home))
        return sorted(found - ({home} if ours is theirs else set()))

    # -- by name -----------------------------------------------------------------------------------------------------

    def _in_zone(self, _: AlertCondition, ours: Hazard, __: Hazard, home: Home) -> Iterator[Home]:
        zone = home[0]
        if ours.subject == "zone":
            yield zone, zone
            return
        for name in self._site.members.subjects_in(zone, ours.subject, properties_of(ours)):
            yield zone, name

    def _same(self, _: AlertCondition, ours: Hazard, __: Hazard, home: Home) -> Iterator[Home]:
        name = home[1]
        if ours.subject == "zone":
            if name in self._site.zones:
                yield name, name
            return
        for stream in self.streams(ours.subject, name, properties_of(ours)):
            yield stream.zone, name

    def streams(self, kind: str, name: str, properties: Container[str] = EVERY) -> list[Datastream]:
        """The datastreams of a subject."""
        return [self._site.datastreams[key] for key in self._site.members.of(kind, name, properties)]

    # -- along the river ---------------------------------------------------------------------------------------------

    @cached_property
    def _rivers(self) -> River:
        return River(self._site.reaches)

    def _river(self, condition: AlertCondition, ours: Hazard, theirs: Hazard, home: Home) -> Iterator[Home]:
        """`upstream`: an alert upstream of us matters, so we are downstream of it. The same reach counts as well."""
        metres = float("inf") if condition.within is None else condition.within
        found = self._reaches(theirs, home)
        for reach in list(found):
            way = self._rivers.downstream_of if condition.relation == "upstream" else self._rivers.upstream_of
            found.update(way(reach, metres))
        wanted = EVERY if ours.subject == "zone" else properties_of(ours)
        for reach in found:
            for stream in self.streams("reach", reach, wanted):
                yield home_of(ours, stream)

    def _reaches(self, theirs: Hazard, home: Home) -> set[str]:
        """The reaches that an alert is about, or that its datastreams lie at."""
        zone, name = home
        if theirs.subject != "zone" and name in self._site.reaches:
            return {name}
        found = self.streams(theirs.subject, zone if theirs.subject == "zone" else name)
        return {stream.subject for stream in found if stream.subject in self._site.reaches}

    # -- nearby ------------------------------------------------------------------------------------------------------

    def _near(self, condition: AlertCondition, ours: Hazard, theirs: Hazard, home: Home) -> Iterator[Home]:
        there, metres = self.shape_of(theirs, home), condition.within or 0.0
        if there is None:
            return
        west, _, east, _ = _box(there, metres)
        for shift in (0, *((360,) if west < -180 else ()), *((-360,) if east > 180 else ())):  # the 180th meridian
            yield from self._around(translate(there, shift), metres, ours)

    def _around(self, there: BaseGeometry, metres: float, ours: Hazard) -> Iterator[Home]:
        west, south, east, north = _box(there, metres)
        if ours.subject == "zone":
            names, shapes, bounds = self._zones
            fits = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
            near = np.flatnonzero(fits)
            for number in near[_apart(there, shapes[near]) <= metres].tolist():
                yield names[number], names[number]
            return
        table = self._site.datastreams
        numbers = table.of_property(properties_of(ours))
        lon, lat = table.lon[numbers], table.lat[numbers]
        near = numbers[(lon <= east) & (lon >= west) & (lat <= north) & (lat >= south)]
        points = np.asarray(shapely.points(table.lon[near], table.lat[near]), np.object_)
        for number in near[_apart(there, points) <= metres].tolist():
            stream = table.at(number)
            yield home_of(ours, stream)

    def shape_of(self, hazard: Hazard, home: Home) -> BaseGeometry | None:
        """Where a subject is: its zone, or its stations."""
        zone, name = home
        if hazard.subject == "zone":
            known = self._site.zones.get(zone)
            return None if known is None else shape(known.geometry)
        places = {(s.lon, s.lat) for s in self.streams(hazard.subject, name) if s.lon is not None and s.lat is not None}
        return MultiPoint(sorted(places)) if places else None

    @cached_property
    def _zones(self) -> tuple[list[str], NDArray[np.object_], Floats]:
        zones = self._site.zones
        shapes = np.array([shape(zone.geometry) for zone in zones.values()], np.object_)
        return list(zones), shapes, shapely.bounds(shapes)


def _box(there: BaseGeometry, metres: float) -> tuple[float, float, float, float]:
    """West, south, east and north of what may lie within a distance of a shape."""
    west, south, east, north = there.bounds
    high = metres / DEGREE * 1.001 + 1e-9
    widest = max(abs(south), abs(north)) + high
    wide = 360.0 if widest > FLAT else high / math.cos(math.radians(widest))
    return west - wide, south - high, east + wide, north + high


def _apart(there: BaseGeometry, shapes: NDArray[np.object_]) -> Floats:
    """Metres between one shape and each of some, at their nearest points."""
    if not len(shapes):
        return np.empty(0)
    _, south, _, north = there.bounds
    scale = np.array([max(0.01, math.cos(math.radians((south + north) / 2))), 1.0])
    flat = shapely.transform(np.array([there, *shapes], np.object_), lambda at: at * scale)
    ends = shapely.get_coordinates(shapely.shortest_line(flat[0], flat[1:])).reshape(-1, 4) / np.tile(scale, 2)
    return np.asarray(EARTH.inv(*ends.T)[2], np.float64)
