"""The numbers of the shipped files beside those of the standards they come from, written down here once more by hand.

`verified`: the number stands in the source. `derived`: it follows from a formula that does. `proposal`: ours, within
what the source allows. `memory`: waits for a person.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / "configs" / "hazards"
COMPARISONS = ("at_least", "above", "at_most", "below")

CMA16 = {
    "rainstorm-signal-equivalent": {
        "blue": {"rain over 12 h >= 50 mm verified"},
        "yellow": {"rain over 6 h >= 50 mm verified"},
        "orange": {"rain over 3 h >= 50 mm verified"},
        "red": {"rain over 3 h >= 100 mm verified"},
    },
    "snowstorm-signal-equivalent": {
        "blue": {"snowfall over 12 h >= 4 mm verified"},
        "yellow": {"snowfall over 12 h >= 6 mm verified"},
        "orange": {"snowfall over 6 h >= 10 mm verified"},
        "red": {"snowfall over 6 h >= 15 mm verified"},
    },
    "gale-signal-equivalent": {  # forces 6, 8, 10, 12 and gusts 7, 9, 11, 13 of the Beaufort scale
        "blue": {"wind_speed >= 10.8 m/s verified", "wind_gust >= 13.9 m/s verified"},
        "yellow": {"wind_speed >= 17.2 m/s verified", "wind_gust >= 20.8 m/s derived"},
        "orange": {"wind_speed >= 24.5 m/s derived", "wind_gust >= 28.5 m/s derived"},
        "red": {"wind_speed >= 32.7 m/s derived", "wind_gust >= 37.0 m/s derived"},
    },
    "typhoon-signal-equivalent": {  # gusts 8, 10, 12, 14
        "blue": {"wind_speed >= 10.8 m/s verified", "wind_gust >= 17.2 m/s verified"},
        "yellow": {"wind_speed >= 17.2 m/s verified", "wind_gust >= 24.5 m/s derived"},
        "orange": {"wind_speed >= 24.5 m/s derived", "wind_gust >= 32.7 m/s derived"},
        "red": {"wind_speed >= 32.7 m/s derived", "wind_gust >= 41.5 m/s derived"},
    },
    "high-temperature-signal-equivalent": {
        "yellow": {"air_temperature days above 35 Cel >= 3 d verified"},
        "orange": {"air_temperature over 24 h > 37 Cel verified"},
        "red": {"air_temperature over 24 h > 40 Cel verified"},
    },
    "cold-wave-signal-equivalent": {  # the fall is that of the daily minimum; forces 5 and 6
        "blue": {
            "air_temperature over 48 h >= 8 Cel verified",
            "air_temperature over 24 h <= 4 Cel verified",
            "wind_speed over 24 h >= 8.0 m/s verified",
        },
        "yellow": {
            "air_temperature over 24 h >= 10 Cel verified",
            "air_temperature over 24 h <= 4 Cel verified",
            "wind_speed over 24 h >= 10.8 m/s verified",
        },
        "orange": {
            "air_temperature over 24 h >= 12 Cel verified",
            "air_temperature over 24 h <= 0 Cel verified",
            "wind_speed over 24 h >= 10.8 m/s verified",
        },
        "red": {
            "air_temperature over 24 h >= 16 Cel verified",
            "air_temperature over 24 h <= 0 Cel verified",
            "wind_speed over 24 h >= 10.8 m/s verified",
        },
    },
}
#: from 4.0 in the province and 50 km around it, from 5.0 farther away within 20 to 35 N, 95 to 110 E
GATE = {
    "magnitude >= 4.0 verified", "epicentral_distance > 50 km verified", "magnitude >= 5.0 verified",
    "epicentre_latitude < 20 deg verified", "epicentre_latitude > 35 deg verified",
    "epicentre_longitude < 95 deg verified", "epicentre_longitude > 110 deg verified",
}  # fmt: skip


def measured(number: str) -> set[str]:
    return {f"{what} >= {number} proposal" for what in ("intensity", "ground_x over 1 min")}


OTHERS = {
    "flood": {  # SL 758: near the warning level, the warning level, the guarantee level, the historic maximum
        "blue": {"water_level >= station.warning_level - 0.5 m proposal"},
        "yellow": {"water_level >= station.warning_level verified"},
        "orange": {"water_level >= station.guarantee_level verified"},
        "red": {"water_level >= station.historic_maximum verified"},
    },
    "flood-by-flow": {  # SL 758 with GB/T 22482: 5, 20, 50 years; blue is a forecast
        "blue": set(),
        "yellow": {"discharge >= station.flow_5y verified"},
        "orange": {"discharge >= station.flow_20y verified"},
        "red": {"discharge >= station.flow_50y verified"},
    },
    "low-water": {  # near the drought level, at it, lowest of the season, ever; inflow of 30 days
        "blue": {"water_level <= station.drought_level + 0.2 m proposal", "inflow_departure <= -40 % verified"},
        "yellow": {"water_level <= station.drought_level verified", "inflow_departure <= -60 % verified"},
        "orange": {"water_level <= local local", "inflow_departure <= -75 % verified"},
        "red": {"water_level <= station.historic_minimum verified", "inflow_departure <= -90 % verified"},
    },
    "gas": {  # at most 25 and 50 % LEL; 20 and 40 are ours
        "yellow": {"gas_lel >= 20 %{LEL} proposal"},
        "orange": {"gas_lel >= 20 %{LEL} proposal", "gas_lel >= 40 %{LEL} proposal"},
        "red": {"gas_lel >= 40 %{LEL} proposal"},
    },
    "toxic-gas": {  # 100 and 200 % of MAC, else PC-TWA
        "yellow": {f"gas_{name} mg/m3 verified" for name in ("co >= 20", "h2s >= 10", "cl2 >= 1", "nh3 >= 20")},
        "red": {f"gas_{name} mg/m3 verified" for name in ("co >= 40", "h2s >= 20", "cl2 >= 2", "nh3 >= 40")},
    },
    "heavy-pollution": {  # the plans of 2017
        "blue": {"pm25 > 200 verified"},
        "yellow": {"pm25 days above 200 >= 2 d verified"},
        "orange": {"pm25 days above 200 >= 3 d verified", "pm25 > 300 verified"},
        "red": {"pm25 days above 200 >= 4 d verified", "pm25 days above 300 >= 2 d verified", "pm25 >= 500 verified"},
    },
    "heavy-pollution-2024": {  # the guidance of 2024, not read
        "yellow": {"pm25 > 200 memory", "pm25 days above 150 >= 2 d memory"},
        "orange": {"pm25 days above 200 >= 2 d memory", "pm25 days above 150 >= 3 d memory"},
        "red": {"pm25 days above 200 >= 3 d memory", "pm25 > 300 memory"},
    },
    "forest-fire-danger": {  # LY/T 1172-95: classes 51 to 72, 73 to 90, from 91 on
        "yellow": {"forest_fire_index >= 51 verified"},
        "orange": {"forest_fire_index >= 73 verified"},
        "red": {"forest_fire_index >= 91 verified"},
    },
    "earthquake": {  # below III, III and IV, V and VI, from VII on
        "blue": {*GATE, "estimated_intensity >= 1.0 verified", *measured("1.5")},
        "yellow": {*GATE, "estimated_intensity >= 2.5 derived", *measured("2.5")},
        "orange": {*GATE, "estimated_intensity >= 4.5 derived", *measured("4.5")},
        "red": {*GATE, "estimated_intensity >= 6.5 derived", *measured("6.5")},
    },
    "forest-fire-weather": {
        "blue": {"noon_temperature >= 21.3 proposal"},
        "yellow": {"noon_temperature >= 38 proposal"},
        "orange": {"noon_temperature >= 50 proposal"},
        "red": {"noon_temperature >= 70 memory"},
    },
}  # fmt: skip


def read(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))


def names_in(rule: Any) -> set[str]:
    if isinstance(rule, str):
        return {rule}
    parts = rule.values() if isinstance(rule, dict) else rule if isinstance(rule, list) else ()
    return set[str]().union(*map(names_in, parts))


def property_of(pack: dict[str, Any], name: str) -> str:
    one = pack["inputs"][name]
    other = one.get("of")
    return (
        one["property"]
        if other is None
        else property_of(pack, next(iter(other.values())) if isinstance(other, dict) else other)
    )


def said(pack: dict[str, Any], name: str) -> str | None:
    """`rain over 12 h >= 50 mm verified`; None: not a threshold of a value."""
    one = pack["conditions"][name]
    comparison = next((key for key in COMPARISONS if key in one), None)
    if "of" not in one or comparison is None:
        return None
    (step,) = pack["inputs"][one["of"]].get("steps", [{}])[-1:]
    parameters = next(iter(step.values()), {})
    over = f" over {parameters['over']}" if "over" in parameters else ""
    over = f" days above {parameters['level']}" if "days_over" in step else over
    sign = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}[comparison]
    status = pack["sources"][one["source"]]["status"]
    return f"{property_of(pack, one['of'])}{over} {sign} {one[comparison]} {status}"


@pytest.mark.parametrize(
    ("name", "level", "numbers"),
    [(name, level, numbers) for name, levels in {**CMA16, **OTHERS}.items() for level, numbers in levels.items()],
)
def test_a_level_has_the_numbers_of_its_source(name: str, level: str, numbers: set[str]):
    pack = read(name)
    known = set(pack["conditions"])
    assert {text for one in names_in(pack["levels"][level]) & known if (text := said(pack, one))} == numbers


@pytest.mark.parametrize("name", CMA16)
def test_signals_of_2007_say_since_when(name: str):
    sources = read(name)["sources"].values()
    assert {one["valid_from"] for one in sources if one["status"] in {"verified", "derived"}} == {"2007-06-12"}


def test_what_is_superseded_says_until_when():
    assert read("heavy-pollution")["sources"]["plan2017"]["valid_to"] == "2024-01-01"


CURVES = {  # I = a D^-b, mm/h and h
    "caine": ("14.82 mm/h", 0.39, "verified"),
    "aleotti": ("19 mm/h", 0.50, "verified"),
    "guzzetti": ("2.20 mm/h", 0.44, "memory"),
}


@pytest.mark.parametrize(("name", "curves"), [("debris-flow", CURVES), ("landslide", ["caine"])])
def test_curves_of_rain_have_the_numbers_of_their_papers(name: str, curves: Any):
    pack = read(name)
    found = {key: one["steps"][0]["rain_threshold"] for key, one in pack["inputs"].items() if key in CURVES}
    assert set(found) == set(curves)
    for key, one in found.items():
        assert (one["a"], one["b"], pack["sources"][key]["status"]) == CURVES[key]
