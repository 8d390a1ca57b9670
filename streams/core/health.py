"""`kind: health`: monitoring points that are lost, one command a zone; what is not watched; what is not heard."""

from collections.abc import Mapping
from hashlib import blake2b
from zoneinfo import ZoneInfo

from streams.core.coverage import Coverage, Standing, Standings
from streams.core.explain.words import COLOUR_ZH
from streams.core.floor import NOT_HEARD
from streams.core.quality import GOOD
from streams.models.command import Command, Evidence
from streams.models.ids import cause_id
from streams.models.level import SEVERITY, colour
from streams.models.signal import Checked, Trigger, Triggered
from streams.models.site import Hazard, Site
from streams.models.times import format_time

SHOWN = 100  # rows of evidence
INACTIVE = "inactive:"  # no id of a zone has a colon in it
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
        self.standings = Standings(self.lost, self.changed)
        self.versions: dict[tuple[str, str], int] = {}
        self.unheard: frozenset[int] = frozenset()
        self._coverage: Coverage | None = None

    def stations(self, signal: Triggered, triggers: list[Trigger]) -> list[Command]:
        """One command for all that one row or tick changed in a zone."""
        key = (signal.zone, signal.status)
        lost = self.lost.setdefault(key, {})
        before, was = bool(lost), {one: self.standings.of(key, one) for one in map(_datastream, triggers)}
        for trigger in triggers:
            datastream = _datastream(trigger)
            if trigger.edge == "lost":
                lost[datastream] = trigger
            else:
                lost.pop(datastream, None)
            self.changed.add(("lost", *key, *datastream))
        changed = any((datastream in lost) != then.lost for datastream, then in was.items())
        told = [self._stations(key, signal, before=before)] if changed else []
        return [*told, *self._covered(signal, was)]

    def doubts(self, signal: Triggered, triggers: list[Trigger]) -> list[Command]:
        """Datastreams that have given nothing but suspect values for a while, or a good one again."""
        key = (signal.zone, signal.status)
        was = {one: self.standings.of(key, one) for one in map(_datastream, triggers)}
        for trigger in triggers:
            self.standings.doubt(key, _datastream(trigger), trigger.check if trigger.edge == "doubt" else "")
        return self._covered(signal, was)

    def checked(self, checked: Checked) -> list[Command]:
        """What neighbours say of a datastream."""
        key, datastream = (checked.zone, checked.status), _datastream(checked)
        was = {datastream: self.standings.of(key, datastream)}
        self.standings.doubt(key, datastream, checked.check if checked.quality != GOOD else "", by_neighbours=True)
        return self._covered(checked, was)

    def _covered(self, signal: Triggered | Checked, was: Mapping[tuple[str, str], Standing]) -> list[Command]:
        """Hazards that have nobody left to watch for them in a zone, or somebody again. `was`: how each stood."""
        if signal.status != "Actual":
            return []
        if self._coverage is None:  # state may have been restored before
            self._coverage = Coverage(self.site, self.standings.wrong())
        else:
            for one, before in was.items():
                self._coverage.change(signal.zone, one, before, self.standings.of((signal.zone, "Actual"), one))
        found = []
        for hazard, now in self._coverage.of(signal.zone, [prop for _, prop in was]):
            told = (
                self.versions.get((f"coverage:{hazard.name}", signal.zone), 0) % 2 == 1
            )  # unknown, watched, unknown …
            if now != told:
                found.append(self._unknown(hazard, signal, now))
        return found

    def _unknown(self, hazard: Hazard, signal: Triggered | Checked, now: bool) -> Command:
        version = self.next_version((f"coverage:{hazard.name}", signal.zone))
        name, title = self._name(signal.zone), hazard.title
        heads = {
            "zh": f"{name['zh']}{title['zh']}监测恢复",
            "en": f"{title['en']} is watched again in {name['en']}",
        }
        if now:
            heads = {
                "zh": f"{name['zh']}{title['zh']}情况不明：没有可信的监测点",
                "en": f"{title['en']} in {name['en']} is unknown: no monitoring point that can be trusted",
            }
        return health_command(
            cause_id("health", "coverage", hazard.name, signal.zone, version, signal.id),
            f"coverage:{hazard.name}:{signal.zone}", version, level=2 if now else 0, was=0 if now else 2,
            at=format_time(signal.received, self.zone), zone=signal.zone, headline=heads,
        )  # fmt: skip

    def _name(self, zone: str) -> dict[str, str]:
        return self.site.zones[zone].name if zone in self.site.zones else {"zh": zone, "en": zone}

    def hazards(self, received: int) -> list[Command]:
        """Levels that cannot be reached, because their values have no authority yet: said once, and when it changes."""
        found = []
        for name in sorted(
            {*self.site.hazards, *(key[0][len(INACTIVE) :] for key in self.versions if INACTIVE in key[0])}
        ):
            hazard = self.site.hazards.get(name)
            inactive = hazard.inactive if hazard else {}
            told = [key for key in self.versions if key[0] == INACTIVE + name]
            key = (INACTIVE + name, _digest(inactive))
            if key in told or not (told or inactive):
                continue
            version = max((self.versions.pop(one) for one in told), default=0) + 1
            self.versions[key] = version
            self.changed.update(("health", *one) for one in (*told, key))
            was = any(one[1] != _digest({}) for one in told)
            found.append(self._inactive(name, inactive, version, received, was=was))
        return found

    def _inactive(self, name: str, inactive: dict[int, str], version: int, received: int, *, was: bool) -> Command:
        hazard = self.site.hazards.get(name)
        title = hazard.title if hazard else {"zh": name, "en": name}
        heads = {"zh": f"{title['zh']}各级均已启用", "en": f"{title['en']}: every level is active"}
        if inactive:
            levels = [str(colour(level)) for level in sorted(inactive)]
            why = "; ".join(dict.fromkeys(inactive[level] for level in sorted(inactive)))
            heads = {
                "zh": f"{title['zh']}未启用的级别：{_not_active_zh(inactive)}",
                "en": f"{title['en']}, levels not active: {', '.join(levels)} ({why})",
            }
        return health_command(
            cause_id("health", "inactive", name, _digest(inactive), version), f"hazard:{name}", version,
            level=1 if inactive else 0, was=1 if was else 0, at=format_time(received, self.zone), headline=heads,
        )  # fmt: skip

    def _stations(self, key: tuple[str, str], signal: Triggered, *, before: bool) -> Command:
        lost = sorted(self.lost[key].values(), key=lambda t: (t.station, t.property))
        version = self.next_version(key)
        name = self._name(key[0])
        return health_command(
            cause_id("health", *key, version, signal.id), f"health:{key[0]}{_suffix(key[1])}", version,
            level=1 if lost else 0, was=1 if before else 0, at=format_time(signal.received, self.zone), status=key[1],
            zone=key[0], headline=self._headline(name, lost), evidence=[self._row(t) for t in lost[:SHOWN]],
        )  # fmt: skip

    def next_version(self, key: tuple[str, str]) -> int:
        """Of the next command about something."""
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
            threshold=None, comparison="", check=trigger.check, bound=trigger.bound,
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
        version = self.next_version(("", ""))
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


def _datastream(of: Trigger | Checked) -> tuple[str, str]:
    return of.station, of.property


def _not_active_zh(inactive: dict[int, str]) -> str:
    """The levels, and what is missing; which condition it is say the English words and `tocsin check`."""
    why = {"数值来自记忆，尚无人确认" if "memory" in one else "数值须由本地给定，尚未给出" for one in inactive.values()}
    return f"{'、'.join(COLOUR_ZH[level] for level in sorted(inactive))}（{'；'.join(sorted(why))}）"


def _digest(inactive: dict[int, str]) -> str:
    return blake2b(repr(sorted(inactive.items())).encode(), digest_size=8).hexdigest()


def _suffix(status: str) -> str:
    """As in alert ids: an exercise has a health of its own."""
    return "" if status == "Actual" else f":{status.lower()}"
