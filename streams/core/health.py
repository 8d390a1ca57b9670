"""`kind: health`: monitoring points that are lost, one command a zone; and readings partitions not heard."""

from zoneinfo import ZoneInfo

from streams.core.floor import NOT_HEARD
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
    """Which datastreams of the zones of one partition are lost, and what the feed was told about it.

    `changed`: rows of state that are no longer as saved.
    """

    def __init__(self, site: Site, changed: set[tuple[str, ...]] | None = None) -> None:
        self.site = site
        self.zone = ZoneInfo(site.timezone)
        self.changed: set[tuple[str, ...]] = set() if changed is None else changed
        self.lost: dict[tuple[str, str], dict[tuple[str, str], Trigger]] = {}
        self.versions: dict[tuple[str, str], int] = {}
        self.unheard: frozenset[int] = frozenset()

    def stations(self, signal: Triggered, triggers: list[Trigger]) -> list[Command]:
        """One command for all that one row or tick changed in a zone."""
        key = (signal.zone, signal.status)
        lost = self.lost.setdefault(key, {})
        before, was = bool(lost), {(t.station, t.property): (t.station, t.property) in lost for t in triggers}
        for trigger in triggers:
            datastream = (trigger.station, trigger.property)
            if trigger.edge == "lost":
                lost[datastream] = trigger
            else:
                lost.pop(datastream, None)
            self.changed.add(("lost", *key, *datastream))
        changed = any((datastream in lost) != then for datastream, then in was.items())
        return [self._stations(key, signal, before=before)] if changed else []

    def _stations(self, key: tuple[str, str], signal: Triggered, *, before: bool) -> Command:
        lost = sorted(self.lost[key].values(), key=lambda t: (t.station, t.property))
        version = self._version(key)
        name = self.site.zones[key[0]].name if key[0] in self.site.zones else {"zh": key[0], "en": key[0]}
        return health_command(
            cause_id("health", *key, version, signal.id), f"health:{key[0]}{_suffix(key[1])}", version,
            level=1 if lost else 0, was=1 if before else 0, at=format_time(signal.received, self.zone), status=key[1],
            zone=key[0], headline=self._headline(name, lost), evidence=[self._row(t) for t in lost[:SHOWN]],
        )  # fmt: skip

    def _version(self, key: tuple[str, str]) -> int:
        version = self.versions[key] = self.versions.get(key, 0) + 1
        self.changed.add(("health", *key))
        return version

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

    def partitions(self, missing: frozenset[int], received: int) -> list[Command]:
        """Readings partitions not heard for 30 s, when that changes."""
        if missing == self.unheard:
            return []
        was, self.unheard = self.unheard, missing
        named = ", ".join(map(str, sorted(missing)))
        heads = {"zh": "观测分区全部恢复", "en": "all readings partitions are heard again"}
        if missing:
            seconds = NOT_HEARD // 1_000_000
            heads = {
                "zh": f"观测分区 {named} 已 {seconds} 秒无进展",
                "en": f"readings partitions {named} not heard for {seconds} s",
            }
        version = self._version(("", ""))
        return [
            health_command(
                cause_id("health", "system", version, received, named), "health:readings", version,
                level=2 if missing else 0, was=2 if was else 0, at=format_time(received, self.zone), headline=heads,
            )
        ]  # fmt: skip


def health_command(
    ident: str,
    subject: str,
    version: int,
    *,
    level: int,
    was: int,
    at: str,
    headline: dict[str, str],
    status: str = "Actual",
    zone: str | None = None,
    evidence: list[Evidence] | None = None,
) -> Command:
    """`kind: health`: it begins, goes on or ends by its levels now and before. No zone: the system's own."""
    return Command(
        id=ident, kind="health", msg_type="Alert" if level and not was else "Update" if level else "Cancel",
        status=status, classification="sensitive", alert=None, version=version, hazard=None, subject=subject, zone=zone,
        level=colour(level), previous_level=colour(was),
        reason=("first" if not was else "evidence") if level else "ended", urgency="Immediate",
        severity=SEVERITY[level or was], certainty="Observed", onset=None, time=at, expires=None, headline=headline,
        evidence=evidence or [], stages={"observed": at, "received": at},
    )  # fmt: skip


def _suffix(status: str) -> str:
    """As in alert ids: an exercise has a health of its own."""
    return "" if status == "Actual" else f":{status.lower()}"
