"""The Assessor's state as rows `key -> bytes`, each whole and of one thing. What can be worked out is not saved.

    state                                          how far everything is
    subject|KEY                                    levels, falls, lost datastreams, timers, which alerts it had
    alert|KEY|ID                                   one alert of it
    passed|KEY                                     the times that its datastreams have passed
    latch|KEY|STATION|PROPERTY|CONDITION           what is on
    said|KEY|STATION|PROPERTY|CONDITION            who has given a first answer that matters though it is no
    report|KEY|CONDITION|ID                        who has reported
    wait|RECEIVED|PARTITION|OFFSET|ROW|N           a signal that waits for its turn
    past|KEY                                       what rules that look back will ask about
    apart|KEY|BY|STATION|PROPERTY                  the same of one station, zone or group
    relay|KEY|CONDITION|ALERT                      an alert of another hazard that counts
    heard|ZONE|ALERT                               which word of it was heard last
    act|ID, silence|ID                             what people said
    alarm|SUBJECT, health|ZONE|STATUS              what the feed was told
    lost|ZONE|STATUS|STATION|PROPERTY              a datastream that is lost
    near|STATUS|STATION|PROPERTY                   a datastream that is compared with its neighbours
    doubt|ZONE|STATUS|STATION|PROPERTY             what neighbours said of one
    distrust|ZONE|STATUS|STATION|PROPERTY          the checks that one is in doubt by

KEY is hazard|subject|status. Ids of the site have no `|` in them; ids that people give may, and are the whole rest.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from streams.core.floor import Row
from streams.core.row_forms import FORMS, LatchRow, PastRow, StateRow, SubjectRow, TimerRow
from streams.core.subject import Subject
from streams.models.signal import Reported

if TYPE_CHECKING:
    from streams.core.assess import Assessor

encode = msgspec.msgpack.Encoder().encode
FREE = frozenset({"act", "silence", "alarm"})  # the rest of the key is one name, whatever it has in it


def text_of(row: Row) -> str:
    """A row's key."""
    return "|".join(map(str, row))


def parts_of(key: str) -> Row:
    """A key's row. Raises ValueError for what is none."""
    kind, _, rest = key.partition("|")
    if kind not in FORMS:
        raise ValueError(f"{key!r} is no row of an assessor's state")
    if kind in FREE:
        return (kind, rest)
    parts = rest.split("|") if rest else []
    if kind == "wait":
        return (kind, *map(int, parts))
    if kind in ("subject", "passed", "alert", "latch", "said", "report", "past", "apart", "relay"):
        return (kind, "|".join(parts[:3]), *parts[3:])
    return (kind, *parts)


def row_keys(assessor: "Assessor") -> Iterator[Row]:
    """All rows that there are."""
    yield ("state",)
    for key, subject in assessor.subjects.items():
        yield ("subject", key)
        if subject.passed:
            yield ("passed", key)
        yield from (("alert", key, name) for name in subject.past)
        yield from (("latch", key, *at, name) for name, found in subject.picture.raised.items() for at in found)
        yield from (("said", key, *at) for at in subject.picture.known.said)
        yield from (("report", key, name, one.id) for name, calls in subject.picture.calls.items() for one in calls)
        if subject.picture.memory:
            yield ("past", key)
        yield from (("apart", key, *part) for part in subject.picture.memory.parts.spans)
        yield from (("relay", key, name, alert) for name, found in subject.picture.relays.items() for alert in found)
    yield from (("heard", *key) for key in assessor.relays.heard)
    yield from (("wait", *position) for position in assessor.floor.waiting)
    yield from (("act", ident) for ident in assessor.desk.acts)
    yield from (("silence", ident) for ident in assessor.desk.silences)
    yield from (("alarm", subject) for subject in assessor.alarms.told)
    yield from (("health", *key) for key in assessor.health.versions)
    yield from (("lost", *key, *at) for key, lost in assessor.health.lost.items() for at in lost)
    yield from (("distrust", *key, *at) for key, found in assessor.health.standings.doubted.items() for at in found)
    yield from (("near", *key) for key, _ in assessor.verdicts.bank.members())
    yield from (("doubt", *key, *at) for key, doubted in assessor.doubts.all.items() for at in doubted.words)


def save(assessor: "Assessor", rows: Iterable[Row]) -> dict[str, bytes | None]:
    """The bytes of these rows; None = it is gone."""
    found: dict[str, bytes | None] = {}
    for row in rows:
        value = READ[row[0]](assessor, *row[1:])
        found[text_of(row)] = None if value is None else encode(value)
    return found


def _state(assessor: "Assessor") -> StateRow:
    floor = assessor.floor
    seen = [(topic, partition, at) for (topic, partition), at in assessor.seen.items()]
    return StateRow(
        floor.received, floor.whole, floor.heard, floor.began, floor.now, floor.last, seen, assessor.desk.looked,
        sorted(assessor.health.unheard), sorted(assessor.alerts.touched), assessor.readings_partitions,
    )  # fmt: skip


def _subject(assessor: "Assessor", key: str) -> SubjectRow | None:
    subject = assessor.subjects.get(key)
    if subject is None:
        return None
    timers = [TimerRow(t.kind, t.time, t.received, t.token, t.name) for t in assessor.timers.of(key)]
    timers.sort(key=lambda timer: (timer.kind, timer.name))
    lost = [(*at, check) for at, check in subject.picture.lost.items()]
    alert = None if subject.alert is None else subject.alert.id
    return SubjectRow(
        subject.zone, subject.state, subject.settled, subject.on, subject.falls, lost, timers, alert,
        list(subject.past),
    )  # fmt: skip


def _of_subject(read: Callable[..., object]) -> Callable[..., object]:
    """Nothing of a subject that is not there."""
    return lambda to, key, *rest: None if (subject := to.subjects.get(key)) is None else read(subject, *rest)


def _latch(subject: Subject, station: str, prop: str, condition: str) -> LatchRow | None:
    latch = subject.picture.raised.get(condition, {}).get((station, prop))
    return None if latch is None else LatchRow(latch.since, latch.good, latch.position, latch.last, latch.own)


def _past(subject: Subject) -> PastRow | None:
    memory = subject.picture.memory
    lately = [(name, *key, end) for name, found in memory.lately.items() for key, end in found.items()]
    return PastRow(memory.now, memory.passed, memory.spans, lately) if memory else None


def _report(subject: Subject, condition: str, ident: str) -> Reported | None:
    return next((one for one in subject.picture.calls.get(condition, ()) if one.id == ident), None)


#: kind of row -> what is read from the assessor; None = it is gone
READ: dict[str, Callable[..., object]] = {
    "state": _state,
    "subject": _subject,
    "passed": _of_subject(lambda subject: subject.passed or None),
    "alert": _of_subject(lambda subject, ident: subject.past.get(ident)),
    "latch": _of_subject(_latch),
    "said": _of_subject(lambda subject, *at: at in subject.picture.known.said or None),
    "report": _of_subject(_report),
    "past": _of_subject(_past),
    "apart": _of_subject(lambda subject, *part: subject.picture.memory.parts.spans.get(part)),
    "relay": _of_subject(lambda subject, name, alert: subject.picture.relays.get(name, {}).get(alert)),
    "heard": lambda assessor, *key: assessor.relays.heard.get(key),
    "wait": lambda assessor, *position: assessor.floor.waiting.get(position),
    "act": lambda assessor, ident: assessor.desk.acts.get(ident),
    "silence": lambda assessor, ident: assessor.desk.silences.get(ident),
    "alarm": lambda assessor, subject: assessor.alarms.told.get(subject),
    "health": lambda assessor, *key: assessor.health.versions.get(key),
    "lost": lambda assessor, zone, status, *at: assessor.health.lost.get((zone, status), {}).get(at),
    "distrust": lambda assessor, zone, status, *at: assessor.health.standings.doubted.get((zone, status), {}).get(at),
    "near": lambda assessor, *key: assessor.verdicts.bank.member(*key),
    "doubt": lambda assessor, *of: assessor.doubts.word(*of),
}
