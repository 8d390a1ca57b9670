"""What a role says about itself becomes one health command of the system, and ends by itself."""

import msgspec

from streams.core.assess import Assessor
from streams.models.observation import Tick
from streams.models.signal import Alarm
from streams.models.times import DAY, HOUR, SECOND
from streams.sinks.redis_entries import command_entries
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream


def assessor():
    return Assessor(site([stream()], hazard(FOUR, FOUR_LEVELS)), 1, 1)


def state(ident="a", **more):
    given = {"offset": 7, "what": "state", "since": 50 * SECOND, "detail": "its checkpoint was damaged"}
    return Alarm(id=ident, role="observe", topic="readings", partition=3, received=90 * SECOND, **given | more)


def poison(ident, offset=1234):
    return state(ident, what="poison", offset=offset, detail="ValueError")


def said(commands):
    return [(c.msg_type, c.reason, c.level, c.version) for c in commands]


def test_state_that_was_rebuilt_is_told_in_both_languages():
    (command,) = assessor().handle(state(), 100 * SECOND)
    assert (command.kind, command.subject, command.zone, command.level) == (
        "health", "health:state|observe|readings|3", None, "yellow",
    )  # fmt: skip
    assert command.headline == {
        "en": "state of readings partition 3 was rebuilt, it can be trusted from 1970-01-01T00:00:50.000+00:00 on:"
        " its checkpoint was damaged",
        "zh": "观测分区 3 的状态已重建，自 1970-01-01T00:00:50.000+00:00 起可信：its checkpoint was damaged",
    }


def test_records_that_nobody_can_read_are_told_in_both_languages():
    (command,) = assessor().handle(state(what="lost", offset=7, detail="offsets 7 to 9"), 100 * SECOND)
    assert command.subject == "health:lost|observe|readings|3"
    assert command.headline == {
        "en": "records of readings partition 3 are damaged and cannot be read, what they said is lost: offsets 7 to 9",
        "zh": "观测分区 3 有记录损坏、无法读取，其内容已丢失：offsets 7 to 9",
    }


def test_a_repeat_has_no_effect_and_another_one_goes_on():
    one = assessor()
    commands = one.handle(poison("a"), SECOND) + one.handle(poison("a"), 2 * SECOND) + one.handle(poison("b", 9), 3)
    assert said(commands) == [("Alert", "first", "yellow", 1), ("Update", "evidence", "yellow", 2)]
    assert "record readings/3/9 " in commands[-1].headline["en"]
    assert len({c.id for c in commands}) == 2
    assert one.repeats == 1


def test_it_ends_after_a_day_and_begins_anew():
    one = assessor()
    one.handle(state(), 100 * SECOND)
    assert one.handle(Tick(0, DAY), DAY) == []
    (over,) = one.handle(Tick(1, DAY + HOUR), DAY + HOUR)
    assert said([over]) == [("Cancel", "ended", None, 2)]
    assert over.time == "1970-01-02T00:01:40.000+00:00"
    assert one.handle(Tick(2, 3 * DAY), 3 * DAY) == []
    assert said(one.handle(state("b"), 4 * DAY)) == [("Alert", "first", "yellow", 3)]


def test_state_that_is_whole_later_stays_until_a_day_after_that():
    one = assessor()
    one.handle(state(since=2 * DAY), 100 * SECOND)
    assert one.handle(Tick(0, 3 * DAY - 1), 3 * DAY - 1) == []
    assert said(one.handle(Tick(1, 3 * DAY), 3 * DAY)) == [("Cancel", "ended", None, 2)]


def test_redis_lists_it_until_it_ends():
    one = assessor()
    commands = one.handle(state(), 100 * SECOND) + one.handle(Tick(0, 2 * DAY), 2 * DAY)
    records = [_Record(n, msgspec.json.encode(c)) for n, c in enumerate(commands)]
    entries = command_entries("command.feed.sensitive", 0, records, one.alarms.zone, 0, lambda *_: None)
    assert [(e.what, e.key) for e in entries] == [
        ("ill", "health:state|observe|readings|3"), ("well", "health:state|observe|readings|3"),
    ]  # fmt: skip


class _Record:
    key, headers, timestamp = b"system", (), 0

    def __init__(self, offset, value):
        self.offset, self.value = offset, value
