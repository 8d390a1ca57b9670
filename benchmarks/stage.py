"""What a measurement runs on: a real Kafka of its own, a county's configuration, and real role processes."""

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from kafka.admin import KafkaAdminClient
from kafka.structs import TopicPartition

from benchmarks.county import County
from benchmarks.machine import cpu_of, memory_of
from streams import topics as cluster
from streams.config.problems import Problems
from streams.config.settings import read_app, read_topics
from tests.servers import jars
from tests.servers.kafka import Kafka
from tests.servers.process import ServerProcess

# Logs are not for ever here: one roll or retention check in the middle of a measurement costs more than it frees.
SETTINGS = {"log.segment.bytes": "1073741824", "log.retention.check.interval.ms": "86400000"}


class Stage:
    """A Kafka with the project's topics, and a configuration folder. `with` ends everything that was started on it."""

    def __init__(self, county: County, folder: Path, heap: str = "2g", **app: Any) -> None:
        self.folder = folder
        self.kafka = Kafka(folder / "kafka", heap=heap, settings=SETTINGS, lasting=True)
        self._app, self._heap = app, heap
        self.county = county
        self._roles: list[RoleProcess] = []
        self._scripts: list[ServerProcess] = []

    def __enter__(self) -> Self:
        if missing := jars.what_is_missing():
            raise RuntimeError(missing)
        self.county.write(self.config, **self._app)
        self.kafka.start()
        self.apply_topics()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._scripts:
            process.kill()
        self.stop_roles()
        self.kafka.destroy()

    @property
    def config(self) -> Path:
        """The configuration folder."""
        return self.folder / "config"

    @property
    def bootstrap(self) -> str:
        """The broker's address."""
        return self.kafka.bootstrap

    def write_app(self, **app: Any) -> None:
        """Change app.yaml for the roles that start from now on."""
        self.county.write(self.config, **(self._app | app))

    def apply_topics(self) -> None:
        """As `tocsin topics apply` does, without reading the site."""
        problems = Problems()
        app = read_app(self.config / "app.yaml", problems, "app.yaml")
        kafka = app.kafka.model_copy(update={"bootstrap": self.bootstrap})
        topics = read_topics(self.config / "topics.yaml", problems, "topics.yaml")
        cluster.apply(app.model_copy(update={"kafka": kafka}), topics)

    def empty(self, *topics: str) -> None:
        """Delete every record of these topics."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            counts = {t["name"]: len(t["partitions"]) for t in admin.describe_topics(list(topics))}
            all_of_it = {TopicPartition(t, n): -1 for t, count in counts.items() for n in range(count)}
            admin.delete_records(all_of_it)
        finally:
            admin.close()

    def role(self, name: str, index: int = 0, run: str = "run", module: str = "streams") -> "RoleProcess":
        """Start one role process. Another `run` is another deployment: its run directory and its own group."""
        role = RoleProcess(self, name, index, self.folder / run, module)
        self._roles.append(role)
        return role

    def stop_roles(self) -> None:
        """Kill -9 for every role that still runs."""
        for role in self._roles:
            role.kill()
        self._roles.clear()

    def script(self, module: str, *arguments: object) -> ServerProcess:
        """Start a module of ours with the broker's address; its output goes to a log beside the broker's."""
        log = self.folder / f"{module.rpartition('.')[2]}-{len(self._scripts)}.log"
        argv = [sys.executable, "-m", module, "--bootstrap", self.bootstrap, *map(str, arguments)]
        process = ServerProcess(argv, log)
        self._scripts.append(process)
        return process


class RoleProcess:
    """A `tocsin worker --role` in a process of its own, seen from outside."""

    def __init__(self, stage: Stage, name: str, index: int, run_dir: Path, module: str) -> None:
        self.name = f"{name}-{index}"
        self._note = run_dir / f"{self.name}.json"
        self._log = stage.folder / f"{run_dir.name}-{self.name}.log"
        argv = [sys.executable, "-m", module, "worker", "--role", name, "--index", str(index)]
        argv += ["--run-dir", str(run_dir), "--config", str(stage.config), "--kafka", stage.bootstrap]
        self._process = ServerProcess(argv, self._log)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.running

    def kill(self) -> None:
        """Kill -9."""
        self._process.kill()

    def stop(self) -> None:
        """SIGTERM, as an upgrade does."""
        self._process.stop()

    def cpu(self) -> float:
        """CPU seconds it has used."""
        return cpu_of(self.pid)

    def memory(self) -> dict[str, float]:
        """MiB."""
        return memory_of(self.pid)

    def _get(self, path: str) -> str:
        note = json.loads(self._note.read_text())
        if note["pid"] != self.pid:
            raise OSError("the note is an earlier process's")
        with urllib.request.urlopen(f"http://127.0.0.1:{note['port']}{path}", timeout=5) as answer:
            return str(answer.read().decode())

    def counts(self) -> dict[str, float]:
        """Its metrics, summed over labels; none while it does not answer yet."""
        try:
            return samples_of(self._get("/metrics"))
        except (OSError, ValueError):
            self._must_run()
            return {}

    @property
    def ready(self) -> bool:
        """Whether /healthz says so."""
        try:
            return bool(json.loads(self._get("/healthz"))["ready"])
        except (OSError, ValueError):
            self._must_run()
            return False

    def _must_run(self) -> None:
        if not self.running:
            said = self._log.read_bytes()[-3_000:].decode(errors="replace").strip()
            raise RuntimeError(f"{self.name} has ended: {said.rpartition(chr(10))[2]}\n{said}")

    def wait(self, ready: Callable[["RoleProcess"], bool] = lambda role: role.ready, patience_s: float = 60) -> None:
        """Return once it is ready, or what else is asked; raise when it has ended or it takes too long."""
        until(lambda: ready(self), patience_s, f"{self.name} is not as far as it should be")


def until(done: Callable[[], bool], patience_s: float, otherwise: str, every_s: float = 0.05) -> None:
    """Ask again and again."""
    deadline = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(every_s)


def samples_of(text: str) -> dict[str, float]:
    """Prometheus' text format: name -> sum over all labels. Of histograms _sum and _count."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line and line[0] != "#":
            name, _, value = line.rpartition(" ")
            bare = name.partition("{")[0]
            if not bare.endswith("_bucket"):
                found[bare] = found.get(bare, 0.0) + float(value)
    return found


@contextlib.contextmanager
def stage_of(county: County, heap: str = "2g", **app: Any) -> Iterator[Stage]:
    """A stage in a temporary folder. With $TOCSIN_BENCH_DIR the folder lies there and stays, for a look at the logs."""
    kept = os.environ.get("TOCSIN_BENCH_DIR")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="tocsin-bench-", dir=kept))
    try:
        with Stage(county, folder, heap, **app) as stage:
            yield stage
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
