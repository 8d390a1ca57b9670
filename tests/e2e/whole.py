"""The whole job on a real broker: a configuration folder, fresh topics, `tocsin worker`, and what comes out."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from kafka import KafkaConsumer, TopicPartition

from streams.config import load
from streams.models.settings import Topics
from tests.e2e.topics import delete_topics

ROOT = Path(__file__).parents[2]
EMPTY_APP = """\
name: test
timezone: UTC
progress: 1 s
kafka: {{group_prefix: {group}, session_timeout_s: 6, heartbeat_s: 1.5}}
ports: {{worker: 0}}
audit_dir: {audit}
"""


class Whole:
    """One configuration folder at work."""

    def __init__(self, folder, bootstrap, redis="redis://127.0.0.1:1/0", partitions=None):
        self.folder, self.bootstrap, self.redis = Path(folder), bootstrap, redis
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "hazards").mkdir(exist_ok=True)
        group = f"t{uuid4().hex[:8]}"
        (self.folder / "app.yaml").write_text(EMPTY_APP.format(group=group, audit=self.folder / "audit"))
        plain = [name for name in Topics().topics if name != "config" and not name.startswith("checkpoints.")]
        counts = dict.fromkeys(plain, 2) | (partitions or {})
        topics = "".join(f"  {name}: {{partitions: {count}}}\n" for name, count in counts.items())
        (self.folder / "topics.yaml").write_text(f"topics:\n{topics}")

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def make_topics(self):
        delete_topics(self.bootstrap, Topics().topics)
        self.tocsin("topics", "apply")

    def argv(self, *words):
        return [sys.executable, "-m", "streams", *words, "--config", str(self.folder)]

    @property
    def environment(self):
        return {**os.environ, "KAFKA": self.bootstrap, "REDIS": self.redis, "NO_COLOR": "1"}

    def tocsin(self, *words, code=0, timeout=60):
        """Run a command to its end; what it printed."""
        done = subprocess.run(
            self.argv(*words),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == code, f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def worker(self, roles="observe,assess,deliver.feed", *more, ready=True):
        """`tocsin worker`, ready; killed at the end if it has not stopped."""
        run_dir = self.folder / "run"
        words = ["worker", "--roles", roles, "--run-dir", str(run_dir), *more]
        with (self.folder / "worker.log").open("a") as log:
            process = subprocess.Popen(
                self.argv(*words), env=self.environment, stderr=log, stdout=log, cwd=ROOT, start_new_session=True
            )
        try:
            if ready:
                self.wait_ready(process)
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(15)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def wait_ready(self, process=None, patience=60):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            assert process is None or process.poll() is None, self.log()
            ports = [json.loads(p.read_text()) for p in (self.folder / "run").glob("*.json")]
            found = [self._healthy(p["port"]) for p in ports if p.get("port")]
            roles = sum((self.folder / "run" / f"{r}-0.json").exists() for r in self.roles(process))
            if found and all(found) and len(found) >= roles and roles == len(self.roles(process)):
                return
            time.sleep(0.1)
        raise AssertionError(f"not ready in {patience} s\n{self.log()}")

    def roles(self, process):
        return process.args[process.args.index("--roles") + 1].split(",") if process else []

    @staticmethod
    def _healthy(port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    def kill_roles(self):
        """kill -9 of every role process; their supervisor starts them anew."""
        for path in (self.folder / "run").glob("*.json"):
            found = json.loads(path.read_text())
            with suppress(ProcessLookupError):
                os.kill(found["pid"], signal.SIGKILL)

    def log(self, *, whole=False):
        said = (self.folder / "worker.log").read_text()
        return said if whole else said[-6000:]

    def read(self, topic):
        """All records of a topic up to now, in offset order within each partition."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        try:
            partitions = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            ends = consumer.end_offsets(partitions)
            found = []
            while any(consumer.position(tp) < end for tp, end in ends.items()):
                for records in consumer.poll(500).values():
                    found += records
            return found
        finally:
            consumer.close()

    def feed(self, name="command.feed.sensitive"):
        return [json.loads(record.value) for record in self.read(name)]

    def wait_for(self, what, patience=60):
        """Until `what()` is true; its value."""
        deadline = time.monotonic() + patience
        while not (found := what()):
            assert time.monotonic() < deadline, f"not within {patience} s\n{self.log()}"
            time.sleep(0.3)
        return found

    def load(self):
        return load(self.folder, self.bootstrap, self.redis)


def once(commands):
    """As a consumer that drops repeated ids sees them; a repeated id must have the same bytes but `stages`."""
    seen = {}
    for command in commands:
        bare = {k: v for k, v in command.items() if k != "stages"}
        assert seen.setdefault(command["id"], bare) == bare, "an id with two contents"
    return list(seen.values())


def level_changes(commands):
    """(alert's subject, time, previous, level) of alerts whose level changed."""
    return [
        (c["subject"], c["time"], c["previous_level"], c["level"])
        for c in commands
        if c["kind"] == "alert" and c["level"] != c["previous_level"]
    ]
