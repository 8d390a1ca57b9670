"""All datastreams of a site as columns: a million of them are some arrays, and no object before it is asked for."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.models.datastream import SHARED, Datastream, Name, Profile
from streams.models.datastream_columns import NONE, columns_of, given
from streams.models.packed import Packed
from streams.models.partition import hashes_of, partitions_of

__all__ = ["NONE", "Datastreams"]
MADE = 20_000  # objects that are kept for who asks again
Codes = NDArray[np.int32]
Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Datastreams(Mapping[tuple[str, str], Datastream]):
    """(station, property) -> datastream, in the order of the file; a datastream's number is its place in it.

    `profiles[profile[n]]` is what datastream n shares with others; the other columns are its own. Read only.
    """

    profiles: list[Profile]
    profile: Codes
    station_ids: bytes | memoryview  # one a line
    station: Codes
    zones: list[str]  # those that a datastream lies in
    zone: Codes
    subjects: Packed  # ids of subjects that no station is called by
    subject: Codes  # number of the station of this id, or `len(stations)` + place in `subjects`
    names: Packed
    name: Codes  # NONE: the station id in all languages
    subject_names: Packed
    subject_name: Codes
    originals: Packed
    original: Codes
    lon: Floats  # NaN: not given
    lat: Floats
    bounds: dict[str, Floats]  # by name (BOUNDS), NaN: none
    groups: list[str]  # networks
    group: Codes  # NONE: it belongs to none
    amounts: dict[str, Floats] = field(default_factory=dict)  # numbers of attributes by NAME, NaN: it has none

    @classmethod
    def of(cls, streams: Mapping[tuple[str, str], Datastream]) -> "Datastreams":
        """From objects."""
        return streams if isinstance(streams, cls) else cls(**columns_of(list(streams.values())))

    # -- as a dict ---------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.profile)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        properties = [profile.property for profile in self.profiles]
        for station, profile in zip(self.station.tolist(), self.profile.tolist(), strict=True):
            yield self.stations[station], properties[profile]

    def __getitem__(self, key: tuple[str, str]) -> Datastream:
        number = self.number(*key)
        if number is None:
            raise KeyError(key)
        return self.at(number)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and len(key) == 2 and self.number(*key) is not None

    # -- looking up --------------------------------------------------------------------------------------------------

    @cached_property
    def stations(self) -> list[str]:
        """Ids of the stations, in the order of the file."""
        return str(self.station_ids, "utf-8").split("\n") if len(self.station_ids) else []

    @cached_property
    def station_of(self) -> dict[str, int]:
        """Station id -> number of the station."""
        return dict(zip(self.stations, range(len(self.stations)), strict=True))

    @cached_property
    def property_of(self) -> dict[str, int]:
        """Property -> its column in `numbers`."""
        names = dict.fromkeys(profile.property for profile in self.profiles)
        return {name: number for number, name in enumerate(names)}

    @cached_property
    def property_of_profile(self) -> Codes:
        """Number of the property of each profile."""
        return np.array([self.property_of[profile.property] for profile in self.profiles], np.int32)

    @cached_property
    def numbers(self) -> Codes:
        """[stations, properties]: the datastream's number, NONE where a station does not measure a property."""
        found = np.full((len(self.stations), len(self.property_of)), NONE, np.int32)
        found[self.station, self.property_of_profile[self.profile]] = np.arange(len(self), dtype=np.int32)
        return found

    def number(self, station: str, property: str) -> int | None:  # noqa: A002 - as everywhere
        """The number of a datastream; None for one that the site does not have."""
        row, column = self.station_of.get(station), self.property_of.get(property)
        if row is None or column is None:
            return None
        number = int(self.numbers[row, column])
        return None if number == NONE else number

    def key(self, number: int) -> tuple[str, str]:
        """(station, property) of a datastream."""
        return self.stations[int(self.station[number])], self.profiles[int(self.profile[number])].property

    def of_station(self, station: int) -> list[int]:
        """Numbers of a station's datastreams, in the order of the file."""
        return sorted(number for number in self.numbers[station].tolist() if number != NONE)

    # -- one datastream ----------------------------------------------------------------------------------------------

    def at(self, number: int) -> Datastream:
        """The datastream of this number: made now, or a while ago."""
        found = self._made.get(number)
        if found is None:
            if len(self._made) >= MADE:
                self._made.clear()
            found = self._made[number] = self._make(number)
        return found

    @cached_property
    def _made(self) -> dict[int, Datastream]:
        return {}

    def _make(self, number: int) -> Datastream:
        station, profile = self.stations[self.station[number]], self.profiles[self.profile[number]]
        bounds: dict[str, Any] = {name: given(values[number]) for name, values in self.bounds.items()}
        original, named = int(self.original[number]), int(self.subject_name[number])
        return Datastream(
            station=station,
            zone=self.zones[self.zone[number]],
            subject=self.subject_id(int(self.subject[number])),
            name=self.name_of(number),
            lon=given(self.lon[number]),
            lat=given(self.lat[number]),
            original=None if original == NONE else self.originals[original],
            group=self.group_of(number),
            subject_name=None if named == NONE else self.subject_names[named],
            attributes={name: (float(self.amounts[name][number]), unit) for name, unit in profile.attributes},
            **{name: getattr(profile, name) for name in SHARED},
            **bounds,
        )

    def name_of(self, number: int) -> Name:
        """The name of a datastream's station."""
        code = int(self.name[number])
        if code == NONE:
            return dict.fromkeys(("zh", "en"), self.stations[self.station[number]])
        name: Name = self.names[code]
        return name

    def group_of(self, number: int) -> str | None:
        """The network that a datastream belongs to."""
        code = int(self.group[number])
        return None if code == NONE else self.groups[code]

    def subject_id(self, code: int) -> str:
        """The id behind a code of the column `subject`."""
        return self.stations[code] if code < len(self.stations) else str(self.subjects[code - len(self.stations)])

    def about(self, kind: str) -> tuple[Codes, Callable[[int], str]]:
        """What alerts of a hazard with `subject: kind` are about: a code by datastream, and the id behind a code."""
        if kind == "zone":
            return self.zone, self.zones.__getitem__
        if kind == "event":
            return self.network, self.network_id
        return (self.station, self.stations.__getitem__) if kind == "station" else (self.subject, self.subject_id)

    @cached_property
    def networks(self) -> dict[str, int]:
        """Ids of the networks that stations belong to, and their codes in `network`."""
        first = len(self.stations)
        return {name: self.station_of.get(name, first + place) for place, name in enumerate(self.groups)}

    @cached_property
    def network(self) -> Codes:
        """Code of each datastream's network; of one that belongs to none its station's number."""
        of_group = np.array([*self.networks.values(), NONE], np.int32)  # the last one: of none
        return np.where(self.group == NONE, self.station, of_group[self.group]).astype(np.int32)

    def network_id(self, code: int) -> str:
        """The id behind a code of `network`."""
        first = len(self.stations)
        return self.stations[code] if code < first else self.groups[code - first]

    @cached_property
    def home(self) -> dict[int, int]:
        """Code of a network -> zone (number) of its first station in the file: there its alerts are decided."""
        code, first = np.unique(self.network, return_index=True)
        return dict(zip(code.tolist(), self.zone[first].tolist(), strict=True))

    # -- many datastreams --------------------------------------------------------------------------------------------

    def attribute(self, name: str) -> tuple[Floats, list[str | None]]:
        """The numbers of an attribute by datastream (NaN: it has none), and its unit by profile."""
        amounts = self.amounts.get(name)
        units = [profile.unit_of(name) for profile in self.profiles]
        return np.broadcast_to(np.nan, len(self)) if amounts is None else amounts, units

    def of_property(self, names: Container[str]) -> Numbers:
        """Numbers of the datastreams of these properties."""
        wanted = np.array([profile.property in names for profile in self.profiles], np.bool_)
        return np.flatnonzero(wanted[self.profile])

    def numbers_in(self, partition: int, partitions: int) -> Numbers:
        """Numbers of the datastreams whose readings lie in this partition, in the order of the file."""
        order, ends = self._in_partitions(partitions)
        return order[ends[partition] : ends[partition + 1]]

    def places(self, partitions: int) -> Codes:
        """Of each datastream its place in `numbers_in` of its partition."""
        if partitions not in self._placed:
            order, ends = self._in_partitions(partitions)
            found = np.empty(len(self), np.int32)
            found[order] = np.arange(len(self)) - np.repeat(ends[:-1], np.diff(ends))
            self._placed[partitions] = found
        return self._placed[partitions]

    @cached_property
    def _placed(self) -> dict[int, Codes]:
        return {}

    @cached_property
    def hashes(self) -> NDArray[np.uint32]:
        """Kafka's hash of each station id."""
        return hashes_of([station.encode() for station in self.stations])

    @cached_property
    def _partitioned(self) -> dict[int, tuple[Numbers, Numbers]]:
        return {}

    def _in_partitions(self, partitions: int) -> tuple[Numbers, Numbers]:
        if partitions not in self._partitioned:
            found = partitions_of(self.hashes, partitions)[self.station]
            ends = np.searchsorted(np.sort(found), np.arange(partitions + 1))
            self._partitioned[partitions] = (np.argsort(found, kind="stable"), ends)
        return self._partitioned[partitions]
