import os
import signal
import subprocess
import sys

from streams.checkpoint.in_hand import HandNote

KILLED = """
import os, signal, sys
from pathlib import Path
from streams.checkpoint.in_hand import HandNote
note = HandNote(Path(sys.argv[1])).open()
note.take(3, 100, 199)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_had_in_hand_is_found_by_the_next_one(tmp_path):
    path = tmp_path / "run" / "observe-0.hand"
    found = []
    for _ in (1, 2):
        done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, env={**os.environ})
        assert done.returncode == -signal.SIGKILL
        found.append(HandNote(path).open().found())
    assert [f[:3] for f in found] == [(3, 100, 199)] * 2
    assert found[1].number == found[0].number + 1


def test_nothing_is_in_hand_after_the_work_is_done(tmp_path):
    note = HandNote(tmp_path / "hand").open()
    assert note.found() is None
    note.take(0, 5, 5)
    assert HandNote(tmp_path / "hand").open().found()[:3] == (0, 5, 5)
    note.clear()
    assert HandNote(tmp_path / "hand").open().found() is None


def test_a_file_that_is_too_short_is_nothing(tmp_path):
    (tmp_path / "hand").write_bytes(b"x")
    (tmp_path / "hand").write_bytes(b"")
    assert HandNote(tmp_path / "hand").open().found() is None
