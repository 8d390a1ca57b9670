"""One real Apache Kafka node (KRaft: broker and controller in one process) for tests and benchmarks.

    python -m tests.servers.kafka fetch                       only fill the cache of jars
    python -m tests.servers.kafka start --dir DIR [--port N]  start (again) and print the address
    python -m tests.servers.kafka stop --dir DIR [--kill]
    python -m tests.servers.kafka status --dir DIR

DIR keeps its data, ports and log, so `stop --kill` and `start` is a broker that crashed and came back.
"""

import argparse
import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

from streams.embedded import HOST, free_port, kafka_answers
from tests.servers import jars
from tests.servers.process import ServerProcess

LOG_SETTINGS = """status=error
rootLogger.level=INFO
rootLogger.appenderRefs=file
rootLogger.appenderRef.file.ref=FILE
appender.file.type=File
appender.file.name=FILE
appender.file.fileName={folder}/server.log
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=[%d] %p %m (%c)%n
"""

# One node, small and quick: internal topics of few partitions, no waiting for group members, no topics by accident.
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "num.partitions": "4",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "2",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.threads": "1",
    "log.cleaner.backoff.ms": "1000",
    "log.cleaner.dedupe.buffer.size": "16777216",
}

# Java compiles for a process that lives for seconds (half the CPU of a start), or for one that lives for minutes.
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
LASTING = ("-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20")


class Kafka:
    """A node in a folder; `start` after `kill` or `stop` finds its data and its port again."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        heap: str = "512m",
        settings: Mapping[str, str] | None = None,
        detached: bool = False,
        lasting: bool = False,
    ) -> None:
        """`settings` go over `SETTINGS`; a detached node goes on running when this process ends.

        `lasting`: one that runs for long or is measured. It starts more slowly and then does more.
        """
        self.folder = folder.absolute()
        self._heap = heap
        self._settings = {**SETTINGS, **(settings or {})}
        self._detached, self._lasting = detached, lasting or detached
        self._process: ServerProcess | None = None
        self._ports = self._keep_ports(port)

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"{HOST}:{self._ports['clients']}"

    #: what a node with more than the plain listener adds (tests/servers/secure.py)
    more_listeners: tuple[str, ...] = ()
    format_options: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether the node that this object started is alive."""
        return self._process is not None and self._process.running

    def start(self, patience_s: float = 60.0) -> "Kafka":
        """Start it and wait until it answers as a Kafka."""
        if not self.running:
            libs = jars.fetch()
            self._write_settings()
            self._format(libs)
            self._process = ServerProcess(self._command(libs), self.folder / "output.log", detached=self._detached)
            self._process.wait_until(lambda: kafka_answers(HOST, self._ports["clients"]), patience_s)
            (self.folder / "pid").write_text(str(self._process.pid))
        return self

    def stop(self) -> None:
        """An orderly end, as an upgrade would do."""
        if self._process:
            self._process.stop()

    def kill(self) -> None:
        """`kill -9`: what was acknowledged is in its folder, nothing is tidied."""
        if self._process:
            self._process.kill()

    def pause(self, seconds: float) -> None:
        """Freeze it: connections stay open and nothing answers, like a machine that swaps."""
        assert self._process, "not started"
        os.killpg(self._process.pid, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)

    def destroy(self) -> None:
        """Kill it and delete its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keep_ports(self, wanted: int) -> dict[str, int]:
        """Ports are drawn once per folder: clients find a restarted node where it was."""
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = self.folder / "ports.json"
        if not kept.exists():
            kept.write_text(json.dumps({"clients": wanted or free_port(), "controller": free_port()}))
        ports: dict[str, int] = json.loads(kept.read_text())
        return ports

    def _write_settings(self) -> None:
        clients = f"PLAINTEXT://{self.bootstrap}"
        controller = f"{HOST}:{self._ports['controller']}"
        settings = self._settings | {
            "listeners": ",".join([clients, *self.more_listeners, f"CONTROLLER://{controller}"]),
            "advertised.listeners": ",".join([clients, *self.more_listeners]),
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(self.folder / "data"),
        }
        (self.folder / "server.properties").write_text("".join(f"{k}={v}\n" for k, v in settings.items()))
        (self.folder / "log4j2.properties").write_text(LOG_SETTINGS.format(folder=self.folder))

    def _format(self, libs: Path) -> None:
        """What `kafka-storage format` does, once per folder."""
        if (self.folder / "data" / "meta.properties").exists():
            return
        cluster = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).decode().rstrip("=")  # never starts with -
        settings = str(self.folder / "server.properties")
        command = self._java(libs, "-Xmx128m", *QUICK, main="kafka.tools.StorageTool")
        done = subprocess.run(
            [*command, "format", "-t", cluster, "-c", settings, *self.format_options],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")

    def _command(self, libs: Path) -> list[str]:
        flags = (
            f"-Xmx{self._heap}",
            "-Xms128m",
            *(LASTING if self._lasting else QUICK),
            "-XX:+ExitOnOutOfMemoryError",
        )
        return [*self._java(libs, *flags, main="kafka.Kafka"), str(self.folder / "server.properties")]

    @property
    def flags_of_classes(self) -> tuple[str, ...]:
        """Java's, for the archive of loaded classes (tests/servers/class_archive.py)."""
        archive = jars.class_archive()
        return (f"-XX:SharedArchiveFile={archive}",) if archive.exists() else ()

    def _java(self, libs: Path, *flags: str, main: str) -> list[str]:
        log = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        return ["java", *flags, *self.flags_of_classes, "-Djava.awt.headless=true", log, "-cp", f"{libs}/*", main]


def running_pid(folder: Path) -> int | None:
    """The process id of the node in this folder; a stale file or somebody else's process is not one."""
    try:
        pid = int((folder / "pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if str(folder.absolute() / "server.properties").encode() in command else None


def _stop(folder: Path, number: signal.Signals) -> None:
    pid = running_pid(folder)
    if pid is not None:
        os.kill(pid, number)
    while running_pid(folder) is not None:
        time.sleep(0.05)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["fetch", "start", "stop", "status"])
    parser.add_argument("--dir", type=Path, default=Path("kafka-data"), help="the node's folder")
    parser.add_argument("--port", type=int, default=0, help="for clients; 0 = any free one")
    parser.add_argument("--kill", action="store_true", help="stop with SIGKILL")
    options = parser.parse_args()
    if missing := jars.what_is_missing():
        print(missing, file=sys.stderr)
        return 2
    if options.command == "fetch":
        print(jars.fetch())
    elif options.command == "stop":
        _stop(options.dir, signal.SIGKILL if options.kill else signal.SIGTERM)
    elif options.command == "start" and running_pid(options.dir) is None:
        print(Kafka(options.dir, port=options.port, detached=True).start().bootstrap)
    else:
        pid = running_pid(options.dir)
        print(f"{Kafka(options.dir).bootstrap} pid {pid}" if pid else "not running")
        return 0 if pid else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
