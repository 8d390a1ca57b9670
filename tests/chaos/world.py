"""Everything that a chaos run can hurt: the broker, the database, and the processes of the job."""

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import redis
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from streams.config import load
from streams.models.settings import ROLES, Topics
from streams.place import cache_dir
from streams.topics import apply
from tests.chaos.county import write_county
from tests.chaos.disk import Disk
from tests.chaos.post import Post
from tests.e2e.topics import delete_topics
from tests.e2e.whole import ROOT, Whole
from tests.servers.kafka import Kafka
from tests.servers.valkey import Redis


class DiedError(Exception):
    """The supervisor itself went: its log says why."""


class World(Whole):
    """One job on servers that others may use after it: its topics and its group are its own."""

    def __init__(self, folder: Path, kafka: Kafka, database: Redis, readings: int, *, plain: bool) -> None:
        self.folder, self.kafka, self.database = folder, kafka, database
        self.bootstrap, self.redis = kafka.bootstrap, database.url
        self.readings = readings
        self.group = f"chaos{uuid4().hex[:8]}"
        self.disk: Disk | None = None  # where the broker's data lies, if it can be filled
        self.extra: list[subprocess.Popen] = []  # processes that joined
        self._workers: list[subprocess.Popen] = []
        self.post: Post | None = None
        self._closing = False
        self.missed = 0  # signals that found nobody
        self.away = 0.0  # seconds without a broker
        self._taken = 0.0
        folder.mkdir(parents=True, exist_ok=True)
        write_county(folder, self.group, readings, plain=plain)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "TOCSIN_PRIVACY_KEY": "c" * 32, "PYTHONFAULTHANDLER": "1"}

    # ---- the job

    def prepare(self) -> None:
        """Fresh topics, an empty database."""
        delete_topics(self.bootstrap, Topics().topics)
        loaded = load(self.folder, self.bootstrap, cache=cache_dir())
        apply(loaded.app, loaded.topics)  # here: a process of its own needs a second to begin
        self.database.flush()

    def start(self, clocks: dict[str, str]) -> None:
        """One supervisor for the roles whose clock is right, one for each role whose clock is wrong."""
        right = [role for role in ROLES if role not in clocks]
        self._workers = [self._worker(right), *(self._worker([role], clock) for role, clock in clocks.items())]

    def _worker(self, roles: list[str], clock: str = "") -> subprocess.Popen:
        return self._process(["worker", "--roles", ",".join(roles), "--run-dir", str(self.folder / "run")], clock)

    def _process(self, words: list[str], clock: str) -> subprocess.Popen:
        with (self.folder / "worker.log").open("a") as log:
            return subprocess.Popen(
                self.argv(*words), env=self.environment | off_by(clock), stderr=log, stdout=log, cwd=ROOT,
                start_new_session=True,
            )  # fmt: skip

    def ready(self) -> bool:
        """Whether the first process of every role is; those that joined and left do not count."""
        return all(self._ready(f"{role}-0") for role in ROLES)

    def _ready(self, name: str) -> bool:
        with suppress(OSError, ValueError):
            return self._healthy(json.loads((self.folder / "run" / f"{name}.json").read_text())["port"])
        return False

    def look(self) -> None:
        """Raise if a supervisor went."""
        if any(process.poll() not in ((None, 0) if self._closing else (None,)) for process in self._workers):
            raise DiedError(f"`tocsin worker` ended by itself\n{self.log()}")

    def finish(self, role: str) -> bool:
        """SIGTERM to a role; its supervisor does not start it again after exit 0."""
        self._closing = True
        return self.signal(f"{role}-0", signal.SIGTERM)

    def finished(self, role: str) -> bool:
        """Whether it went with exit 0."""
        text = (self.folder / "worker.log").read_text()
        return any("child has finished" in line and f'"{role}-0"' in line for line in text.splitlines())

    def stop(self) -> list[int]:
        """SIGTERM; the exit codes."""
        for process in (*self._workers, *self.extra):
            process.terminate()
        codes = []
        for process in (*self._workers, *self.extra):
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            codes.append(process.poll() if process.poll() is not None else -999)
        self.destroy()
        return codes

    def destroy(self) -> None:
        """SIGKILL to all that still lives; roles are in sessions of their own, and die with their supervisor."""
        pids = [self.pid(path.stem) for path in (self.folder / "run").glob("*.json")]
        for process in (*self._workers, *self.extra):
            if process.poll() is None:
                process.kill()
            process.wait(10)
        for pid in pids:
            if pid is not None and self._ours(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _ours(self, pid: int) -> bool:
        with suppress(OSError):
            return str(self.folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        return False

    # ---- what faults do

    def pid(self, name: str, patience: float = 0.0) -> int | None:
        """Of a role process, such as `observe-0`; none when there is none within patience."""
        deadline = time.monotonic() + patience
        while True:
            with suppress(OSError, ValueError):
                pid = int(json.loads((self.folder / "run" / f"{name}.json").read_text())["pid"])
                if self._ours(pid):
                    return pid
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.02)

    def signal(self, name: str, number: signal.Signals, patience: float = 15.0) -> bool:
        """Send a signal to a role process; whether there was one."""
        pid = self.pid(name, patience)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
                return True
        self.missed += 1
        return False

    def join(self, role: str, clock: str = "") -> subprocess.Popen:
        """A second process of a role. Nothing is published while it loads, so that it joins in the middle of things."""
        words = ["worker", "--role", role, "--index", "1", "--run-dir", str(self.folder / "run")]
        if self.post is not None and self.kafka.running:
            self.post.hold()
        process = self._process(words, clock)
        self.extra.append(process)
        deadline = time.monotonic() + 40
        while process.poll() is None and self.pid(f"{role}-1") != process.pid and time.monotonic() < deadline:
            time.sleep(0.05)
        if self.post is not None:
            self.post.go_on()
        return process

    def joined(self, process: subprocess.Popen, role: str, patience: float) -> bool:
        """Whether a second process is a ready member within patience, or has ended."""
        deadline = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < deadline:
            if self._ready(f"{role}-1"):
                return True
            time.sleep(0.1)
        return False

    def take_broker(self) -> None:
        self.kafka.kill()
        self._taken = time.monotonic()

    def give_broker(self) -> None:
        self.kafka.start(90)
        self.away += time.monotonic() - self._taken

    def empty_database(self) -> None:
        with redis.Redis.from_url(self.database.url) as link:
            link.flushall()

    # ---- how far it is

    def ends(self, *topics: str) -> dict[tuple[str, int], int]:
        """Next offset of each partition."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        try:
            places = [TopicPartition(topic, p) for topic in topics for p in consumer.partitions_for_topic(topic) or ()]
            return {(tp.topic, tp.partition): end for tp, end in consumer.end_offsets(places).items()}
        finally:
            consumer.close()

    def committed(self, role: str) -> dict[tuple[str, int], int]:
        """What a role's group has committed."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            name = f"{self.group}.{role}"
            found = admin.list_group_offsets(name).get(name, {})
            return {(tp.topic, tp.partition): one.offset for tp, one in found.items()}
        finally:
            admin.close()

    def restarts(self) -> list[str]:
        """How often a supervisor started which role anew, and after which exit."""
        lines = (self.folder / "worker.log").read_text().splitlines()
        return [line for line in lines if "child died" in line]


def libfaketime() -> str | None:
    """Debian's library, as its package `faketime` brings it."""
    found = sorted(Path("/usr").glob("lib*/*/faketime/libfaketimeMT.so.1"))
    return str(found[0]) if found else None


def off_by(clock: str) -> dict[str, str]:
    """The environment of a process whose wall clock is off, such as `+1h`; the monotonic one is right."""
    library = libfaketime()
    if not clock or library is None:
        return {}
    return {"LD_PRELOAD": library, "FAKETIME": clock, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
