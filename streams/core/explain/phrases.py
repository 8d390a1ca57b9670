"""Parts of sentences that need nothing but a condition or a latch."""

from streams.core.explain.names import ATTRIBUTES_ZH
from streams.core.explain.words import NOTHING, Said, amount, far, kinds_of, lasting
from streams.core.picture import Latch
from streams.models.signal import Trigger
from streams.models.site import Condition, Forecast, ReportCondition, Threshold


def reported(condition: ReportCondition, who: str, *, needed: bool = False) -> Said:
    """So many people report something."""
    kinds, within = kinds_of(condition.kinds), lasting(condition.within)
    near = Said(f"、相距 {far(condition.near)}内", f", within {far(condition.near)}") if condition.near else NOTHING
    want = Said(f"（需 {condition.at_least} 人）", f" ({condition.at_least} needed)") if needed else NOTHING
    people = "person" if who == "1" else "people"
    zh = f"{within.zh}内{near.zh} {who} 人报告 {kinds.zh}{want.zh}"
    return Said(zh, f"{who} {people} reporting {kinds.en} within {within.en}{near.en}{want.en}")


def at(where: Said, what: Said) -> Said:
    """A quantity at a station."""
    return Said(f"{where.zh} {what.zh}", f"{what.en} at {where.en}")


def has_been(condition: Condition, how: str, last: Trigger) -> Said:
    """Of a condition whose newest value is between its two thresholds: that it was beyond, and when it is over."""
    if last.clear is None or last.clear == last.threshold:
        return Said(f"曾 {how}", f"was {how}")
    clear = amount(last.clear, last.unit)
    if condition.kind == "below":
        return Said(f"曾 {how}，升过 {clear} 才解除", f"was {how}, is over above {clear}")
    return Said(f"曾 {how}，降至 {clear} 以下才解除", f"was {how}, is over below {clear}")


def forecast_of(what: Said, limit: Said, forecast: Forecast, *, still: bool = True) -> Said:
    """What a line through the newest values will reach, or does no longer."""
    within = lasting(forecast.within)
    does = Said("预计", "is forecast") if still else Said("不再预计", "is no longer forecast")
    zh = f"{what.zh}{does.zh} {within.zh}内达到 {limit.zh}"
    return Said(zh, f"{what.en} {does.en} to reach {limit.en} within {within.en}")


def also_asked(condition: Condition) -> Said:
    """How long, or how often, it has to be so."""
    if condition.samples is not None:
        n, of = condition.samples
        return Said(f"，{of} 次中 {n} 次", f" in {n} of {of} readings")
    if condition.hold and condition.kind != "absent":
        return Said(f"，持续 {lasting(condition.hold).zh}", f" for {lasting(condition.hold).en}")
    return NOTHING


def limit_of(threshold: Threshold | None, unit: str) -> Said:
    """A threshold as the file says it."""
    if threshold is None:
        return Said("?", "?")
    if threshold.attribute is None:
        return Said(*[amount(threshold.offset, threshold.unit or unit)] * 2)
    offset = ""
    if threshold.offset:
        offset = f" {'+' if threshold.offset > 0 else '−'} {amount(abs(threshold.offset), threshold.unit)}"
    name = threshold.attribute
    if name in ATTRIBUTES_ZH:
        said = name if "_" in name else f'station value "{name}"'  # `alert` alone would be another word
        return Said(f"{ATTRIBUTES_ZH[name]}{offset}", f"{said}{offset}")
    return Said(f"站点参数“{name}”{offset}", f'station value "{name}"{offset}')


def beyond(latch: Latch) -> float:
    """How far beyond its threshold, as a share of it."""
    last = latch.last
    if last.value is None or last.threshold is None:
        return 0.0
    return abs(last.value - last.threshold) / (abs(last.threshold) or 1.0)
