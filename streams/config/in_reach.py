"""How many different subjects, or zones, there are at most whose alerts count for a condition of several."""

from collections.abc import Iterator, Mapping

import numpy as np

from streams.models.datastreams import Codes, Datastreams, Numbers
from streams.models.site import AlertCondition, Condition, Hazard, Reach

Names = dict[str, set[int]]  # reach -> codes of what lies at it


def most_in_reach(
    one: AlertCondition, ours: Hazard, theirs: Hazard, reaches: Mapping[str, Reach], table: Datastreams
) -> int | None:
    """At whichever of our subjects it is most. None: nobody can say, as zones have alerts that no datastream feeds."""
    if _is_one(one, theirs):
        return 1
    if theirs.subject == "zone" and not all(isinstance(c, Condition) for c in theirs.conditions.values()):
        return None
    rows = _rows(theirs, table)
    places = table.about("zone" if one.by == "zone" else theirs.subject)[0]
    if one.relation in ("upstream", "downstream"):
        return _along(one, ours, theirs, reaches, table)
    if one.relation == "zone" and theirs.subject != "event":
        return _most(table.zone[rows], places[rows])
    if one.relation == "subject":
        return _most(table.about(theirs.subject)[0][rows], places[rows])
    return len(np.unique(places[rows]))


def _is_one(one: AlertCondition, theirs: Hazard) -> bool:
    """The same zone or the same subject is what is counted."""
    whole_zone = theirs.subject == "zone"
    same_zone = one.relation == "zone" and (whole_zone or one.by == "zone")
    return same_zone or (one.relation == "subject" and (whole_zone or one.by == "subject"))


def _rows(hazard: Hazard, table: Datastreams) -> Numbers:
    """The datastreams that make up its subjects: all, where it only waits for others."""
    return table.of_property(hazard.properties) if hazard.properties else np.arange(len(table))


def _most(where: Codes, places: Codes) -> int:
    """The most different places at one of `where`."""
    if not len(where):
        return 0
    pairs = np.unique(np.stack([where, places]), axis=1)
    return int(np.unique(pairs[0], return_counts=True)[1].max())


def _along(one: AlertCondition, ours: Hazard, theirs: Hazard, reaches: Mapping[str, Reach], table: Datastreams) -> int:
    """Their places at each reach, carried to the reaches where they matter, and there to our subjects."""
    there = _at_reaches(theirs, theirs.subject if one.by == "subject" else "zone", reaches, table)
    found: Names = {}
    for above in reaches:
        for below in (above, *_down(above, reaches, one.within)):
            at, from_ = (below, above) if one.relation == "upstream" else (above, below)
            found.setdefault(at, set()).update(there.get(from_, ()))
    here: dict[int, set[int]] = {}
    for reach, subjects in _at_reaches(ours, ours.subject, reaches, table).items():
        for subject in subjects:
            here.setdefault(subject, set()).update(found.get(reach, ()))
    own = ours.name == theirs.name and one.by == "subject"  # an own alert is no other alert
    return max((len(places - {subject} if own else places) for subject, places in here.items()), default=0)


def _at_reaches(hazard: Hazard, kind: str, reaches: Mapping[str, Reach], table: Datastreams) -> Names:
    """What lies at each reach, of the datastreams that make up a hazard's subjects."""
    rows = _rows(hazard, table)
    codes, named = table.about("reach")
    pairs = np.unique(np.stack([codes[rows], table.about(kind)[0][rows]]), axis=1)
    found: Names = {}
    for reach, place in pairs.T.tolist():
        if (name := named(reach)) in reaches:
            found.setdefault(name, set()).add(place)
    return found


def _down(reach: str, reaches: Mapping[str, Reach], metres: float | None) -> Iterator[str]:
    """The reaches that its water comes to within so many metres. Rivers do not flow in circles (reaches.py)."""
    at, gone = reaches[reach], 0.0
    while at.downstream is not None and at.downstream in reaches:
        gone += at.length
        if metres is not None and gone > metres:
            return
        yield at.downstream
        at = reaches[at.downstream]
