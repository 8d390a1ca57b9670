import pytest
from typer.testing import CliRunner

from streams.checkpoint.fold import Fold
from streams.checkpoint.schema import ASSESS
from streams.cli import app, checkpoints
from streams.models.settings import Topics
from tests.checkpoint.fake_log import FakeCheckpoints


@pytest.fixture
def broker(monkeypatch):
    broker = FakeCheckpoints()
    monkeypatch.setattr(checkpoints, "CheckpointLog", lambda topic, schema, *_: broker(topic, schema))
    return broker


def run(tmp_path, *words):
    return CliRunner().invoke(app, ["checkpoints", "clear", "--config", "configs", *words])


def test_says_in_every_log_that_what_lies_before_counts_no_more(broker, tmp_path):
    found = run(tmp_path)
    assert found.exit_code == 0, found.output
    counts = Topics().topics
    assert {topic for topic, _ in broker.records} == {"checkpoints.observe", "checkpoints.assess"}
    assert len(broker.records) == 2 * counts["readings"].partitions
    fold = Fold(ASSESS, "site")
    for offset, value in broker.of("checkpoints.assess", 3).items():
        fold.take(value, offset)
    assert not fold.whole
    assert fold.findings == []


def test_one_role_only(broker, tmp_path):
    assert run(tmp_path, "--role", "assess").exit_code == 0
    assert {topic for topic, _ in broker.records} == {"checkpoints.assess"}
    assert run(tmp_path, "--role", "deliver").exit_code == 2


def test_kafka_is_away(broker, tmp_path):
    broker.away = True
    assert run(tmp_path).exit_code == 2
