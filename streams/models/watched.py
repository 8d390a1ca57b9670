"""Where each hazard is watched for, by the site alone: which zones have datastreams for it, and which have none."""

from collections import Counter

import numpy as np

from streams.models.site import Hazard, Site
from streams.models.zone_tree import ZoneTree


def at_home(site: Site, hazard: Hazard) -> Counter[str]:
    """Zone -> datastreams that watch for a hazard, where it is decided: of events where the network is at home."""
    table = site.datastreams
    numbers = table.of_property(hazard.properties)
    if hazard.subject == "event":
        codes, counts = np.unique(table.network[numbers], return_counts=True)
        zones = np.array([table.home[code] for code in codes.tolist()], np.int64)
    else:
        zones, counts = np.unique(table.zone[numbers], return_counts=True)
    found: Counter[str] = Counter()
    for zone, count in zip(zones.tolist(), counts.tolist(), strict=True):
        found[table.zones[zone]] += count
    return found


def coverage(site: Site) -> dict[str, dict[str, int]]:
    """Zone -> hazard -> datastreams that watch for it there and in all that lies within.

    Only hazards that have datastreams somewhere: one without any is not in use. They count where they stand.
    """
    tree, table = ZoneTree(site.zones), site.datastreams
    above = {zone: (zone, *tree.ancestors(zone)) for zone in site.zones}
    found: dict[str, dict[str, int]] = {zone: {} for zone in site.zones}
    for name, hazard in sorted(site.hazards.items()):
        codes, counts = np.unique(table.zone[table.of_property(hazard.properties)], return_counts=True)
        for its in found.values() if len(codes) else ():
            its[name] = 0
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
            for zone in above.get(table.zones[code], ()):
                found[zone][name] += count
    return found


def unwatched(site: Site) -> dict[str, list[str]]:
    """Zone -> hazards in use that nobody watches for there: nothing is known of them, which is not normal."""
    return {zone: [name for name, count in its.items() if not count] for zone, its in coverage(site).items()}
