"""The figures of rules measure what they say, and their made-up sites are what the core expects. No times."""

import pytest

from benchmarks import rules, rules_site
from benchmarks.groups import GROUPS
from benchmarks.lab import Lab
from streams.core.assess import Assessor
from streams.core.rules import RULES
from streams.models.expression import inner_of


def kinds(rule: object) -> set[str]:
    return set(rule if isinstance(rule, dict) else ()) | {kind for inner in inner_of(rule) for kind in kinds(inner)}


def test_a_site_has_so_many_rules_of_every_kind():
    site = rules_site.site(100, 30)
    assert len(site.zones) == 30
    assert sum(len(hazard.levels) for hazard in site.hazards.values()) == 100
    used = {kind for hazard in site.hazards.values() for rule in hazard.levels.values() for kind in kinds(rule)}
    assert used == set(RULES) - {"absence"}


@pytest.mark.parametrize("together", rules.TOGETHER)
def test_a_signal_meets_the_same_in_a_small_site_and_in_a_large_one(together: int):
    met, mixed = [], []
    for count, zones in ((10, 20), (500, 500)):
        site = rules_site.site(count, zones, together)
        found = [signal for signal, _ in rules_site.signals(zones, count, 900, together)]
        met.append({len(signal.triggers) for signal in found if hasattr(signal, "triggers")})
        assert {len(site.hazards_of[one.property]) for one in site.datastreams.values()} == {together}
        kinds = [kind for hazard in site.hazards.values() for kind in hazard.conditions["seen"].kinds]
        assert {kinds.count(kind) for kind in kinds} == {together}
        pairs = [str(hazard.levels) for hazard in site.hazards.values()]
        mixed.append({pair: pairs.count(pair) / len(pairs) for pair in pairs})
    assert met == [{together}, {together}]
    assert mixed[0] == mixed[1]


def test_every_hazard_raises_alerts_and_some_end():
    night = rules.Night(10, 100, 2_000)
    assert night() >= 0
    assert 0.1 < night.commands / 2_000 < 0.5
    levels: dict[str, set[str | None]] = {}
    site = rules_site.site(20, 20)
    assessor = Assessor(site, 0, rules_site.PARTITIONS)
    for signal, received in rules_site.signals(20, 20, 4_000):
        for command in assessor.handle(signal, received):
            levels.setdefault(command.hazard or "", set()).add(command.level)
    assert set(levels) == set(site.hazards)
    assert all(found & {"yellow", "orange"} for found in levels.values())
    assert any(None in found for found in levels.values())


def test_a_signal_of_every_zone_and_reports_in_between():
    found = [signal for signal, _ in rules_site.signals(10, 10, 500)]
    assert {type(one).__name__ for one in found} == {"Triggered", "Reported", "Progress"} - (
        {"Progress"} if len(found) < 1_000 else set()
    )
    assert len({one.id for one in found if hasattr(one, "id")}) == len(found)


def test_ticks_make_nothing_due():
    waiting = rules.Waiting(100, 50)
    assert waiting() >= 0
    assert len(waiting._assessor.timers) == 100


@pytest.mark.parametrize("name", ["timers", "polygons"])
def test_a_quick_run_gives_its_figure(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rules, "PENDING_MANY", 1_000)
    monkeypatch.setattr(rules, "POLYGONS_MANY", 200)
    monkeypatch.setattr(rules, "TICKS", 1_000)
    (figure,) = GROUPS["rules"][name](Lab(quick=True))
    assert figure.name == f"rules.{name}"
    assert figure.must is not None
    assert figure.at_most
    assert figure.value >= 0
