"""`tocsin demo` as a person starts it: on its own broker and database, and nothing of it left afterwards."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from streams import embedded

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform != "linux", reason="the embedded servers exist for Linux only"),
]
PATIENCE_S = 150


class Run:
    """One demo with a temporary folder of its own."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.folder = folder
        (folder / "tmp").mkdir()
        self.err = folder / "stderr"
        environment = {**os.environ, "TMPDIR": str(folder / "tmp"), **environment}
        for name in ("KAFKA", "REDIS", "TOCSIN_CONFIG", "TOCSIN_RUN_DIR"):
            environment.pop(name, None)
        with self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams", "demo", *arguments],
                cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=err, text=True,
            )  # fmt: skip

    def page(self) -> str:
        line = self.process.stdout.readline()
        found = re.fullmatch(r"page: (http://127\.0\.0\.1:\d+/)\n", line)
        assert found, f"{line!r}\n{self.err.read_text()}"
        return found[1]

    def says(self, text: str) -> bool:
        """Whether it said so within a while."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            if text in self.err.read_text():
                return True
            time.sleep(0.1)
        return False

    def left(self) -> list[str]:
        """Processes that carry this run's temporary folder in their environment."""
        mark, found = f"TMPDIR={self.folder / 'tmp'}".encode(), []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0") and process.name != str(self.process.pid):
                    found.append((process / "cmdline").read_bytes().decode().replace("\0", " "))
            except OSError:
                continue
        return found

    def nothing_left(self, page: str) -> None:
        assert self.left() == []
        assert list((self.folder / "tmp").glob("tocsin-demo-*")) == []
        port = int(page.rstrip("/").rsplit(":", 1)[1])
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((embedded.HOST, port))


@pytest.fixture
def start(tmp_path):
    runs: list[Run] = []

    def begin(*arguments: str) -> Run:
        runs.append(Run(tmp_path, *arguments))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(30)
        run.process.stdout.close()


def test_a_minute_of_the_demo(start):
    run = start("--for", "20")
    page = run.page()
    assert run.says("ready after"), run.err.read_text()
    ready = time.monotonic()
    first = None
    while first is None and time.monotonic() < ready + 19:
        alerts = json.loads(urllib.request.urlopen(f"{page}v1/alerts", timeout=5).read())["alerts"]
        first = time.monotonic() - ready if alerts else None
        time.sleep(0.2)
    assert first is not None, "an alert is on the page within 20 s of the worker being ready"
    assert {alert["status"] for alert in alerts} == {"Exercise"}
    out, _ = run.process.communicate(timeout=90)
    assert run.process.returncode == 0, run.err.read_text()
    summary = json.loads(out.splitlines()[-1])
    assert list(summary) == ["accepted", "rejects", "alerts", "latency_ms"]
    assert summary["accepted"] > 300
    assert "rainstorm-signal-equivalent" in summary["alerts"]
    assert 0 < summary["latency_ms"]["p50"] <= summary["latency_ms"]["p99"]
    run.nothing_left(page)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_leaves_nothing(start, number):
    run = start()
    page = run.page()
    assert run.says("ready after"), run.err.read_text()
    began = time.monotonic()
    run.process.send_signal(number)
    run.process.wait(30)
    assert time.monotonic() - began < 15
    assert run.process.returncode == 0, run.err.read_text()
    run.nothing_left(page)


def test_told_to_stop_while_it_starts_it_leaves_nothing(start):
    run = start()
    page = run.page()
    run.process.terminate()
    run.process.wait(30)
    run.nothing_left(page)


def test_killed_it_takes_its_processes_along(start):
    run = start()
    run.page()
    run.process.kill()
    run.process.wait(10)
    end = time.monotonic() + 20
    while run.left() and time.monotonic() < end:
        time.sleep(0.2)
    assert run.left() == []


def test_a_site_that_is_no_exercise_is_refused(start):
    run = start("--config", "configs")
    assert run.process.wait(30) == 2
    assert "exercise: true" in run.err.read_text()


@pytest.mark.kafka
def test_a_given_kafka_and_database_are_used(start, own_kafka, tmp_path):
    with embedded.running(embedded.database(tmp_path)) as database:
        run = start("--for", "15", "--kafka", own_kafka.bootstrap, "--redis", f"redis://{database.address}/0")
        page = run.page()
        assert run.says("ready after"), run.err.read_text()
        assert not [line for line in run.left() if "tansu" in line or "valkey" in line]
        out, _ = run.process.communicate(timeout=90)
    assert run.process.returncode == 0, run.err.read_text()
    assert json.loads(out.splitlines()[-1])["alerts"]
    run.nothing_left(page)
