import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.config.samples import CORPUS
from tests.servers.valkey import Redis


def _started(argv: list[str], run: Path) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (run / "web.json").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"tocsin web did not start: {process.communicate()[1]}")
        time.sleep(0.05)
    said = json.loads((run / "web.json").read_text())
    assert said["pid"] == process.pid
    return process, said["port"]


def test_serves_says_where_and_ends_with_streams_open(tmp_path: Path, valkey: Redis, taken: int):
    argv = [sys.executable, "-m", "streams", "web", "--config", str(CORPUS / "base"), "--redis", valkey.url]
    process, port = _started([*argv, "--port", str(taken), "--run-dir", str(tmp_path)], tmp_path)
    try:
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").json()["ready"]
        with httpx.stream("GET", f"http://127.0.0.1:{port}/v1/feed", timeout=5) as feed:
            next(feed.iter_lines())
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(8) == 0
            assert time.monotonic() - begun < 6
        said = process.stderr.read() if process.stderr else ""
        assert f"port {taken} is taken, using {port}" in said
        assert f"page: http://127.0.0.1:{port}/" in said
    finally:
        process.kill()
        process.communicate()
