import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from streams import supervise
from streams.supervise import Child, Supervisor

DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
HONEST = "import http.server as h\nclass H(h.BaseHTTPRequestHandler):\n def do_GET(s):\n  p = s.path == '/healthz'\n  s.send_response(200); s.end_headers()\n  s.wfile.write(b'{\"ready\": true, \"x\": 1}' if p else b'# TYPE n counter\\nn_total{a=\"b\"} 3.0\\n')\n def log_message(s, *a): pass\ns = h.HTTPServer(('127.0.0.1', 0), H); open(__import__('sys').argv[1], 'w').write(str(s.server_port)); s.serve_forever()"  # noqa: E501


def python(name, code, *arguments, **more):
    return Child(name, [sys.executable, "-S", "-c", code, *arguments], **more)


def noting(folder, name, code, first=""):
    """A child that notes its pid in a line of its own before it goes on; `first` comes before that."""
    note = f"import os; open({str(folder / name)!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
    return python(name, first + note + code)


def mule(folder):
    """A child that does not stop when it is told to, from the moment on that its pid is noted."""
    return noting(folder, "mule", "import time; time.sleep(60)", first=DEAF)


def lives(folder, name):
    path = folder / name
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


async def until(condition, patience_s=10):
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(supervise, "BACKOFF_FIRST_S", 0.05)
    monkeypatch.setattr(supervise, "LOOK_EVERY_S", 0.02)


async def test_a_child_that_dies_is_started_anew_with_longer_and_longer_pauses(tmp_path):
    supervisor = Supervisor([noting(tmp_path, "a", "import time; print(time.time()); os._exit(70)")])
    with capture_logs() as logs:
        running = asyncio.create_task(supervisor.run())
        await until(lambda: len(lives(tmp_path, "a")) == 4)
        supervisor.stop()
        await running
    assert supervisor.health()[1]["children"]["a"]["last_exit"] in (70, -15)
    pauses = [one["in_s"] for one in logs if one["event"] == "child died, starting it anew"]
    assert pauses[:3] == [0.0, 0.05, 0.1]


async def test_pauses_do_not_grow_for_ever_and_a_long_life_ends_them(tmp_path, monkeypatch):
    monkeypatch.setattr(supervise, "BACKOFF_MOST_S", 0.07)
    supervisor = Supervisor([noting(tmp_path, "a", "os._exit(70)")])
    with capture_logs() as logs:
        running = asyncio.create_task(supervisor.run())
        await until(lambda: len(lives(tmp_path, "a")) >= 5, 20)
        monkeypatch.setattr(supervise, "LIVED_LONG_S", 0.0)
        await until(lambda: len(lives(tmp_path, "a")) >= 8, 20)
        supervisor.stop()
        await running
    pauses = [one["in_s"] for one in logs if one["event"] == "child died, starting it anew"]
    assert pauses[:4] == [0.0, 0.05, 0.07, 0.07]
    assert pauses[-1] == 0.0


async def test_a_child_that_refuses_to_run_stops_everything(tmp_path):
    quiet = noting(tmp_path, "quiet", "import time; time.sleep(60)")
    refuses = noting(tmp_path, "refuses", "import time; time.sleep(0.3); os._exit(2)")
    assert await asyncio.wait_for(Supervisor([quiet, refuses]).run(), 10) == 2
    assert [alive(pid) for name in ("quiet", "refuses") for pid in lives(tmp_path, name)] == [False, False]


async def test_a_child_that_has_finished_stays_finished_and_the_rest_goes_on(tmp_path):
    supervisor = Supervisor([noting(tmp_path, "done", ""), noting(tmp_path, "on", "import time; time.sleep(60)")])
    running = asyncio.create_task(supervisor.run())
    await until(lambda: lives(tmp_path, "on") and supervisor.health()[1]["children"]["done"]["last_exit"] == 0)
    await asyncio.sleep(0.2)
    assert len(lives(tmp_path, "done")) == 1
    supervisor.stop()
    assert await running == 0


async def test_sigterm_reaches_the_children_and_stubborn_ones_are_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(supervise, "KILL_AFTER_S", 0.3)
    supervisor = Supervisor([mule(tmp_path), noting(tmp_path, "a", "import time; time.sleep(60)")])
    running = asyncio.create_task(supervisor.run())
    await until(lambda: lives(tmp_path, "mule") and lives(tmp_path, "a"))
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 5) == 70, "what the mule had in hand was not finished"
    assert not any(alive(pid) for name in ("mule", "a") for pid in lives(tmp_path, name))


async def test_who_says_that_it_could_not_finish_in_time_is_not_told_as_done(tmp_path):
    late = "import signal, sys, time\n"
    late += "signal.signal(signal.SIGTERM, lambda *_: sys.exit(70))\nopen({!r}, 'w').write('up')"
    late += "\ntime.sleep(60)"
    up = tmp_path / "up"
    running = asyncio.create_task(Supervisor([python("late", late.format(str(up)))]).run())
    await until(lambda: up.exists() and up.read_text() == "up")
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 10) == 70


async def test_a_child_that_had_to_be_killed_changes_no_code_that_says_more(tmp_path, monkeypatch):
    monkeypatch.setattr(supervise, "KILL_AFTER_S", 0.3)
    refuses = noting(tmp_path, "refuses", "import time; time.sleep(0.5); os._exit(2)")
    assert await asyncio.wait_for(Supervisor([mule(tmp_path), refuses]).run(), 10) == 2


async def test_a_pause_is_told_to_those_who_understand_it(tmp_path):
    code = "import signal, sys, time\nfor n in (signal.SIGTERM, signal.SIGUSR1): signal.signal(n, lambda s, _: (open({!r}, 'w').write(str(int(s))), sys.exit(0)))\nopen({!r}, 'w').write('up')\ntime.sleep(60)"  # noqa: E501
    notes = {name: tmp_path / name for name in ("role", "other")}
    children = [python(n, code.format(str(f), str(f)), pausable=n == "role") for n, f in notes.items()]
    running = asyncio.create_task(Supervisor(children).run())
    await until(lambda: all(f.exists() and f.read_text() == "up" for f in notes.values()))
    os.kill(os.getpid(), signal.SIGUSR1)
    assert await asyncio.wait_for(running, 5) == 0
    assert {n: int(f.read_text()) for n, f in notes.items()} == {"role": signal.SIGUSR1, "other": signal.SIGTERM}


async def test_health_and_metrics_of_all_children_on_one_port(tmp_path):
    def port_of(name):
        return lambda _pid: int((tmp_path / name).read_text() or 0) if (tmp_path / name).exists() else None

    children = [python(n, HONEST, str(tmp_path / n), port=port_of(n)) for n in ("a", "b")]
    supervisor = Supervisor(children)
    running = asyncio.create_task(supervisor.run("127.0.0.1", 0))
    await asyncio.wait_for(supervisor.all_ready.wait(), 10)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{supervisor.server.port}/healthz") as answer:
            assert answer.status == 200
            shown = json.loads(await answer.text())
        async with session.get(f"http://127.0.0.1:{supervisor.server.port}/metrics") as answer:
            page = await answer.text()
    assert shown["children"]["b"] == {"ready": True, "starts": 1, "last_exit": None, "x": 1}
    assert 'n_total{a="b",process="a"} 3.0' in page
    assert 'tocsin_process_starts_total{process="b"} 1.0' in page
    supervisor.stop()
    await running


async def test_not_ready_until_every_child_is(tmp_path):
    async def never():
        return False, {"reasons": ["tired"]}

    supervisor = Supervisor([python("a", "import time; time.sleep(60)", ready=never)])
    running = asyncio.create_task(supervisor.run("127.0.0.1", 0))
    await until(lambda: supervisor.health()[1]["children"]["a"].get("reasons") == ["tired"])
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{supervisor.server.port}/healthz") as answer,
    ):
        assert answer.status == 503
    assert not supervisor.all_ready.is_set()
    supervisor.stop()
    await running


def test_children_die_with_a_supervisor_that_is_killed(tmp_path):
    child = f"import os, time; open({str(tmp_path / 'a')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    code = f"""
import asyncio, sys
from streams.supervise import Child, Supervisor
asyncio.run(Supervisor([Child("a", [sys.executable, "-S", "-c", {child!r}])]).run())
"""
    supervisor = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 10
    while not lives(tmp_path, "a") and time.monotonic() < deadline:
        time.sleep(0.02)
    supervisor.kill()
    supervisor.wait()
    (pid,) = lives(tmp_path, "a")
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(pid)


async def test_the_first_restart_is_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(supervise, "BACKOFF_FIRST_S", 60.0)
    supervisor = Supervisor([noting(tmp_path, "a", "import os; os._exit(70)")])
    running = asyncio.create_task(supervisor.run())
    await until(lambda: len(lives(tmp_path, "a")) == 2)
    supervisor.stop()
    await running
