"""A checked configuration as plain values and arrays, and back. No pickle: it may lie in a folder for a while."""

from dataclasses import replace
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.config.loaded import Loaded
from streams.config.problems import Problem
from streams.models.datastream import Profile
from streams.models.datastreams import Datastreams
from streams.models.packed import Packed
from streams.models.settings import App, Topics
from streams.models.site import AlertCondition, AnyCondition, Condition, Hazard, Reach, ReportCondition, Site, Zone
from streams.models.units import Conversion, know, known_conversions

Arrays = dict[str, NDArray[Any]]
_PACKED = ("subjects", "names", "subject_names", "originals")
_CODES = ("profile", "station", "zone", "subject", "name", "subject_name", "original", "group")
_SITE = ("timezone", "progress", "remember", "version", "exercise")  # as they are
_HINTS = get_type_hints(Hazard)


def head_of(found: Loaded, folder: Path) -> tuple[dict[str, Any], Arrays]:
    """The head and the arrays of a file."""
    site, table = found.site, found.site.datastreams
    head = {
        "app": found.app.model_dump(mode="json"),
        "topics": found.topics.model_dump(mode="json"),
        "warnings": [_below(one, folder) for one in found.warnings],
        "zones": list(site.zones.values()),
        "hazards": list(site.hazards.values()),
        "site": {name: getattr(site, name) for name in _SITE},
        "properties": sorted(site.properties),
        "report_kinds": sorted(site.report_kinds),
        "reaches": list(site.reaches.values()),
        "profiles": table.profiles,
        "zone_ids": table.zones,
        "groups": table.groups,
        "conversions": list(known_conversions().items()),
    }
    return head, _arrays(table)


def loaded_of(head: dict[str, Any], arrays: Arrays, folder: Path) -> Loaded:
    """What `head_of` was given; its warnings speak of the files as they are called from here."""
    know(dict(msgspec.convert(head["conversions"], list[tuple[tuple[str, str], Conversion]])))
    zones = msgspec.convert(head["zones"], list[Zone])
    hazards = [_hazard(one) for one in head["hazards"]]
    site = Site(
        zones={zone.id: zone for zone in zones},
        datastreams=_table(head, arrays),
        hazards={hazard.name: hazard for hazard in hazards},
        properties=frozenset(head["properties"]),
        report_kinds=frozenset(head["report_kinds"]),
        reaches={one.id: one for one in msgspec.convert(head["reaches"], list[Reach])},
        **head["site"],
    )
    told = msgspec.convert(head["warnings"], list[Problem])
    warnings = [replace(one, file=str(folder / one.file)) for one in told]
    return Loaded(App.model_validate(head["app"]), Topics.model_validate(head["topics"]), site, warnings)


def _below(warning: Problem, folder: Path) -> Problem:
    return replace(warning, file=warning.file.removeprefix(f"{folder}/"), found=str(warning.found))


def _hazard(found: dict[str, Any]) -> Hazard:
    given = {name: value for name, value in found.items() if name != "conditions"}
    fitted: dict[str, Any] = {name: msgspec.convert(value, _HINTS[name]) for name, value in given.items()}
    conditions = {name: _condition(one) for name, one in found["conditions"].items()}
    return Hazard(**fitted, conditions=conditions)


def _condition(found: dict[str, Any]) -> AnyCondition:
    """Which kind of condition it is, the field that no other kind has says."""
    if "relation" in found:
        return msgspec.convert(found, AlertCondition)
    if "kinds" in found:
        return msgspec.convert(found, ReportCondition)
    return msgspec.convert(found, Condition)


def _arrays(table: Datastreams) -> Arrays:
    found: Arrays = {"station_ids": np.frombuffer(table.station_ids, np.uint8), "hashes": table.hashes}
    for name in _PACKED:
        packed: Packed = getattr(table, name)
        found |= {f"{name} blob": np.frombuffer(packed.blob, np.uint8), f"{name} ends": packed.ends}
    found |= {name: getattr(table, name) for name in (*_CODES, "lon", "lat")}
    found |= {f"bound {name}": values for name, values in table.bounds.items()}
    return found | {f"amount {name}": values for name, values in table.amounts.items()}


def _table(head: dict[str, Any], arrays: Arrays) -> Datastreams:
    def named(kind: str) -> Arrays:
        return {name.removeprefix(kind): values for name, values in arrays.items() if name.startswith(kind)}

    packed: dict[str, Any] = {name: Packed(arrays[f"{name} blob"].data, arrays[f"{name} ends"]) for name in _PACKED}
    columns: dict[str, Any] = {name: arrays[name] for name in (*_CODES, "lon", "lat")}
    table = Datastreams(
        profiles=msgspec.convert(head["profiles"], list[Profile]),
        zones=head["zone_ids"],
        groups=head["groups"],
        station_ids=arrays["station_ids"].data,
        **packed,
        **columns,
        bounds=named("bound "),
        amounts=named("amount "),
    )
    table.__dict__["hashes"] = arrays["hashes"]  # as if it had been asked for
    return table
