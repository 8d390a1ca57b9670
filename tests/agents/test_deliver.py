import asyncio
from dataclasses import replace

import pytest

from streams.agents import deliver
from streams.agents.deliver import Deliver
from streams.checkpoint.in_hand import HandNote
from streams.completion import Partition, StaleError, Start
from streams.core.health import health_command
from streams.models.command import encode_command
from streams.positions import NotYetError
from streams.sinks.base import Sink, SinkAway
from tests.agents.given import FakeLog, batch, counted, record, tools

TP = Partition("commands", 0)


class Shelf(Sink):
    """A sink that is away when told so."""

    name = "shelf"

    def __init__(self, positions=None):
        self.positions, self.away, self.taken = positions, 0, []

    async def open(self):
        self._maybe_away()
        return self.positions

    def prepare(self, topic, partition, records):
        assert b"raises" not in [r.value for r in records], "raises"
        return topic, partition, [r.offset for r in records]

    async def put(self, prepared):
        self._maybe_away()
        self.taken.append(prepared)

    def _maybe_away(self):
        if self.away:
            self.away -= 1
            raise SinkAway("on holiday")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(deliver, "RETRY_FIRST_S", 0.001)


def made(sink, folder=None):
    """`folder`: the run directory that processes of this name have one after the other."""
    given = tools(None)
    hand = HandNote(None if folder is None else folder / "deliver.shelf-0.hand")
    role = Deliver(sink, replace(given, hand=hand))
    role._deaths.open()
    return role


def aside(role):
    return [reject["offset"] for reject in role._tools.sender.values("rejects.restricted")]


def alarms(role):
    return [(one["what"], one["offset"]) for one in role._tools.sender.values("signals")]


async def dies(role, lost, why):
    with pytest.raises(why):
        await role.handle(lost)


async def test_offers_a_batch_until_the_sink_has_it():
    sink = Shelf()
    role = made(sink)
    sink.away = 3
    await role.handle(batch(TP, [record(4, b"c"), record(5, b"d")]))
    assert sink.taken == [("commands", 0, [4, 5])]
    assert role.waiting_for is None


async def test_says_what_it_waits_for(monkeypatch):
    monkeypatch.setattr(deliver, "RETRY_FIRST_S", 10)
    sink = Shelf()
    role = made(sink)
    sink.away = 10**9
    task = asyncio.create_task(role.handle(batch(TP, [record(4, b"c")])))
    await asyncio.sleep(0.01)
    assert role.waiting_for == "on holiday"
    assert counted(role._metrics, "tocsin_sink_away", sink="shelf") == 1
    task.cancel()


async def test_a_log_that_has_lost_its_end_is_told_and_reading_begins_at_the_end_that_is_there():
    role = made(Shelf())
    assert await role.starts({TP}, FakeLog({TP: 70}, last=50)) == {TP: Start(50, 50)}
    assert counted(role._metrics, "tocsin_checkpoint_refused_total", role="deliver.shelf", reason="expired") == 1


async def test_gives_up_a_batch_that_comes_again():
    sink = Shelf()
    role = made(sink)
    sink.away = 10**9
    lost = batch(TP, [record(4, b"c")])
    task = asyncio.create_task(role.handle(lost))
    await asyncio.sleep(0.01)
    lost.track.end()
    with pytest.raises(StaleError):
        await task


async def test_any_other_error_is_ours():
    sink = Shelf()

    async def put(_):
        raise ValueError("ours")

    sink.put = put
    with pytest.raises(ValueError, match="ours"):
        await made(sink).handle(batch(TP, [record(4, b"c")]))


async def test_begins_where_the_sinks_data_ends_else_at_the_beginning():
    other = Partition("commands", 1)
    log = FakeLog({TP: 900, other: 900}, begin={other: 3})
    role = made(Shelf({("commands", 0): 7}))
    assert await role.starts({TP, other}, log) == {TP: Start(7, 7), other: Start(3, 3)}


async def test_begins_at_the_committed_offset_when_the_sink_keeps_none():
    assert await made(Shelf()).starts({TP}, FakeLog({TP: 900})) == {TP: Start(900, 900)}


async def test_positions_wait_for_a_sink_that_is_away():
    sink = Shelf()
    role = made(sink)
    sink.away = 1
    with pytest.raises(NotYetError):
        await role.starts({TP}, FakeLog({}))
    assert role.waiting_for == "on holiday"
    await role.starts({TP}, FakeLog({}))
    assert role.waiting_for is None


def test_reads_what_the_sink_takes():
    sink = Shelf()
    sink.topics = ("commands", "latest")
    assert set(made(sink).handlers) == {"commands", "latest"}


async def test_a_log_that_was_made_anew_makes_the_sink_begin_anew():
    class Old(Shelf):
        forgot = False

        async def forget(self):
            self.forgot = True
            return {}

    sink = Old({("commands", 0): 5_000})  # the log ends at 1,000
    role = made(sink)
    tp = Partition("commands", 0)
    assert (await role.starts({tp}, FakeLog({}))) == {tp: Start(0, 0)}
    assert sink.forgot


# ---- what our own code fails at

RECORDS = [record(4, b"c", topic="commands"), record(5, b"raises", topic="commands"), record(6, b"d", topic="commands")]


async def test_a_record_that_the_sink_can_make_nothing_of_is_set_aside_at_once_and_the_others_go_out():
    sink = Shelf()
    role = made(sink)
    await role.handle(batch(TP, RECORDS))
    assert sink.taken == [("commands", 0, [4]), ("commands", 0, [6])]
    assert aside(role) == [5]
    assert alarms(role) == [("poison", 5)]
    labels = {"topic": "commands", "stage": "deliver.shelf", "reason": "poison"}
    assert counted(role._metrics, "tocsin_rejects_total", **labels) == 1


async def test_it_is_told_before_the_sinks_position_passes_it():
    sink = Shelf()
    role = made(sink)
    done = []
    sink.put = lambda prepared: asyncio.sleep(0, done.append((prepared[2], aside(role))))
    await role.handle(batch(TP, RECORDS))
    assert done == [([4], []), ([6], [5])]


async def test_what_says_that_a_record_was_set_aside_makes_no_alarm_of_its_own():
    class Bad(Shelf):
        def prepare(self, *_):
            raise ValueError("nothing will do")

    said = health_command("i", "health:poison|deliver.shelf|commands|0", 1, level=2, was=0, at="", headline={})
    role = made(Bad())
    await role.handle(batch(TP, [record(4, encode_command(said), topic="commands")]))
    assert aside(role) == [4]
    assert alarms(role) == []


async def test_a_record_at_which_bringing_it_outside_fails_is_set_aside_at_the_third_death(tmp_path):
    class Bad(Shelf):
        async def put(self, prepared):
            if 5 in prepared[2]:
                raise ValueError("not this one")
            await super().put(prepared)

    def again():
        return batch(TP, [record(4, b"c", topic="commands"), record(5, b"x", topic="commands")])

    for _ in range(3):
        await dies(made(Bad(), tmp_path), again(), ValueError)
    sink = Bad()
    role = made(sink, tmp_path)
    await role.handle(again())
    assert (aside(role), alarms(role), sink.taken) == ([5], [("poison", 5)], [("commands", 0, [4])])


async def test_a_sudden_end_in_the_sinks_own_code_counts_and_one_while_it_is_away_does_not(tmp_path):
    class Killed(BaseException):
        """Nobody hears of it."""

    class Bad(Shelf):
        def prepare(self, topic, partition, records):
            if 5 in [r.offset for r in records]:
                raise Killed
            return super().prepare(topic, partition, records)

    def role_of(sink):
        role = made(sink, tmp_path)
        role._deaths.done = lambda: None if isinstance(sink, Bad) else HandNote.clear(role._tools.hand)
        return role

    def again():
        return batch(TP, [record(4, b"c", topic="commands"), record(5, b"x", topic="commands")])

    for _ in range(4):
        role = role_of(Bad())
        await dies(role, again(), Killed)
    role = made(Bad(), tmp_path)
    assert role._deaths.verdicts(TP).guilty.keys() == {5}
    assert not role._deaths.verdicts(Partition("commands", 1)).deaths
    await role.starts({TP}, FakeLog({TP: 6}))  # it is behind us: nothing is known of these offsets any more
    assert not made(Bad(), tmp_path)._deaths.verdicts(TP).deaths


def test_a_file_of_deaths_that_cannot_be_read_keeps_nobody_from_starting(tmp_path):
    (tmp_path / "deliver.shelf-0.deaths").write_bytes(b"[[1")
    assert not made(Shelf(), tmp_path)._deaths.verdicts(TP).deaths


async def test_what_nobody_could_read_before_a_batch_is_told_with_it():
    role, given = made(Shelf()), batch(TP, [record(9, b"c", topic="commands")])
    given.lost = [(4, 9)]
    await role.handle(given)
    assert alarms(role) == [("lost", 4)]
    assert role._tools.sender.values("signals")[0]["detail"].startswith("offsets 4 to 8 of commands/0 ")
    assert counted(role._metrics, "tocsin_checkpoint_refused_total", role="deliver.shelf", reason="unreadable") == 1
