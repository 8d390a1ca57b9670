import re
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from streams.cli import app
from streams.cli.worker import role_children


def test_a_role_that_is_none_is_refused_with_those_that_are():
    result = CliRunner().invoke(app, ["worker", "--roles", "observe,wathc"])
    said = re.sub(r"[\s│]+", " ", result.output)
    assert result.exit_code == 2
    assert "no role wathc" in said
    assert "deliver.redis" in said


def test_no_role_at_all_is_refused():
    """It would end at once with 0, as if all were well."""
    assert CliRunner().invoke(app, ["worker", "--roles", " ,"]).exit_code == 2


def test_a_bad_configuration_is_refused(tmp_path):
    assert CliRunner().invoke(app, ["worker", "--config", str(tmp_path)]).exit_code == 2


def test_each_role_is_a_process_of_its_own(tmp_path):
    one, two = role_children(["observe", "deliver.feed"], tmp_path, ["--kafka", "k:1"])
    assert (one.name, two.name) == ("observe-0", "deliver.feed-0")
    assert one.argv[0] == sys.executable
    assert " ".join(one.argv[1:]) == f"-m streams worker --role observe --index 0 --run-dir {tmp_path} --kafka k:1"
    assert one.port(1) is None


def test_several_processes_of_a_role_are_numbered(tmp_path):
    children = role_children(["observe", "assess"], tmp_path, [], 0, {"observe": 3})
    assert [one.name for one in children] == ["observe-0", "observe-1", "observe-2", "assess-0"]
    assert [one.argv[one.argv.index("--index") + 1] for one in children] == ["0", "1", "2", "0"]


@pytest.mark.parametrize("said", ["observe", "observe=0", "observe=x", "wathc=2", "assess=2"])
def test_numbers_of_processes_that_make_no_sense_are_refused(said):
    result = CliRunner().invoke(app, ["worker", "--roles", "observe", "--processes", said])
    assert result.exit_code == 2
    assert "say ROLE=NUMBER" in re.sub(r"[\s│]+", " ", result.output)


SLOW = """
import time
from streams.__main__ import main
from streams.cli import worker

def load(*_):
    print("loading", flush=True)
    time.sleep(60)

worker.load_or_exit = load
main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
@pytest.mark.parametrize("words", [[], ["--role", "observe"]])
def test_told_to_stop_while_it_loads_it_has_stopped(number, words):
    """As the first process of a container it would not even end: the kernel keeps such signals from that."""
    with subprocess.Popen([sys.executable, "-c", SLOW, "worker", *words], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"loading\n"
        process.send_signal(number)
        assert process.wait(20) == 0


ENDS = """
import atexit, time
from types import SimpleNamespace
from streams.__main__ import main
from streams.cli import worker
from streams.models.settings import App, Ports

def late():
    print("late", flush=True)
    time.sleep(30)

atexit.register(late)
worker.load_or_exit = lambda *_: SimpleNamespace(app=App(ports=Ports(worker=0)))
worker.role_children = lambda *_: []
main()
"""


def test_told_to_stop_once_more_when_all_have_finished_it_ends_with_0():
    """Python takes a while to end itself, and nobody hears of signals then."""
    argv = [sys.executable, "-c", ENDS, "worker"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        if process.stdout.readline() == b"late\n":
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
