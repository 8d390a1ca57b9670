"""Triggers: what a slot's latches and its presence have to tell, with ids made of their causes."""

import math

import numpy as np

from streams.core import quality
from streams.core.fired import Fired
from streams.core.latch_plan import Number
from streams.core.slots import Slots
from streams.core.watch import Watch
from streams.models.ids import cause_id
from streams.models.signal import Trigger


def doubt_of(fired: Fired) -> int:
    """The bits of the causing row that put an edge in doubt."""
    return (fired.bits & quality.SUSPECTS if _in_doubt(fired) else 0) if fired.edge != "off" else fired.bits


def _in_doubt(fired: Fired) -> bool:
    """Whether a rise has no good value to tell: what it tells is suspect, or nothing has confirmed it yet."""
    return fired.doubtful or fired.suspect


def of_latch(slots: Slots, watch: Watch, fired: Fired, bound: str = "") -> Trigger:
    """An edge or a sighting of one condition; `bound`: behind the check that put it in doubt."""
    station, prop, status = slots.key(fired.slot)
    plan = fired.plan
    flag, check = quality.flag_of(fired.bits), quality.check_of(fired.bits)
    if fired.edge != "off":
        unsure = _in_doubt(fired)
        flag = quality.SUSPECT if unsure else quality.GOOD
        check = (quality.check_of(fired.bits & quality.SUSPECTS) or quality.EARLIER) if unsure else ""
    own = () if fired.own is None else (fired.own,)  # several late rows may tell of the same newest time
    cause = (station, prop, status, plan.hazard, plan.condition, plan.rule_version, fired.edge, fired.time, *own)
    return Trigger(
        id=cause_id("trigger", *cause),
        station=station,
        property=prop,
        edge=fired.edge,
        time=fired.time,
        hazard=plan.hazard,
        subject=watch.subject(plan.hazard, fired.slot),
        condition=plan.condition,
        value=_number(fired.score),
        unit=plan.unit,
        quality=flag,
        check=check,
        bound=bound,
        threshold=_of_variant(plan.threshold, fired),
        comparison=plan.comparison,
        score=_number(fired.chance),
        peak=_number(fired.peak),
        rule_version=plan.rule_version,
        clear=_of_variant(plan.clear, fired),
        part=plan.part,
        reading=_number(fired.reading),
        lead=_number(fired.lead),
        confirmed=fired.edge != "off" and fired.suspect and not fired.doubtful,
        first=fired.first,
    )


def _of_variant(number: Number, fired: Fired) -> float | None:
    if not isinstance(number, np.ndarray):
        return _number(number)
    return _number(float(number[fired.variant] if number.ndim else number))


def silent(slots: Slots, slot: int) -> Trigger:
    """Nothing usable for three reporting intervals. Its cause is the last observation; 0: there was none."""
    return _lost(slots, slot, "gap", max(int(slots.newest[slot]), 0), quality.NOT_EVALUATED)


def failed(slots: Slots, slot: int, time: int, bound: str, own: int | None = None) -> Trigger:
    """A value that cannot be."""
    return _lost(slots, slot, quality.check_of(quality.HARD), time, quality.FAIL, own, bound)


def _lost(
    slots: Slots, slot: int, check: str, time: int, flag: int, own: int | None = None, bound: str = ""
) -> Trigger:
    station, prop, status = slots.key(slot)
    cause = (station, prop, status, "lost", check, time, *(() if own is None else (own,)))
    trigger_id = cause_id("trigger", *cause)
    return Trigger(trigger_id, station, prop, "lost", time, quality=flag, check=check, bound=bound)


def back(slots: Slots, slot: int, time: int, own: int | None = None) -> Trigger:
    """A usable value again."""
    station, prop, status = slots.key(slot)
    cause = (station, prop, status, "back", time, *(() if own is None else (own,)))
    return Trigger(cause_id("trigger", *cause), station, prop, "back", time)


def doubt(slots: Slots, slot: int, bound: str) -> Trigger:
    """Nothing but suspect values for as long as silence would last. Its cause is the last observation."""
    station, prop, status = slots.key(slot)
    bits, time = int(slots.bits[slot]) & quality.SUSPECTS, max(int(slots.newest[slot]), 0)
    check = quality.check_of(bits) or quality.EARLIER
    cause = (station, prop, status, "doubt", check, time)
    trigger_id = cause_id("trigger", *cause)
    return Trigger(trigger_id, station, prop, "doubt", time, quality=quality.SUSPECT, check=check, bound=bound)


def trust(slots: Slots, slot: int, time: int) -> Trigger:
    """A good value again."""
    station, prop, status = slots.key(slot)
    return Trigger(cause_id("trigger", station, prop, status, "trust", time), station, prop, "trust", time)


def order(trigger: Trigger) -> tuple[str, str, str, str, str, str]:
    """The order of triggers within a signal."""
    return (trigger.hazard, trigger.subject, trigger.station, trigger.property, trigger.condition, trigger.edge)


def _number(value: float) -> float | None:
    """As it is told: twelve digits, so that a unit's conversion does not show."""
    return float(f"{value:.12g}") if math.isfinite(value) else None
