"""A repartition that is cut off, at every step of it: the next run completes it, or says why not; nothing is lost."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from kafka.errors import NoError, UnknownMemberIdError
from kafka.structs import OffsetAndMetadata

from streams import repartition, topics
from streams.models.partition import partition_of
from streams.models.settings import App, Topic, Topics
from streams.models.signal import Layout, decode_signal
from streams.rekey import Copied, Targets
from streams.repartition import Repartition, RepartitionError
from streams.resaid import spoken
from streams.topics import STAGED, WHOLE, wanted_configs

OLD = {"readings": 2, "reports": 2, "signals": 2, "checkpoints.observe": 2, "checkpoints.assess": 2}
NEW = {"readings": 5, "reports": 2, "signals": 3, "checkpoints.observe": 5, "checkpoints.assess": 3}


class Killed(BaseException):
    """kill -9, as far as a test can."""


class Cluster:
    """What Kafka has, and its admin client. Each call that changes something is a step; at one of them it all ends."""

    def __init__(self):
        self.logs, self.configs, self.offsets = {}, {}, {}
        self.steps, self.until = 0, None
        self.refuse = ()

    def step(self):
        """The one that kills is not done any more."""
        self.steps += 1
        if self.steps == self.until:
            raise Killed

    # -- as the admin client

    def describe_topics(self):
        return [{"name": n, "error_code": 0, "partitions": [{}] * len(p)} for n, p in self.logs.items()]

    def describe_groups(self, groups):
        return {group: {"members": []} for group in groups}

    def create_topics(self, wanted, **_):
        answer = []
        for name, one in wanted.items():
            self.step()
            new = name not in self.logs
            if new:
                self.logs[name] = [[] for _ in range(one["num_partitions"])]
                self.configs[name] = one["configs"]
            answer.append({"name": name, "error_code": 0 if new else 36, "error_message": ""})
        return {"topics": answer}

    def wait_for_topics(self, names, **_):
        pass

    def delete_topics(self, names):
        for name in names:
            self.step()
            del self.logs[name]
            for offsets in self.offsets.values():
                for tp in [tp for tp in offsets if tp.topic == name]:
                    del offsets[tp]

    def list_group_offsets(self, groups):
        return {
            group: {tp: OffsetAndMetadata(at, "", -1) for tp, at in self.offsets.get(group, {}).items()}
            for group in groups
        }

    def alter_group_offsets(self, group, offsets):
        self.step()
        if group in self.refuse:
            return dict.fromkeys(offsets, UnknownMemberIdError)
        self.offsets.setdefault(group, {}).update({tp: at.offset for tp, at in offsets.items()})
        return dict.fromkeys(offsets, NoError)

    def list_partition_offsets(self, specs):
        return {tp: SimpleNamespace(offset=len(self.logs[tp.topic][tp.partition])) for tp in specs}

    def alter_configs(self, resources):
        self.step()
        for one in resources:
            self.configs[one.name] = dict(one.configs)


class FakeCopier:
    """Copies record by record: each of them is a step too."""

    def __init__(self, cluster):
        self.cluster = cluster

    async def rekey(self, source, target, handled, rewrite, around=None):
        targets, copied = Targets(source.partitions, target.partitions), Copied()
        for record in self._merged(source):
            for to in targets.of(record):
                if around and to not in copied.ends:
                    self._write(target.topic, to, spoken(record.timestamp), around[0])
                    copied.note(to, handled=True)
                self._write(target.topic, to, record, rewrite(record))
                copied.note(to, handled=record.offset < handled.get(record.partition, 0))
        for to in copied.ends if around else ():
            self._write(target.topic, to, spoken(targets.now), around[1])
            copied.note(to, handled=True)
        return copied

    async def copy(self, source, target):
        copied = Copied()
        for record in self._merged(source):
            self._write(target, record.partition, record, record.value)
            copied.note(record.partition, handled=True)
        return copied

    def _merged(self, source):
        logs = self.cluster.logs[source.topic]
        assert len(logs) == source.partitions, "all of it is read"
        found = [
            SimpleNamespace(key=k, value=v, timestamp=t, headers=(), partition=p, offset=at)
            for p, log in enumerate(logs)
            for at, (k, v, t) in enumerate(log)
        ]
        return sorted(found, key=lambda record: (record.timestamp, record.partition, record.offset))

    def _write(self, topic, partition, record, value):
        self.cluster.step()
        self.cluster.logs[topic][partition].append((record.key, value, record.timestamp))


def signal(station, offset):
    return (
        b'{"type":"trigger","id":"%s-%d","source":["readings",0,%d,0,0],"received":5,"zone":"Z","status":"Actual","triggers":[]}'
        % (station, offset, offset)
    )


def all_topics(counts):
    stamped = {name: Topic(partitions=n, timestamp="LogAppendTime") for name, n in counts.items()}
    return Topics(topics=stamped)


@pytest.fixture
def cluster(monkeypatch):
    found = Cluster()
    found.create_topics(
        {n: {"num_partitions": c, "configs": wanted_configs(all_topics(OLD)[n])} for n, c in OLD.items()}
    )
    for name in ("readings", "reports", "signals"):
        for number in range(8):
            key = b"K%d" % (number % 5)
            value = signal(key, number) if name == "signals" else b"%d" % number
            found.logs[name][partition_of(key, 2)].append((key, value, number))
    for name, log in (("checkpoints.observe", 0), ("checkpoints.assess", 1)):
        found.logs[name][log].append((None, b"state of the old layout", 0))
    group = {"readings": "observe", "reports": "assess", "signals": "assess"}
    for name, role in group.items():
        for partition in range(2):
            at = max(0, len(found.logs[name][partition]) - 1)
            found.offsets.setdefault(f"tocsin.{role}", {})[repartition.TopicPartition(name, partition)] = at
    found.steps = 0

    @contextmanager
    def admin_of(_):
        yield found

    monkeypatch.setattr(repartition, "admin_of", admin_of)
    monkeypatch.setattr(topics, "admin_of", admin_of)
    monkeypatch.setattr(repartition, "ASK_EVERY_S", 0)
    monkeypatch.setattr(repartition, "Copier", lambda _: FakeCopier(found))
    return found


def run(cluster, until=None, counts=NEW):
    """One run; whether it came to its end."""
    cluster.steps, cluster.until = 0, until
    work = Repartition(App(), all_topics(counts))
    try:
        if work.plan():
            work.run()
    except Killed:
        return False
    return True


def picture(cluster):
    """What is there in the end, but for what nobody reads."""
    return (
        cluster.logs,
        cluster.configs,
        {g: {tp: at for tp, at in o.items() if at} for g, o in cluster.offsets.items()},
    )


@pytest.fixture
def whole(cluster):
    """What one undisturbed run comes to, and in how many steps; the cluster is as before."""
    before = _copy(cluster)
    assert run(cluster)
    found, steps = _copy(cluster), cluster.steps
    _set(cluster, before)
    return found, steps


def _copy(cluster):
    logs = {name: [[*log] for log in logs] for name, logs in cluster.logs.items()}
    return logs, {n: {**c} for n, c in cluster.configs.items()}, {g: {**o} for g, o in cluster.offsets.items()}


def _set(cluster, state):
    cluster.logs, cluster.configs, cluster.offsets = state
    cluster.logs, cluster.configs, cluster.offsets = _copy(cluster)


def same(cluster, wanted):
    logs, configs, offsets = wanted
    assert cluster.logs == logs
    assert {n: cluster.configs[n] for n in logs} == {n: configs[n] for n in logs}
    alike = {g: {tp: at for tp, at in o.items() if tp.topic in logs} for g, o in cluster.offsets.items()}
    assert alike == offsets


def test_an_undisturbed_run(cluster, whole):
    logs, configs, _ = whole[0]
    assert {n: len(log) for n, log in logs.items()} == NEW
    assert sum(map(len, logs["readings"])) == 8
    assert not any(map(len, logs["checkpoints.observe"] + logs["checkpoints.assess"]))
    assert b'"readings~2.' in next(log for log in logs["signals"] if log)[1][1]
    assert configs["readings"]["message.timestamp.type"] == "LogAppendTime"
    assert run(cluster)
    assert Repartition(App(), all_topics(NEW)).plan() == []


def repeats(log, seen):
    """Offsets of the signals that who reads a partition takes for repeats (`Assessor.handle`)."""
    found = []
    for offset, (_, value, *_) in enumerate(log):
        signal = decode_signal(value)
        if isinstance(signal, Layout):
            continue
        source = signal.source
        last = seen.get((source.topic, source.partition), (-1, 0, 0))
        if source.position <= last:
            found.append(offset)
        else:
            seen[source.topic, source.partition] = source.position
    return found


@pytest.mark.parametrize("counts", [{**NEW, "signals": 1}, {**OLD, "signals": 1}, {**OLD, "signals": 3}])
def test_signals_that_meet_in_one_partition_are_no_repeats_of_each_other(cluster, counts):
    """A batch of readings speaks of several zones: their signals lie in several partitions, of one millisecond."""
    cluster.logs["signals"] = [[], []]
    for number in range(20):
        key = b"K%d" % (number % 5)
        log = cluster.logs["signals"][partition_of(key, 2)]
        log.append((key, signal(key, number), 1_000))
        if number == 7:
            log.append((key, signal(key, number), 2_000))  # sent again after a crash
    assert run(cluster, counts=counts)
    found = [repeats(log, {}) for log in cluster.logs["signals"]]
    assert sum(key is not None for log in cluster.logs["signals"] for key, *_ in log) == 21
    assert sum(map(len, found)) == 1


def test_numbers_that_come_again_are_no_reason_to_take_new_signals_for_old_ones(cluster):
    """2 partitions, then 5, then 2, then 5: each time offsets of `readings` begin anew."""
    for readings in (5, 2, 5):
        assert run(cluster, counts={**NEW, "readings": readings})
        for number in range(3):
            key = b"K%d" % number
            cluster.logs["signals"][partition_of(key, 3)].append((key, signal(key, number), 3_000 + readings))
    assert run(cluster, counts={**NEW, "readings": 2})
    assert not any(repeats(log, {}) for log in cluster.logs["signals"])


def test_signals_say_of_how_many_partitions_of_readings_they_speak(cluster):
    assert run(cluster)
    for log in cluster.logs["signals"]:
        found = [decode_signal(value) for _, value, _ in log]
        assert found == [] or (found[0], found[-1]) == (Layout(2), Layout(5))
        assert not [one for one in found[1:-1] if isinstance(one, Layout)]


def test_cut_off_at_any_step_the_next_run_completes_it(cluster, whole):
    wanted, steps = whole
    before = _copy(cluster)
    assert steps > 40
    for until in range(1, steps + 1):
        _set(cluster, before)
        assert not run(cluster, until)
        assert run(cluster), until
        same(cluster, wanted)


def test_cut_off_again_and_again(cluster, whole):
    wanted, steps = whole
    for until in range(1, 3 * steps, 7):
        if run(cluster, until):
            break
    else:
        pytest.fail("it never ended")
    same(cluster, wanted)


def test_while_it_is_cut_off_no_role_starts_and_then_every_one(cluster, whole):
    """What the cluster has may look like topics.yaml in the middle: the signals may still name the old places."""
    _, steps = whole
    before, last = _copy(cluster), False
    for until in range(2, steps + 1):
        _set(cluster, before)
        run(cluster, until)
        started = not _differences(cluster)
        if started:
            same(cluster, whole[0])
        last = last or started
    run(cluster)
    assert not _differences(cluster)


def _differences(cluster):
    cluster.describe_configs = lambda wanted, **_: {
        "topic": {one.name: {k: {"value": v} for k, v in cluster.configs[one.name].items()} for one in wanted}
    }
    return topics.compare(App(), all_topics(NEW))


def test_when_offsets_of_the_copies_have_expired_nothing_is_lost(cluster, whole):
    """Kafka keeps what a group without members has committed for a week."""
    (logs, _, _), steps = whole
    before = _copy(cluster)
    for until in range(1, steps + 1):
        _set(cluster, before)
        run(cluster, until)
        cluster.offsets.clear()
        assert run(cluster)
        assert cluster.logs == logs


@pytest.mark.parametrize("counts", [NEW | {"readings": 7}, NEW | {"signals": 4}, OLD], ids=str)
def test_other_numbers_in_between_are_taken_or_refused_before_anything_is_deleted(cluster, whole, counts):
    wanted, steps = whole
    before = _copy(cluster)
    for until in range(1, steps + 1, 2):
        _set(cluster, before)
        run(cluster, until)
        seen = _copy(cluster)
        if refused(cluster, counts):
            assert _copy(cluster) == seen
            assert run(cluster)
            same(cluster, wanted)
        else:
            for name in ("readings", "signals"):
                assert len(cluster.logs[name]) == counts[name]
                assert keys(cluster.logs[name]) == keys(before[0][name])


def refused(cluster, counts):
    """Whether a run with these numbers says which ones it was begun with."""
    try:
        assert run(cluster, counts=counts)
    except RepartitionError as error:
        return "say these in topics.yaml" in str(error)
    return False


def keys(logs):
    return sorted(key for log in logs for key, _, _ in log if key)


def test_offsets_that_cannot_be_set_are_said_to_be_so(cluster):
    cluster.refuse = ("tocsin.observe",)
    with pytest.raises(RepartitionError, match="UnknownMemberIdError"):
        run(cluster)
    cluster.refuse = ()
    assert run(cluster)
    assert WHOLE not in cluster.logs
    assert not [name for name in cluster.logs if name.endswith(STAGED)]
