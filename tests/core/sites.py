"""Small sites for tests of the core, built without files."""

from streams.models.site import Condition, Datastream, Hazard, Input, Lower, Message, Site, Step, Threshold, Zone
from streams.models.times import HOUR, SECOND

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}


def zone(name="Z1"):
    return Zone(name, {"zh": f"{name}区", "en": f"Zone {name}"}, None, "unit", SQUARE)


def stream(station="S1", prop="water_level", unit="m", zone="Z1", subject=None, interval=None, **more):
    name = {"zh": station, "en": station}
    return Datastream(station, prop, unit, zone, subject or station, name, interval=interval, **more)


def above(name, on, off=None, *, unit="m", hold=0, of="stage", **more):
    clear = None if off is None else Threshold(None, off, unit)
    return Condition(name, of, "above", Threshold(None, on, unit), clear, hold=hold, **more)


def below(name, on, off=None, *, unit="m", hold=0, of="stage", **more):
    clear = None if off is None else Threshold(None, off, unit)
    return Condition(name, of, "below", Threshold(None, on, unit), clear, hold=hold, **more)


def absent(name, hold, *, of="stage"):
    return Condition(name, of, "absent", hold=hold)


def hazard(
    conditions,
    levels,
    *,
    name="flood",
    subject="reach",
    after=0,
    end="timer",
    end_red="timer",
    reopen=HOUR,
    checks=(),
    cap=2,
    inputs=None,
    steps=(),
    unit="m",
    prop="water_level",
    expires=6 * HOUR,
):
    inputs = inputs or {"stage": Input("stage", prop, unit, tuple(Step(p, a) for p, a in steps))}
    return Hazard(
        name,
        {"zh": "洪水", "en": "Flood"},
        subject,
        inputs,
        {c.name: c for c in conditions},
        levels,
        Lower(after, end, end_red, reopen),
        cap,
        tuple(checks),
        Message(expires=expires),
        "sha256:test",
    )


def site(streams, *hazards, zones=("Z1",), progress=SECOND):
    return Site(
        {z: zone(z) for z in zones},
        {s.key: s for s in streams},
        {h.name: h for h in hazards},
        progress=progress,
        properties=frozenset(s.property for s in streams),
    )


FOUR = [above("b", 3, 2.5), above("y", 4, 3.5), above("o", 5, 4.5), above("r", 6, 5.5)]
FOUR_LEVELS = {1: "b", 2: "y", 3: "o", 4: "r"}
