"""The short form of `make chaos`: two seeds with fixed faults on one broker; docs/chaos.md has the rest."""

import logging

import pytest

from tests.chaos.servers import SHORT_S, Servers, is_plain

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(400)]
FAULTS = {
    3: ["kill_all", "join", "broker", "redis"],
    8: ["kill", "stop"],
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory, kafka):
    for name in ("aiokafka", "kafka"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    found = Servers(tmp_path_factory.mktemp("chaos"), kafka)
    yield found
    found.database.kill()
    kafka.start()


@pytest.mark.parametrize("seed", FAULTS)
def test_a_seed_holds(servers, tmp_path, seed):
    trial, wrong = servers.run(seed, tmp_path / "site", FAULTS[seed], SHORT_S)
    assert not wrong, "\n".join(wrong[:12])
    assert trial.numbers["triggers"] > 1_000
    assert trial.numbers["rejects"] > 50
    assert trial.deaths


def test_both_kinds_of_seed_are_here():
    assert {is_plain(seed) for seed in FAULTS} == {True, False}
