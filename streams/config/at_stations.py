"""Thresholds of a hazard as numbers at the datastreams that feed it, many at once."""

import numpy as np
from numpy.typing import NDArray

from streams.config.hazards import HazardFile
from streams.config.stations import Stations
from streams.models.datastreams import Floats, Numbers
from streams.models.site import Condition, Threshold
from streams.models.units import UnitError, conversion


def fed_by(file: HazardFile, condition: Condition, stations: Stations) -> Numbers:
    """Numbers of the datastreams that a condition is judged at."""
    return stations.table.of_property({file.hazard.inputs[condition.input].property})


def resolved(threshold: Threshold | None, unit: str, stations: Stations, rows: Numbers) -> Floats:
    """A threshold at some datastreams in an input's unit; NaN where it cannot be known."""
    found = np.full(len(rows), np.nan)
    if threshold is None:
        return found
    change = conversion(threshold.unit, unit)
    if threshold.attribute is None:
        found[:] = change(threshold.offset)
        return found
    values, units = stations.table.attribute(threshold.attribute)
    profile = stations.table.profile[rows]
    for own in {units[n] for n in np.unique(profile).tolist()} - {None}:
        of_unit: NDArray[np.bool_] = np.array([one == own for one in units])[profile]
        try:
            found[of_unit] = conversion(str(own), unit).array(values[rows[of_unit]])
        except UnitError:
            continue  # said by `agreement`
    return found + change.difference(threshold.offset)


def bounds_of(file: HazardFile, condition: Condition, stations: Stations, rows: Numbers) -> tuple[Floats, Floats]:
    """The lowest and highest value that each datastream can have, in the input's unit; infinite where nobody says."""
    unit, table = file.hazard.inputs[condition.input].unit, stations.table
    low, high = np.full(len(rows), -np.inf), np.full(len(rows), np.inf)
    profile = table.profile[rows]
    for number in np.unique(profile).tolist():
        own = profile == number
        try:
            change = conversion(table.profiles[number].unit, unit)
        except UnitError:
            continue
        for name in ("range", "hard"):
            least, most = (change.array(table.bounds[f"{name}_{end}"][rows[own]]) for end in ("min", "max"))
            low[own], high[own] = np.fmax(low[own], least), np.fmin(high[own], most)
    return low, high
