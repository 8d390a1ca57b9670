"""Triggers: what a slot's latches and its presence have to tell, with ids made of their causes."""

import math

from streams.core import quality
from streams.core.chains import Fired
from streams.core.slots import Slots
from streams.models.ids import cause_id
from streams.models.signal import Trigger


def of_latch(slots: Slots, fired: Fired) -> Trigger:
    """An edge or a sighting of one condition."""
    station, prop, status = slots.keys[fired.slot]
    plan, bits = fired.plan, int(slots.bits[fired.slot]) & quality.mask_of(fired.plan.checks)
    cause = (station, prop, status, plan.hazard, plan.condition, plan.rule_version, fired.edge, fired.time)
    return Trigger(
        id=cause_id("trigger", *cause),
        station=station,
        property=prop,
        edge=fired.edge,
        time=fired.time,
        hazard=plan.hazard,
        subject=plan.subject,
        condition=plan.condition,
        value=_number(fired.score),
        unit=plan.unit,
        quality=quality.flag_of(bits),
        check=quality.check_of(bits),
        threshold=_number(plan.threshold),
        comparison=plan.comparison,
        peak=_number(fired.peak),
        rule_version=plan.rule_version,
    )


def silent(slots: Slots, slot: int) -> Trigger:
    """Nothing usable for three reporting intervals. Its cause is the last observation."""
    return _lost(slots, slot, "gap", int(slots.newest[slot]), quality.NOT_EVALUATED)


def failed(slots: Slots, slot: int, time: int) -> Trigger:
    """A value that cannot be."""
    return _lost(slots, slot, quality.check_of(quality.HARD), time, quality.FAIL)


def _lost(slots: Slots, slot: int, check: str, time: int, flag: int) -> Trigger:
    station, prop, status = slots.keys[slot]
    trigger_id = cause_id("trigger", station, prop, status, "lost", check, time)
    return Trigger(trigger_id, station, prop, "lost", time, quality=flag, check=check)


def back(slots: Slots, slot: int, time: int) -> Trigger:
    """A usable value again."""
    station, prop, status = slots.keys[slot]
    return Trigger(cause_id("trigger", station, prop, status, "back", time), station, prop, "back", time)


def order(trigger: Trigger) -> tuple[str, str, str, str, str, str]:
    """The order of triggers within a signal."""
    return (trigger.hazard, trigger.subject, trigger.station, trigger.property, trigger.condition, trigger.edge)


def _number(value: float) -> float | None:
    """As it is told: twelve digits, so that a unit's conversion does not show."""
    return float(f"{value:.12g}") if math.isfinite(value) else None
