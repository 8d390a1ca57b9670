"""`tocsin detect` as a person calls it."""

import csv
import io
import socket
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from streams.cli.detect import detect


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Runs the command in the test's own folder."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(detect)
    return lambda *given: CliRunner().invoke(app, [str(one) for one in given], env={"COLUMNS": "200"})


@pytest.fixture
def good(call):
    """The same, for what has to work: the lines of the answer as mappings."""

    def answer(*given):
        result = call(*given)
        assert result.exit_code == 0, result.stderr
        return list(csv.DictReader(io.StringIO(result.stdout)))

    return answer


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]
