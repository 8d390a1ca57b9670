"""`kind: health` of what a role says about itself: state that was rebuilt, a record that was put aside.

It stays on the list for a day, from when the state can be trusted or from the newest record, and then ends by itself.
"""

from zoneinfo import ZoneInfo

import msgspec

from streams.core.health import health_command
from streams.models.command import Command
from streams.models.ids import cause_id
from streams.models.level import YELLOW
from streams.models.signal import Alarm
from streams.models.site import Site
from streams.models.times import DAY, format_time

SHOWN_FOR = DAY
TOPIC_ZH = {"readings": "观测", "signals": "信号", "reports": "报告", "commands": "指令"}


class Told(msgspec.Struct, array_like=True):
    """What the feed was told of one subject."""

    version: int
    ends: int  # received time; 0 = it has ended
    newest: Alarm


class Alarms:
    """Those of one partition of `signals`. `changed`: rows of state that are no longer as saved."""

    def __init__(self, site: Site, changed: set[tuple[str, ...]]) -> None:
        self.zone, self.changed = ZoneInfo(site.timezone), changed
        self.told: dict[str, Told] = {}
        self.next_end: int | None = None

    def tell(self, alarm: Alarm, received: int) -> Command:
        """An alarm that has not been seen before."""
        subject = subject_of(alarm)
        before = self.told.get(subject)
        version = 1 if before is None else before.version + 1
        was = before is not None and before.ends > 0
        since = max(alarm.since, received) if alarm.what == "state" else received
        ends = max(since + SHOWN_FOR, before.ends if before is not None else 0)
        self.told[subject] = Told(version, ends, alarm)
        self.changed.add(("alarm", subject))
        self.look()
        return self._command(subject, cause_id("alarm", alarm.id, version), received, was=was, on=True)

    def look(self) -> None:
        """When the next one ends."""
        self.next_end = min((told.ends for told in self.told.values() if told.ends), default=None)

    def over(self, received: int) -> list[Command]:
        """Those whose time is over."""
        if self.next_end is None or received < self.next_end:
            return []
        found = []
        for subject, told in sorted(self.told.items()):
            if 0 < told.ends <= received:
                cause = cause_id("alarm", "over", subject, told.version, told.ends)
                ends, told.ends, told.version = told.ends, 0, told.version + 1
                self.changed.add(("alarm", subject))
                found.append(self._command(subject, cause, ends, was=True, on=False))
        self.look()
        return found

    def _command(self, subject: str, ident: str, received: int, *, was: bool, on: bool) -> Command:
        told = self.told[subject]
        return health_command(
            ident, f"health:{subject}", told.version, level=YELLOW if on else 0, was=YELLOW if was else 0,
            at=format_time(received, self.zone), headline=self._headline(told.newest) if on else _over(told.newest),
        )  # fmt: skip

    def _headline(self, alarm: Alarm) -> dict[str, str]:
        zh, en = _place(alarm)
        at = format_time(alarm.since, self.zone)
        if alarm.what == "poison":
            zh = f"{zh}第 {alarm.offset} 条记录无法处理，已搁置"
            en = f"record {alarm.topic}/{alarm.partition}/{alarm.offset} could not be handled and was put aside"
        elif alarm.what == "lost":
            zh = f"{zh}有记录损坏、无法读取，其内容已丢失"
            en = f"records of {en} are damaged and cannot be read, what they said is lost"
        else:
            zh, en = f"{zh}的状态已重建，自 {at} 起可信", f"state of {en} was rebuilt, it can be trusted from {at} on"
        return {"zh": f"{zh}：{alarm.detail}", "en": f"{en}: {alarm.detail}"} if alarm.detail else {"zh": zh, "en": en}


def subject_of(alarm: Alarm) -> str:
    """What it is about: one input partition of one role."""
    return f"{alarm.what}|{alarm.role}|{alarm.topic}|{alarm.partition}"


def _place(alarm: Alarm) -> tuple[str, str]:
    return (
        f"{TOPIC_ZH.get(alarm.topic, alarm.topic)}分区 {alarm.partition} ",
        f"{alarm.topic} partition {alarm.partition}",
    )


def _over(alarm: Alarm) -> dict[str, str]:
    zh, en = _place(alarm)
    if alarm.what == "poison":
        return {"zh": f"{zh}一天内再无搁置的记录", "en": f"{en}: no further record was put aside for a day"}
    if alarm.what == "lost":
        return {"zh": f"{zh}一天内再无损坏的记录", "en": f"{en}: no further record was damaged for a day"}
    return {"zh": f"{zh}的状态已连续可信一天", "en": f"{en}: its state has been whole for a day"}
