"""Sources that hold no longer, or not yet."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from streams.config.dates import out_of_date
from tests.core.sites import above, hazard, site, stream


def world(**valid):
    one = hazard([above("high", 3, source="plan"), above("low", 1, source="other")], {1: "low", 4: "high"})
    sources = {"plan": {"cite": "a plan", "status": "verified", "valid_from": "2020-01-01", "valid_to": None, **valid}}
    return site([stream()], replace(one, sources={**sources, "unused": {"valid_to": "1990-01-01"}}))


@pytest.mark.parametrize(("valid", "found"), [
    ({"valid_to": "2026-05-02"}, []), ({"valid_from": "2026-05-02"}, []),
    ({"valid_to": "2026-05-01"}, ["what was valid until 2026-05-01"]),
    ({"valid_from": "2026-05-03"}, ["what is valid from 2026-05-03 on"]),
])  # fmt: skip
def test_what_is_not_in_force_on_a_day_is_told(valid, found):
    said = out_of_date(world(**valid), Path("configs"), date(2026, 5, 2))
    assert [one.found for one in said] == found
    assert all(
        (one.file, one.where, one.severity) == ("configs/hazards/flood.yaml", "sources.plan", "warning") for one in said
    )


@pytest.mark.parametrize("status", ["verified", "derived", "memory", "proposal", "local"])
def test_what_was_read_says_since_when_it_is_in_force(status):
    said = out_of_date(world(status=status, valid_from=None), Path("configs"), date(2026, 5, 2))
    wanted = ["no valid_from"] if status in {"verified", "derived"} else []
    assert [str(one.found) for one in said] == wanted
    assert all((one.where, one.severity) == ("sources.plan", "warning") for one in said)


def test_what_is_over_is_told_once():
    said = out_of_date(world(valid_from=None, valid_to="2026-05-01"), Path("configs"), date(2026, 5, 2))
    assert [one.found for one in said] == ["what was valid until 2026-05-01"]
