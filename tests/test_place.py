import os
import subprocess
import sys

import pytest

from streams.models.settings import Kafka
from streams.place import Place, TakenError, run_dir_of


def test_one_name_one_process(tmp_path):
    first, second = Place(tmp_path, "observe", 0), Place(tmp_path, "observe", 0)
    first.take()
    with pytest.raises(TakenError, match="observe-0 runs already"):
        second.take()
    Place(tmp_path, "observe", 1).take()
    Place(tmp_path, "assess", 0).take()


def test_the_name_is_free_again_when_its_process_is_gone(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from streams.place import Place;"
        "Place(Path(sys.argv[1]), 'observe', 0).take(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9
    Place(tmp_path, "observe", 0).take()


def test_the_port_is_told_to_whoever_knows_the_pid(tmp_path):
    place = Place(tmp_path, "observe", 0)
    assert place.port_of(os.getpid()) is None
    place.take()
    place.tell(8123)
    assert place.port_of(os.getpid()) == 8123
    assert place.port_of(os.getpid() + 1) is None  # a note of an earlier life
    place.take()
    assert place.port_of(os.getpid()) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["observe-0.clients", "observe-0.lock"]


def test_every_process_that_had_the_name_here_is_remembered(tmp_path):
    lives = [Place(tmp_path, "observe", 0) for _ in range(3)]
    for place in lives:
        place.take()
        os.close(place._lock.fileno())  # as if it had died
    assert len({place.client for place in lives}) == 3
    assert lives[0].clients == {place.client for place in lives}


def test_deployments_do_not_meet(monkeypatch):
    monkeypatch.delenv("TOCSIN_RUN_DIR", raising=False)
    here = run_dir_of(Kafka(bootstrap="a:1"))
    assert here == run_dir_of(Kafka(bootstrap="a:1"))
    assert len({here, run_dir_of(Kafka(bootstrap="b:1")), run_dir_of(Kafka(bootstrap="a:1", group_prefix="x"))}) == 3


def test_the_variable_goes_first(monkeypatch, tmp_path):
    monkeypatch.setenv("TOCSIN_RUN_DIR", str(tmp_path))
    assert run_dir_of(Kafka()) == tmp_path
