"""Hazards that wait for alerts of other hazards: whether those exist, and that no alert waits for itself."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from streams.config.hazards import HazardFile
from streams.config.in_reach import most_in_reach
from streams.config.problems import Words, listed
from streams.config.stations import Stations
from streams.models.level import COLOURS
from streams.models.site import AlertCondition, Reach

_ALONG = ("upstream", "downstream")


def check_cascades(files: Sequence[HazardFile], declared: set[str]) -> None:
    """Unknown hazards and circles. `declared` are all hazard files, also those that are wrong in themselves."""
    edges = {file.hazard.name: [(file, one) for one in _alerts(file)] for file in files}
    for file, one in (edge for found in edges.values() for edge in found):
        if one.hazard not in declared:
            place = _place(file, one.name, "alert")
            expected = f"one of the hazards {listed(declared)}"
            file.table.report.error(place, f"conditions.{one.name}.alert", one.hazard, expected, declared)
    for circle in _circles(edges):
        file, one = circle[0]
        words = Words(" → ".join((*(edge[0].hazard.name for edge in circle), file.hazard.name)))
        expected = "alerts that do not wait for themselves: no way back to the hazard that it began with"
        file.table.report.error(_place(file, one.name, "alert"), f"conditions.{one.name}.alert", words, expected)


def warn_cascades(files: Sequence[HazardFile], reaches: dict[str, Reach], stations: Stations) -> None:
    """Alerts of hazards that are not loaded, of levels they never reach, along a river that nobody has described."""
    loaded = {file.hazard.name: file for file in files}
    for file in files:
        for one in _alerts(file):
            where, other = f"conditions.{one.name}", loaded.get(one.hazard)
            if other is None:
                words = Words(f"alerts of {one.hazard}, which `hazards: {{use: …}}` in app.yaml leaves out")
                file.table.report.warning(_place(file, one.name, "alert"), where, words, "that hazard among them")
            elif not any(level >= one.at_least for level in other.hazard.levels):
                words = Words(f"alerts of {one.hazard} from {COLOURS[one.at_least - 1]} on, which it never reaches")
                file.table.report.warning(_place(file, one.name, "at_least"), where, words, "a level that it has")
            if one.relation in _ALONG and other is not None:
                _warn_river(file, one, other, reaches, stations)
            if one.count > 1 and other is not None and (reaches or one.relation not in _ALONG):
                _warn_few(file, one, most_in_reach(one, file.hazard, other.hazard, reaches, stations.table))


def _warn_few(file: HazardFile, one: AlertCondition, most: int | None) -> None:
    if most is not None and most < one.count:
        many = f"{one.count} {one.by}s with an alert of {one.hazard}"
        words = Words(f"{many}, but no subject of {file.hazard.name} has more than {most} where they count")
        where = f"conditions.{one.name}.count"
        file.table.report.warning(_place(file, one.name, "count"), where, words, "as many as there are")


def _alerts(file: HazardFile) -> list[AlertCondition]:
    return [one for one in file.conditions.values() if isinstance(one, AlertCondition)]


def _place(file: HazardFile, *keys: str) -> tuple[int, int]:
    node: Any = file.table.node.value["conditions"].value[keys[0]]
    return tuple(node.value[keys[1]].at) if keys[1] in node.value else node.keys.get(keys[1], node.at)


def _warn_river(
    file: HazardFile, one: AlertCondition, other: HazardFile, reaches: dict[str, Reach], stations: Stations
) -> None:
    where = f"conditions.{one.name}.{one.relation}"
    if not reaches:
        expected = "reaches.csv with the columns reach, downstream, length_m: without it this never holds"
        file.table.report.warning(_place(file, one.name, one.relation), where, Words("no river graph"), expected)
        return
    for hazard in dict.fromkeys((file.hazard.name, other.hazard.name)):
        found = file.hazard if hazard == file.hazard.name else other.hazard
        table = stations.table
        rows = table.of_property(found.properties)
        codes, named = table.about(found.subject)
        lacking = [name for code in np.unique(codes[rows]).tolist() if (name := named(code)) not in reaches]
        if lacking:
            some = ", ".join(lacking[:3]) + (" …" if len(lacking) > 3 else "")
            words = Words(f"subjects of {hazard} that are no reach: {some}")
            expected = "the column subject of stations.csv filled with reaches of reaches.csv"
            file.table.report.warning(_place(file, one.name, one.relation), where, words, expected)


def _circles(
    edges: dict[str, list[tuple[HazardFile, AlertCondition]]],
) -> Iterator[list[tuple[HazardFile, AlertCondition]]]:
    """Each circle once, from its first hazard by name. Along a river a hazard may wait for itself: water runs down."""
    for start in sorted(edges):
        way = _way_back(start, edges)
        if way and min(edge[0].hazard.name for edge in way) == start:
            yield way


def _way_back(
    start: str, edges: dict[str, list[tuple[HazardFile, AlertCondition]]]
) -> list[tuple[HazardFile, AlertCondition]]:
    """The shortest chain of conditions from a hazard to itself."""
    ways: list[list[tuple[HazardFile, AlertCondition]]] = [[edge] for edge in edges[start]]
    seen = {start}
    while ways:
        longer = []
        for way in ways:
            one = way[-1][1]
            if one.hazard == start and not (len(way) == 1 and one.relation in _ALONG):
                return way
            if one.hazard not in seen:
                seen.add(one.hazard)
                longer += [[*way, edge] for edge in edges.get(one.hazard, ())]
        ways = longer
    return []
