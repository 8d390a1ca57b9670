"""The test servers themselves: they keep their data, come back where they were, and never outlive their parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from kafka.admin import KafkaAdminClient

from streams.embedded import kafka_answers
from tests.e2e.topics import create_topics
from tests.servers import class_archive, jars
from tests.servers.kafka import Kafka
from tests.servers.process import ServerProcess
from tests.servers.valkey import Redis


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


def wait_gone(pid: int, patience_s: float = 5) -> bool:
    deadline = time.monotonic() + patience_s
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def test_a_server_dies_with_its_parent_even_when_that_is_killed(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from tests.servers.process import ServerProcess;"
        f"print(ServerProcess(['sleep', '300'], Path({str(tmp_path / 'log')!r})).pid, flush=True); time.sleep(300)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert wait_gone(child)


@pytest.mark.parametrize("last", ["wait", "sleep 0.2"], ids=["leader lives", "leader gone"])
def test_kill_takes_the_whole_group(tmp_path, last):
    script = f"sleep 300 & echo $! > {tmp_path}/pid; {last}"
    process = ServerProcess(["sh", "-c", script], tmp_path / "log")
    process.wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip() != "", 5)
    if last != "wait":
        process._process.wait(5)
    process.kill()
    assert wait_gone(int((tmp_path / "pid").read_text()))


def test_a_server_that_ends_at_once_shows_its_log(tmp_path):
    process = ServerProcess(["sh", "-c", "echo no such thing >&2; exit 3"], tmp_path / "log")
    with pytest.raises(RuntimeError, match=r"(?s)ended with 3.*no such thing"):
        process.wait_until(lambda: False, 5)


@pytest.mark.kafka
def test_kafka_keeps_its_data_over_kill_9(own_kafka: Kafka):
    create_topics(own_kafka.bootstrap, {"readings": 3})
    own_kafka.kill()
    host, port = own_kafka.bootstrap.split(":")
    assert not kafka_answers(host, int(port))
    own_kafka.start()
    admin = KafkaAdminClient(bootstrap_servers=own_kafka.bootstrap)
    assert "readings" in admin.list_topics()
    admin.close()


@pytest.mark.kafka
def test_topics_are_made_anew_with_the_products_settings(kafka: Kafka):
    for partitions in (1, 4):
        create_topics(kafka.bootstrap, {"signals": partitions, "command.current.open": 2})
        admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        (told,) = admin.describe_topics(["signals"])
        assert len(told["partitions"]) == partitions
        admin.close()


@pytest.mark.kafka
def test_the_command_line_starts_and_stops_a_node(kafka: Kafka, tmp_path):
    del kafka  # only for its skip: no Java, no Kafka
    run = [sys.executable, "-m", "tests.servers.kafka"]
    where = ["--dir", str(tmp_path / "node")]
    started = subprocess.run([*run, "start", *where], capture_output=True, text=True, check=True)
    try:
        host, port = started.stdout.strip().split(":")
        assert kafka_answers(host, int(port))
        assert subprocess.run([*run, "status", *where], capture_output=True, check=False).returncode == 0
    finally:
        subprocess.run([*run, "stop", "--kill", *where], check=True)
    assert subprocess.run([*run, "status", *where], capture_output=True, check=False).returncode == 1


def test_redis_keeps_its_data(any_redis: Redis):
    with redis.Redis.from_url(any_redis.url) as link:
        link.set("a", "1")
    any_redis.stop()
    any_redis.start()
    with redis.Redis.from_url(any_redis.url) as link:
        assert link.get("a") == b"1"


def test_the_cache_follows_xdg(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jars.cache() == tmp_path / "tocsin" / f"kafka-{jars.version()}" / "libs"


def test_a_node_starts_from_the_archive_of_its_classes_where_there_is_one(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    node = Kafka(tmp_path / "node")
    assert node.flags_of_classes == ()
    jars.class_archive().parent.mkdir(parents=True)
    jars.class_archive().touch()
    assert node.flags_of_classes == (f"-XX:SharedArchiveFile={jars.class_archive()}",)


@pytest.mark.kafka
def test_the_archive_is_made_once_and_is_read(kafka: Kafka):
    """`kafka`: so that there are jars."""
    archive = class_archive.make()
    made = archive.stat().st_mtime_ns
    assert class_archive.make() == archive == jars.class_archive()
    assert archive.stat().st_mtime_ns == made
    told = subprocess.run(
        ["java", "-Xshare:on", f"-XX:SharedArchiveFile={archive}", "-cp", f"{jars.cache()}/*", "-version"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr  # -Xshare:on: an archive that does not fit is an error


def test_what_is_missing_names_java(monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    assert "Java 17" in str(jars.what_is_missing())
