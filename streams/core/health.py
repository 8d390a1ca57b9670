"""`kind: health`: monitoring points that are lost, one command a zone; and readings partitions not heard."""

from zoneinfo import ZoneInfo

from streams.core.floor import NOT_HEARD, Floor
from streams.models.command import Command, Evidence
from streams.models.ids import cause_id
from streams.models.level import SEVERITY, colour
from streams.models.signal import Trigger, Triggered
from streams.models.site import Site
from streams.models.times import format_time

SHOWN = 100  # rows of evidence
NAMED = 5  # stations in a headline
WHY = {
    "gap": ("无数据", "silent"),
    "range_hard": ("数值不可能", "impossible values"),
}


class Health:
    """Which datastreams of the zones of one partition are lost, and what the feed was told about it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.zone = ZoneInfo(site.timezone)
        self.lost: dict[tuple[str, str], dict[tuple[str, str], Trigger]] = {}
        self.versions: dict[tuple[str, str], int] = {}
        self.unheard: tuple[int, ...] = ()

    def stations(self, signal: Triggered, triggers: list[Trigger]) -> list[Command]:
        """One command for all that one row or tick changed in a zone."""
        if not triggers:
            return []
        key = (signal.zone, signal.status)
        lost = self.lost.setdefault(key, {})
        before = set(lost)
        for trigger in triggers:
            if trigger.edge == "lost":
                lost[trigger.station, trigger.property] = trigger
            else:
                lost.pop((trigger.station, trigger.property), None)
        if set(lost) == before:
            return []
        level = 1 if lost else 0
        return [self._command(signal.zone, signal.status, signal.id, signal.received, level, bool(before), key)]

    def _command(
        self, zone: str, status: str, cause: str, received: int, level: int, was: bool, key: tuple[str, str]
    ) -> Command:
        lost = sorted(self.lost[key].values(), key=lambda t: (t.station, t.property))
        version = self.versions[key] = self.versions.get(key, 0) + 1
        at = format_time(received, self.zone)
        name = self.site.zones[zone].name if zone in self.site.zones else {"zh": zone, "en": zone}
        return Command(
            id=cause_id("health", zone, status, version, cause), kind="health",
            msg_type="Alert" if level and not was else "Update" if level else "Cancel", status=status,
            classification="sensitive", alert=None, version=version, hazard=None,
            subject=f"health:{zone}{_suffix(status)}", zone=zone,
            level=colour(level), previous_level=colour(1 if was else 0),
            reason=("first" if not was else "evidence") if level else "ended", urgency="Immediate",
            severity=SEVERITY[1], certainty="Observed", onset=None, time=at, expires=None,
            headline=self._headline(name, lost), evidence=[self._row(t) for t in lost[:SHOWN]],
            stages={"observed": at, "received": at},
        )  # fmt: skip

    def _headline(self, zone: dict[str, str], lost: list[Trigger]) -> dict[str, str]:
        stations = sorted({t.station for t in lost})
        if not stations:
            return {"zh": f"{zone['zh']}监测点全部恢复", "en": f"All monitoring points in {zone['en']} are back"}
        more = "…" * (len(stations) > NAMED)
        names = [self.site.stations[s][0].name if s in self.site.stations else {"zh": s, "en": s} for s in stations]
        named_zh, named_en = ("、".join(n["zh"] for n in names[:NAMED]), ", ".join(n["en"] for n in names[:NAMED]))
        why = sorted({t.check for t in lost})
        zh = "、".join(WHY.get(w, (w, w))[0] for w in why)
        en = ", ".join(WHY.get(w, (w, w))[1] for w in why)
        count = len(stations)
        return {
            "zh": f"{zone['zh']}{count}个监测点{zh}：{named_zh}{more}",
            "en": f"{count} monitoring point{'s' * (count > 1)} in {zone['en']} {en}: {named_en}{more}",
        }

    def _row(self, trigger: Trigger) -> Evidence:
        return Evidence(
            station=trigger.station, property=trigger.property, value=None, unit="",
            time=format_time(trigger.time, self.zone), quality=trigger.quality, rule="health", rule_version="",
            threshold=None, comparison="", check=trigger.check,
        )  # fmt: skip

    def partitions(self, floor: Floor, received: int) -> list[Command]:
        """Readings partitions not heard for 30 s, when that changes."""
        missing = tuple(floor.missing())
        if missing == self.unheard:
            return []
        was, self.unheard = self.unheard, missing
        at = format_time(received, self.zone)
        named = ", ".join(map(str, missing))
        version = self.versions[("", "")] = self.versions.get(("", ""), 0) + 1
        heads = {
            "zh": f"观测分区 {named} 已 {NOT_HEARD // 1_000_000} 秒无进展" if missing else "观测分区全部恢复",
            "en": f"readings partitions {named} not heard for {NOT_HEARD // 1_000_000} s"
            if missing
            else "all readings partitions are heard again",
        }
        return [
            Command(
                id=cause_id("health", "system", version, received, named), kind="health",
                msg_type="Alert" if missing and not was else "Update" if missing else "Cancel", status="Actual",
                classification="sensitive", alert=None, version=version, hazard=None, subject="health:readings",
                zone=None, level=colour(2 if missing else 0), previous_level=colour(2 if was else 0),
                reason=("first" if not was else "evidence") if missing else "ended", urgency="Immediate",
                severity=SEVERITY[2], certainty="Observed", onset=None, time=at, expires=None, headline=heads,
                stages={"observed": at, "received": at},
            )
        ]  # fmt: skip


def _suffix(status: str) -> str:
    """As in alert ids: an exercise has a health of its own."""
    return "" if status == "Actual" else f":{status.lower()}"
