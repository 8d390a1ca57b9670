"""One condition in words: what it says, why it holds, what would make it hold, what would end it."""

from streams.core.explain import elsewhere
from streams.core.explain.names import quantity
from streams.core.explain.phrases import also_asked, at, beyond, forecast_of, has_been, limit_of, reported
from streams.core.explain.scene import Scene
from streams.core.explain.words import (
    NOTHING,
    Said,
    amount,
    apart,
    check_of,
    figure,
    kinds_of,
    lasting,
    named,
    sign,
)  # fmt: skip
from streams.core.picture import Key, Latch
from streams.models.signal import Trigger
from streams.models.site import AlertCondition, AnyCondition, Condition, Forecast, Input, ReportCondition


class Conditions:
    """The words for one scene."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    # -- what a condition says ---------------------------------------------------------------------------------------

    def label(self, condition: AnyCondition) -> Said:
        """Whatever the values are now: `water level ≥ 5 m`."""
        if isinstance(condition, ReportCondition):
            return reported(condition, str(condition.at_least))
        if isinstance(condition, AlertCondition):
            return elsewhere.awaited(self.scene, condition)
        what, unit = quantity(self._input(condition)), self.scene.hazard.inputs[condition.input].unit
        if condition.kind == "absent":
            return Said(
                f"{lasting(condition.hold).zh}无{what.zh}数据", f"no {what.en} for {lasting(condition.hold).en}"
            )
        limit, how = limit_of(self.scene.thresholds(condition)[0], unit), sign(condition)
        if condition.forecast is not None:
            return forecast_of(what, limit, condition.forecast)
        return Said(f"{what.zh} {how} {limit.zh}", f"{what.en} {how} {limit.en}")

    def _input(self, condition: Condition) -> Input:
        return self.scene.hazard.inputs[condition.input]

    # -- why it holds ------------------------------------------------------------------------------------------------

    def because(self, condition: AnyCondition) -> Said:
        """A condition that holds: the values of the moment."""
        if isinstance(condition, ReportCondition):
            return reported(condition, str(self._reporters(condition)), needed=True)
        if isinstance(condition, AlertCondition):
            return elsewhere.found(self.scene, condition)
        on = sorted(self.scene.on.get(condition.name, ()), key=lambda item: (-beyond(item[1]), item[0]))
        if not on:
            return NOTHING
        said = self._because_value(condition, *on[0])
        others = len(on) - 1
        more = Said(f"；另有 {others} 处", f"; {others} more") if others else NOTHING
        return Said(said.zh + more.zh, said.en + more.en)

    def _because_value(self, condition: Condition, key: Key, latch: Latch) -> Said:
        last, where, what = latch.last, self.station(key), quantity(self._input(condition))
        gone = self.scene.picture.gone(key)
        check, said_bound = self.scene.doubt(key, latch)
        doubt, bound = check_of(check), f" ({said_bound})" if said_bound else ""
        marked = Said(f"，存疑：{doubt.zh}{bound}", f", doubtful: {doubt.en}{bound}") if doubt.en else NOTHING
        if gone:
            marked = Said(f"，现无数据：{check_of(gone).zh}", f", no data now: {gone}")
        if condition.forecast is not None:
            said = self._because_forecast(condition, condition.forecast, key, last)
            return Said(said.zh + marked.zh, said.en + marked.en)
        if condition.kind == "absent" or last.value is None:
            label = self.label(condition)
            return Said(f"{where.zh}：{label.zh}", f"{label.en} from {where.en}")
        also, (value, limit) = also_asked(condition), self._value_and_limit(condition, key, last)
        zh = f"{where.zh} {what.zh} {value}（{limit.zh}{also.zh}）{marked.zh}"
        return Said(zh, f"{what.en} at {where.en} is {value} ({limit.en}{also.en}){marked.en}")

    def _value_and_limit(self, condition: Condition, key: Key, last: Trigger) -> tuple[str, Said]:
        """`4.62 m` and `≥ 4 m`: only what is beyond a threshold that counts itself may be printed as on it.

        A value that has come back behind it, not yet behind where it clears: `was ≥ 4 m, is over below 3.5 m`.
        """
        shown, limit = self._shown(condition, key, last), last.threshold
        if limit is None:
            return amount(shown, last.unit), NOTHING
        holds = shown <= limit if condition.kind == "below" else shown >= limit
        value, edge = apart(shown, limit, last.unit, touching=holds and not condition.strict)
        how = f"{sign(condition)} {edge}"
        return value, Said(how, how) if holds else has_been(condition, how, last)

    def _shown(self, condition: Condition, key: Key, last: Trigger) -> float:
        """The newest value that is known, if it is beyond the threshold too; else what was said when it was."""
        newest = self.scene.value(key, condition)
        turn = -1.0 if condition.kind == "below" else 1.0
        holds = newest is not None and last.threshold is not None and turn * (newest - last.threshold) >= 0
        return newest if holds and newest is not None else last.value or 0.0

    def _because_forecast(self, condition: Condition, forecast: Forecast, key: Key, last: Trigger) -> Said:
        chance = figure(last.score) if last.score is not None else f"≥ {figure(forecast.probability)}"
        limit, now, where = last.threshold or 0.0, NOTHING, self.station(key)
        level, newest = amount(limit, last.unit), self.scene.value(key, condition)
        if newest is not None:  # what a hold's end tells has no value: it may be over long after a reading
            value, level = apart(newest, limit, last.unit)
            if newest <= limit if condition.kind == "below" else newest >= limit:
                there = at(where, quantity(self._input(condition)))
                return Said(
                    f"{there.zh}已达到 {level}（现为 {value}）", f"{there.en} has reached {level} (now {value})"
                )
            now = Said(f"现为 {value}，", f"now {value}, ")
        said = forecast_of(at(where, quantity(self._input(condition))), Said(level, level), forecast)
        return Said(f"{said.zh}（{now.zh}概率 {chance}）", f"{said.en} ({now.en}probability {chance})")

    def _reporters(self, condition: ReportCondition) -> int:
        picture = self.scene.picture
        calls = [*picture.calls.get(condition.name, ()), *picture.calls_ahead.get(condition.name, ())]
        after = max((call.time for call in calls), default=0) - condition.within
        return len({call.reporter for call in calls if call.time > after})

    def station(self, key: Key) -> Said:
        """A station's name, else its id."""
        stream = self.scene.picture.members.get(key)
        return named(stream.name if stream else {}, key[0])

    # -- what would change it ----------------------------------------------------------------------------------------

    def to_hold(self, condition: AnyCondition) -> Said:
        """What would make a condition hold that does not."""
        if isinstance(condition, ReportCondition):
            return self._to_be_reported(condition)
        if isinstance(condition, AlertCondition):
            return elsewhere.to_hold(self.scene, condition)
        keys = self.scene.keys(condition)
        if not keys:
            label = self.label(condition)
            return Said(f"{label.zh}（现无法判断）", f"{label.en} (cannot be judged now)")
        if condition.kind == "absent":
            return self.label(condition)
        key = self._nearest(condition, self.scene.heard(condition))
        where = self.station(key)
        some = len(keys) > 1 and self.scene.value(key, condition) is None
        at = Said(f"任一测点（如{where.zh}）", f"any of {len(keys)} stations (such as {where.en})") if some else where
        return self._reaches(condition, key, at)

    def _to_be_reported(self, condition: ReportCondition) -> Said:
        so_far = self._reporters(condition)
        kinds, within = kinds_of(condition.kinds), lasting(condition.within)
        more = max(condition.at_least - so_far, 1)
        people = "person reports" if more == 1 else "people report"
        zh = f"再有 {more} 人在 {within.zh}内报告 {kinds.zh}（已有 {so_far} 人）"
        return Said(zh, f"{more} more {people} {kinds.en} within {within.en} ({so_far} so far)")

    def _reaches(self, condition: Condition, key: Key, where: Said) -> Said:
        what = quantity(self._input(condition))
        limit, now = self._limit_and_now(condition, key, self.scene.threshold(condition, key) or 0.0)
        up, also = condition.kind == "above", also_asked(condition)
        if condition.forecast is not None:
            said = forecast_of(at(where, what), Said(limit, limit), condition.forecast)
            return Said(said.zh + now.zh, said.en + now.en)
        does_zh = ("超过" if up else "低于") if condition.strict else ("达到" if up else "降至")
        does_en = ("exceeds" if up else "is below") if condition.strict else ("reaches" if up else "falls to")
        zh = f"{where.zh} {what.zh}{does_zh} {limit}{also.zh}{now.zh}"
        return Said(zh, f"{what.en} at {where.en} {does_en} {limit}{also.en}{now.en}")

    def _nearest(self, condition: Condition, keys: list[Key]) -> Key:
        """The datastream that has the least way to go; where no value is known, the one with the easiest threshold."""
        turn = -1.0 if condition.kind == "below" else 1.0

        def way(key: Key) -> tuple[bool, float, Key]:
            value, limit = self.scene.value(key, condition), self.scene.threshold(condition, key) or 0.0
            return value is None, turn * (limit - (value or 0.0)), key

        return min(keys, key=way)

    def to_end(self, condition: AnyCondition) -> Said:
        """What would end a condition that holds."""
        if isinstance(condition, ReportCondition):
            label = reported(condition, str(condition.at_least))
            return Said(f"不再满足“{label.zh}”", f"no longer {label.en}")
        if isinstance(condition, AlertCondition):
            return elsewhere.to_end(self.scene, condition)
        on = self.scene.on.get(condition.name, [])
        if not on:
            return NOTHING
        key, _ = min(on, key=lambda item: (-beyond(item[1]), item[0]))  # the farthest beyond is the last to fall
        said = self._falls(condition, key)
        others = len(on) - 1
        more = Said(f"，另 {others} 处同样", f", and so at {others} more") if others else NOTHING
        return Said(said.zh + more.zh, said.en + more.en)

    def _falls(self, condition: Condition, key: Key) -> Said:
        where, what = self.station(key), quantity(self._input(condition))
        clear = self.scene.threshold(condition, key, clear=True)
        if condition.kind == "absent" or clear is None:
            return Said(f"{where.zh}恢复数据", f"{where.en} reports again")
        limit, now = self._limit_and_now(condition, key, clear)
        if condition.forecast is not None:
            said = forecast_of(at(where, what), Said(limit, limit), condition.forecast, still=False)
            return Said(said.zh + now.zh, said.en + now.en)
        up = condition.kind == "above"
        does_zh, does_en = ("降至", "falls below") if up else ("升过", "rises above")
        under = " 以下" if up else ""
        zh = f"{where.zh} {what.zh}{does_zh} {limit}{under}{now.zh}"
        return Said(zh, f"{what.en} at {where.en} {does_en} {limit}{now.en}")

    def _limit_and_now(self, condition: Condition, key: Key, limit: float) -> tuple[str, Said]:
        """A threshold, and the newest value beside it if it is known."""
        unit, value = self.scene.hazard.inputs[condition.input].unit, self.scene.value(key, condition)
        if value is None:
            return amount(limit, unit), NOTHING
        shown, edge = apart(value, limit, unit)
        return edge, Said(f"（现为 {shown}）", f" (now {shown})")
