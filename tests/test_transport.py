"""The methods that we override are private to Faust and aiokafka: a new version must not change them unseen."""

import ast
import asyncio
import hashlib
import importlib
import inspect
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaConsumer, conn
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import Assignment, SubscriptionState, TopicPartitionState
from aiokafka.producer import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder, MessageAccumulator
from aiokafka.producer.sender import SendProduceReqHandler
from aiokafka.protocol.api import Request
from faust.app.base import App, BootStrategy
from faust.serializers.schemas import Schema
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport import consumer
from faust.transport.conductor import Conductor
from faust.transport.drivers import aiokafka as driver
from mode import Service

from streams import cluster
from streams.answers import Answers, Pieces, put_together_once
from streams.app import Boot, NoTables, SafeApp
from streams.completion import Partition, Start, Track
from streams.fetch import Ahead, ConsumerThread, Tuning
from streams.membership import Membership
from streams.odd_batch import Answer, _OddBatch
from streams.records import LightRecords, use_light_records
from streams.transport import Consumer, RawSchema, Transport

STREAMS = Path(__file__).parents[1] / "streams"
THEIRS = {"faust", "mode", "aiokafka", "kafka"}
PartitionRecords = LightRecords.__base__
AIOKafkaProtocol = Answers.__base__
BatchInPython = _OddBatch.__base__
#: what we override, and what we rely on to call it -> first 12 digits of the SHA-256 of its source
KNOWN = {
    consumer.Consumer.__init__: "302410d59e69",
    consumer.ThreadDelegateConsumer.__init__: "7072ae80eac1",
    consumer.Consumer._get_active_partitions: "b24897f3c7af",
    consumer.Fetcher._fetcher.fun: "68f894f0b577",
    consumer.Consumer.getmany: "4b168d84882a",
    consumer.Consumer._drain_messages: "44a2500309e8",
    consumer.Consumer.perform_seek: "0e8c130ff4b0",
    consumer.Consumer.wait_empty: "e4662fe24f09",
    consumer.Consumer.commit_and_end_transactions: "892377824b11",
    consumer.Consumer._filter_tps_with_pending_acks: "f6f923977423",
    consumer.Consumer._filter_committable_offsets: "dc5e9baf5d99",
    consumer.Consumer._should_commit: "5ce941793947",
    consumer.Consumer._new_offset: "1d2c7ea89a7a",
    consumer.Consumer._add_gap: "4df2573ded7c",
    consumer.Consumer._commit_offsets: "1a6979904118",
    consumer.Consumer.on_partitions_revoked: "d04b7ae72c6f",
    consumer.Consumer.on_partitions_assigned: "29ce96596f05",
    consumer.Consumer.stop_flow: "cf7e875a2b0d",
    consumer.Consumer.resume_flow: "db59630f25b5",
    consumer.Consumer.on_stop: "45b1d2210ce2",
    driver.Consumer._new_consumer_thread: "0870ec53dea7",
    driver.Consumer._to_message: "7c24f6511b2f",
    driver.Consumer.verify_event_path: "a17e8f0610e1",
    driver.ConsumerRebalanceListener.on_partitions_revoked: "348c3aec879f",
    driver.ConsumerRebalanceListener.on_partitions_assigned: "1c1f8406ad36",
    driver.AIOKafkaConsumerThread._create_worker_consumer: "c2701bfc3e6f",
    driver.AIOKafkaConsumerThread._ensure_consumer: "ff4a4c693b7e",
    driver.AIOKafkaConsumerThread._commit: "932852ce7a23",
    Recovery._resume_streams: "d986a6710c1a",
    TableManager.on_start: "365dd25fbc0e",
    TableManager._update_channels: "88e3941facc9",
    App._on_partitions_revoked: "d5c895bbe57d",
    App._on_partitions_assigned: "de932b7927db",
    App._stop_consumer: "55854a5de12c",
    BootStrategy.kafka_producer: "54a789df64f6",
    Service._crash: "7bc0c709a151",
    Schema.loads_key: "9adc30303f20",
    Schema.loads_value: "61a4628b4e09",
    driver.AIOKafkaConsumerThread.on_start: "38b4e8bd1e10",
    Conductor._compile_message_handler: "9fbc0538097a",
    consumer.Fetcher.on_stop: "21f3bae9b455",
    GroupCoordinator._do_heartbeat: "dc1d6632aaa6",
    GroupCoordinator._heartbeat_routine: "61d010289522",
    GroupCoordinator._start_heartbeat_task: "358d0cfad997",
    GroupCoordinator.reset_generation: "537aa37c531b",
    GroupCoordinator.ensure_active_group: "33c84c1a9301",
    GroupCoordinator._maybe_leave_group: "016cd88a16e6",
    AIOKafkaConsumer.seek: "a9430f1f3b9a",
    AIOKafkaConsumer.committed: "d8706147ab15",
    AIOKafkaProducer.create_batch: "c4efda4bb7a0",
    AIOKafkaProducer.send_batch: "bf42b0f0c5c0",
    BatchBuilder.append: "657d76f55157",
    MessageAccumulator.add_batch: "5ed1c5b1367a",
    SendProduceReqHandler._can_retry: "7ff5d491d977",
    Fetcher.fetched_records: "be4348896b9b",
    Fetcher._proc_fetch_request: "59bf948fff47",
    PartitionRecords.__init__: "8ec1c2ae6ea1",
    PartitionRecords.__next__: "63ac34a08c30",
    PartitionRecords._unpack_records: "b803e6d46480",
    PartitionRecords._consumer_record: "e668541600b0",
    PartitionRecords._consume_aborted_up_to: "56876530cd64",
    PartitionRecords._contains_abort_marker: "17e9ad2322ef",
    BatchInPython.__init__: "adc08a5cd162",
    BatchInPython.__iter__: "492967e59f45",
    BatchInPython.__next__: "d05784bae3cb",
    BatchInPython._read_msg: "0997ab7a5850",
    BatchInPython._maybe_uncompress: "c9d0dc2bed50",
    driver.Consumer.on_stop: "173f86b366f3",
    consumer.ConsumerThread.on_partitions_assigned: "e59e8dda4372",
    App.on_init_dependencies: "7621a70a9b01",
    AIOKafkaConsumer.assign: "284d8843e221",
    AIOKafkaConsumer.unsubscribe: "d6ad051c6ea1",
    AIOKafkaConsumer.pause: "d5fc6f423650",
    AIOKafkaConsumer.getmany: "bc6d248e42a4",
    SubscriptionState.subscription.fget: "fbbd34b17218",
    Assignment.state_value: "183fea82ef48",
    TopicPartitionState.__init__: "f0b391da1b87",
    TopicPartitionState.has_valid_position.fget: "ebe7c39d949a",
    TopicPartitionState.position.fget: "816b6b289bd1",
    AIOKafkaAdminClient._send_request_to_node: "5123e2972003",
    AIOKafkaAdminClient.find_coordinator: "f843b36169d5",
    Request.build: "3a1c9951620b",
    Request.prepare: "3a65d9fdefe3",
    AIOKafkaProtocol.__init__: "119ac9d63405",
    conn.AIOKafkaConnection.connect: "b0f9ba7f0cf6",
    conn.AIOKafkaConnection._read: "7b892995c0b8",
    conn.AIOKafkaConnection.connected: "e392e7f6dadb",
}


#: our classes that replace one of theirs, and what of ours in them has only the name in common with something there
OURS = {
    Consumer: set(),
    ConsumerThread: set(),
    SafeApp: set(),
    Boot: set(),
    NoTables: set(),
    Transport: set(),
    RawSchema: set(),
    LightRecords: set(),
    _OddBatch: {"__subclasshook__"},  # typing.Protocol puts it there
    Answers: set(),
    cluster._Fields: {"__init__"},
}
OVERRIDES = [
    (ours, name)
    for ours, apart in OURS.items()
    for name, value in vars(ours).items()
    if inspect.isfunction(value) and name not in apart and any(hasattr(base, name) for base in ours.__bases__)
]


@pytest.mark.parametrize(("ours", "name"), OVERRIDES, ids=lambda one: getattr(one, "__name__", one))
def test_every_override_is_of_a_method_that_was_read(ours, name):
    theirs = inspect.unwrap(getattr(ours.__bases__[0], name))
    assert theirs in {inspect.unwrap(one) for one in KNOWN}, f"{theirs.__qualname__} has no line in KNOWN"


@pytest.mark.parametrize(("ours", "name"), OVERRIDES, ids=lambda one: getattr(one, "__name__", one))
def test_an_override_can_be_called_as_the_method_that_it_replaces(ours, name):
    theirs, mine = (
        inspect.signature(inspect.unwrap(vars_of)) for vars_of in (getattr(ours.__bases__[0], name), vars(ours)[name])
    )
    open_ended = {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}
    named = [one for one in mine.parameters.values() if one.kind not in open_ended]
    assert [one.name for one in named] == [
        one.name for one in theirs.parameters.values() if one.kind not in open_ended
    ][: len(named)]
    if len(named) < len(theirs.parameters):
        assert any(one.kind in open_ended for one in mine.parameters.values()), f"{name} misses parameters of {theirs}"


@pytest.mark.parametrize(("ours", "name"), OVERRIDES, ids=lambda one: getattr(one, "__name__", one))
def test_an_override_says_which_file_it_answers(ours, name):
    assert re.search(r"\w+\.py", inspect.getsource(vars(ours)[name])), "say what of theirs it answers, and why"


def modules_that_import_theirs():
    for path in sorted(STREAMS.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        named = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        named += [alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names]
        if {one.partition(".")[0] for one in named} & THEIRS and any(isinstance(n, ast.ClassDef) for n in tree.body):
            yield importlib.import_module(".".join(path.relative_to(STREAMS.parent).with_suffix("").parts))


def test_no_class_of_theirs_is_replaced_that_is_not_looked_at_here():
    found = {
        one
        for module in modules_that_import_theirs()
        for one in vars(module).values()
        if inspect.isclass(one)
        and one.__module__ == module.__name__
        and any(base.__module__.partition(".")[0] in THEIRS for base in one.__bases__)
        and any(map(inspect.isfunction, vars(one).values()))
    }
    assert found <= set(OURS)
    assert found >= {Consumer, ConsumerThread, SafeApp, LightRecords}


def test_what_is_put_in_the_place_of_a_method_can_be_called_as_that_method():
    coordinator = GroupCoordinator.__new__(GroupCoordinator)
    Membership(10.0).watch(coordinator)
    assert set(vars(coordinator)) == {"_do_heartbeat", "_start_heartbeat_task", "reset_generation"}
    for name, mine in vars(coordinator).items():
        theirs = getattr(GroupCoordinator, name)
        assert theirs in KNOWN
        assert [*inspect.signature(theirs).parameters] == ["self", *inspect.signature(mine).parameters]
        assert inspect.iscoroutinefunction(theirs) == inspect.iscoroutinefunction(mine)


def test_a_fetch_looks_its_class_of_records_up_where_ours_is_put(monkeypatch):
    monkeypatch.setattr(fetcher, "PartitionRecords", PartitionRecords)
    monkeypatch.setattr(fetcher, "MemoryRecords", fetcher.MemoryRecords)
    use_light_records()
    asks = inspect.unwrap(Fetcher._proc_fetch_request)
    assert asks in KNOWN
    assert "PartitionRecords" in asks.__code__.co_names
    assert asks.__globals__["PartitionRecords"] is LightRecords
    assert "MemoryRecords" in asks.__code__.co_names
    assert asks.__globals__["MemoryRecords"] is Answer


def test_of_what_a_fetch_brought_nothing_is_asked_that_ours_does_not_answer():
    asked = set(re.findall(r"records\.(\w+)\(", inspect.getsource(inspect.unwrap(Fetcher._proc_fetch_request))))
    assert asked == {"has_next", "size_in_bytes"}


def test_a_connection_looks_its_protocol_up_where_ours_is_put(monkeypatch):
    monkeypatch.setattr(conn, "AIOKafkaProtocol", AIOKafkaProtocol)
    put_together_once()
    connects = conn.AIOKafkaConnection.connect
    assert "AIOKafkaProtocol" in connects.__code__.co_names
    assert connects.__globals__["AIOKafkaProtocol"] is Answers


def test_a_connection_asks_its_reader_for_nothing_that_ours_does_not_answer():
    asked = set(re.findall(r"reader\.(\w+)\(", inspect.getsource(conn)))
    assert asked == {"readexactly", "at_eof"}
    assert asked <= set(vars(Pieces))


def test_what_is_overridden_by_attribute_is_still_asked():
    assert set(vars(Boot)) & set(vars(BootStrategy)) >= {"enable_kafka_producer", "enable_web"}
    assert driver.Transport.Consumer is driver.Consumer


def digest(function):
    return hashlib.sha256(inspect.getsource(inspect.unwrap(function)).encode()).hexdigest()[:12]


@pytest.mark.parametrize("function", KNOWN, ids=lambda f: f.__qualname__)
def test_the_source_is_the_one_that_was_read(function):
    found = digest(function)
    assert found == KNOWN[function], (
        f"{function.__module__}.{function.__qualname__} has changed. Read it again, look at what streams/transport.py "
        f"and streams/agents/send.py assume of it, run tests/e2e/test_delivery.py, then write {found!r} here."
    )


async def test_a_stopped_flow_is_waited_for_also_with_batches_in_hand():
    """Else the loop that drains never lets another task run, least of all the one that would forget the batches."""
    consumer = Consumer.__new__(Consumer)
    waited = asyncio.Event()

    async def wait(_event):
        waited.set()

    consumer._ready, consumer.flow_active, consumer.can_resume_flow, consumer.wait = [object()], False, None, wait
    assert [one async for one in consumer.getmany(1.0)] == []
    assert waited.is_set()


class Asked:
    """A reader that says what it was asked for and brings nothing."""

    def __init__(self):
        self.topics = []

    def fetching(self, tps, _timeout):
        self.topics.append(sorted(tp.topic for tp in tps))
        return asyncio.get_running_loop().create_future()


async def test_a_topic_that_has_used_up_its_budget_stops_no_other_one_and_goes_on_when_it_has_room():
    tracks = [Track(Partition(topic, 0), Start(0, 0)) for topic in ("reports", "signals")]
    consumer, changed = Consumer.__new__(Consumer), asyncio.Event()
    consumer.tuning, consumer.tracks = Tuning(in_flight=2), {track.tp: track for track in tracks}
    consumer._reader, consumer._ahead = Asked(), Ahead()
    consumer._get_active_partitions = lambda: set(consumer.tracks)

    def fetched():
        consumer._ahead.drop()
        return consumer._fetch_ahead(1.0)

    def fill(track):
        (batch,) = track.take([SimpleNamespace(offset=track.next + n, timestamp=0) for n in range(2)], 10)
        return batch

    stuck, signals = tracks
    stuck._changed = changed.set
    batch = fill(stuck)
    assert fetched()
    fill(signals)
    assert not fetched()
    stuck.finish(batch)
    assert changed.is_set(), "who waits for room is told"
    assert fetched()
    assert consumer._reader.topics == [["signals"], ["reports"]]
