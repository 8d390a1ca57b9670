"""The figure of quality checks has all of them in it, and some find something. No times."""

from dataclasses import fields

import pytest

from benchmarks import bank, quality
from benchmarks.groups import GROUPS
from benchmarks.lab import Lab
from streams.core.assess import Assessor
from streams.core.decode import decode
from streams.core.detect import Bank
from streams.models.site import CHECKS


def test_all_checks_or_none():
    on, off = quality.checked(200, on=True), quality.checked(200, on=False)
    some = next(iter(on.datastreams.values()))
    assert on.checks_of(some) == set(CHECKS)
    assert all(getattr(some.checks, field.name) for field in fields(some.checks))
    assert on.neighbours.ever
    assert off.checks_of(next(iter(off.datastreams.values()))) == frozenset()
    assert not off.neighbours.ever
    assert isinstance(Bank(on, 0, 4), Bank)


def test_one_reading_in_sixty_is_a_sample_and_several_checks_find_something():
    site = quality.checked(400, on=True)
    count = 120 * len(bank.stations_of(site))
    columns = [
        decode("readings", 0, bank.PARTITIONS, batch)[0]
        for batch in bank.batches(quality.readings(site, count), count // 120)
    ]
    judged = quality.Judging(site, columns)
    assert judged() >= 0
    assert len(judged.samples[1]) / (count / 2) == pytest.approx(1 / 60, rel=0.1)
    assert {sample.quality for sample in judged.samples[1]} == {1, 3}
    assessor, said = Assessor(site, 0, 1), []
    for sample in [*judged.samples[0], *judged.samples[1]]:
        list(assessor.handle(sample, sample.received))
        said += [one.check for one in assessor.take_relays()]
    assert set(said) & {"neighbour", "drift"}
    assert quality.comparing(site, judged.samples) >= 0


def test_readings_come_evenly_or_at_random_and_then_many_are_in_doubt():
    site = quality.checked(400, on=True)
    doubted = []
    for form in (quality.readings, quality.at_random):
        records, one, flagged = form(site, 6_000, 5.0), Bank(site, 0, bank.PARTITIONS), 0
        assert [record.timestamp for record in records] == sorted(record.timestamp for record in records)
        assert len(records) == 6_000
        for batch in bank.batches(records, 500):
            flagged += sum(one.handle(decode("readings", 0, bank.PARTITIONS, batch)[0]).checks.values())
        doubted.append(flagged / 6_000)
    assert 0 < doubted[0] < 0.02 < doubted[1]


def test_a_quick_run_gives_its_figure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(quality, "DATASTREAMS", 2_000)
    monkeypatch.setattr(quality, "READINGS", 60_000)
    monkeypatch.setattr(quality, "BATCH", 100)
    (figure,) = GROUPS["rules"]["quality"](Lab(quick=True))
    assert (figure.name, figure.must, figure.at_most) == ("rules.quality", 1.0, True)
    assert figure.value >= 0
    assert "a sample" in (figure.beside or "")
