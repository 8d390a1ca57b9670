import json
from pathlib import Path

import pytest

from streams.cli.listening import bind, tell


def test_a_taken_port_gives_the_next_free_one(taken: int):
    with bind("127.0.0.1", taken) as found:
        assert taken < found.getsockname()[1] <= taken + 50


def test_zero_is_any_port():
    with bind("127.0.0.1", 0) as found:
        assert found.getsockname()[1] > 0


def test_an_address_that_is_not_ours_is_an_error():
    with pytest.raises(OSError, match="assign"):
        bind("203.0.113.1", 0)


def test_the_run_file_is_whole(tmp_path: Path):
    tell(tmp_path / "run" / "web.json", 8080)
    assert json.loads((tmp_path / "run" / "web.json").read_text())["port"] == 8080
    assert [f.name for f in (tmp_path / "run").iterdir()] == ["web.json"]
