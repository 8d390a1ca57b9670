import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.config.samples import CORPUS


def test_a_gateway_waits_for_kafka_says_where_it_listens_and_ends_well(tmp_path: Path):
    argv = [sys.executable, "-m", "streams", "gateway", "--config", str(CORPUS / "base"), "--kafka", "127.0.0.1:1"]
    process = subprocess.Popen(
        [*argv, "--port", "0", "--run-dir", str(tmp_path)], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "gateway.json").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline, "it does not listen"
            time.sleep(0.05)
        told = json.loads((tmp_path / "gateway.json").read_text())
        assert told["pid"] == process.pid
        assert httpx.get(f"http://127.0.0.1:{told['port']}/nowhere").status_code == 404
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0
        assert f"gateway: http://127.0.0.1:{told['port']}/v1/observations" in said
    finally:
        process.kill()
        process.communicate()
