import io
import json
import logging
from types import SimpleNamespace

import pytest
import structlog

from streams import logs


@pytest.fixture
def lines(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(logs, "sys", SimpleNamespace(stderr=stream))  # pytest puts its own sys.stderr in place
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_json_when_nobody_reads_it_on_a_terminal(lines):
    logs.set_up(role="observe", index=0)
    structlog.get_logger("streams.x").info("role started", port=8123)
    logging.getLogger("other").warning("plain %s", "line")
    one, two = lines()
    assert (one["event"], one["port"], one["role"], one["level"]) == ("role started", 8123, "observe", "info")
    assert (two["event"], two["role"]) == ("plain line", "observe")


def test_colours_on_a_terminal(lines, monkeypatch):
    monkeypatch.setattr(logs.sys.stderr, "isatty", lambda: True, raising=False)
    logs.set_up()
    structlog.get_logger().info("role started")
    assert "role started" in logs.sys.stderr.getvalue()
    assert not logs.sys.stderr.getvalue().startswith("{")


def test_a_library_that_floods_is_held_back(lines):
    logs.set_up()
    for number in range(50):
        logging.getLogger("aiokafka.conn").error("Unable connect to %s: %s", "kafka:9092", number)
        logging.getLogger("faust").info("chatter")
    structlog.get_logger("streams.x").warning("ours")
    structlog.get_logger("streams.x").warning("ours")
    assert [line["event"] for line in lines()] == ["Unable connect to kafka:9092: 0", "ours", "ours"]


def test_an_exception_is_told_in_full(lines):
    logs.set_up()
    try:
        int("boom")
    except ValueError:
        structlog.get_logger().exception("it broke")
    assert "ValueError: invalid literal" in lines()[0]["exception"]


def test_a_line_about_a_start_says_how_long_it_took():
    told = logs.spent()
    assert told["cpu_s"] > 0
    assert 0 <= told["after_s"] < 86_400
