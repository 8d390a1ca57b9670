"""What the conditions and rules of the corpus become."""

from pathlib import Path

from streams.models.site import (
    AlertCondition,
    Area,
    Condition,
    Forecast,
    Hazard,
    ReportCondition,
    Season,
    Threshold,
)
from streams.models.times import HOUR, MINUTE
from tests.config.samples import CORPUS, loaded_with


def hazard_of(tmp_path: Path, name: str, hazard: str = "flood") -> Hazard:
    return loaded_with(tmp_path, CORPUS / name).site.hazards[hazard]


def test_a_file_that_reads_like_the_standard(tmp_path: Path):
    hazard = hazard_of(tmp_path, "good/hazard-like-the-standard.yaml")
    smooth, soon = hazard.inputs["smooth"], hazard.conditions["soon"]

    assert (smooth.unit, smooth.datum, hazard.inputs["stage"].datum) == ("m", True, True)
    assert isinstance(soon, Condition)
    assert soon.forecast == Forecast(within=6 * HOUR, probability=0.5, over=HOUR)
    assert soon.thr_on == Threshold("warning_level", 0.0, "m")
    assert hazard.levels == {1: {"any": ["near", "soon"]}, 2: "warning", 3: "guarantee", 4: "record"}
    assert (hazard.agreeing, hazard.area, hazard.inactive) == (2, Area(), {})
    assert hazard.sources["sl758"]["valid_from"] == "2018-10-01"


def test_seasons(tmp_path: Path):
    conditions = hazard_of(tmp_path, "good/hazard-seasons.yaml").conditions
    summer, whole = conditions["a"], conditions["b"]

    assert isinstance(summer, Condition)
    assert summer.seasons == (Season((5, 1), (9, 30), Threshold(None, 2.5, "m"), Threshold(None, 2.3, "m")),)
    assert summer.thr_on == Threshold(None, 3.0, "m")
    assert isinstance(whole, Condition)
    assert [(one.first, one.last) for one in whole.seasons] == [((11, 1), (2, 29)), ((3, 1), (10, 31))]
    assert (whole.kind, whole.thr_on, whole.hold) == ("below", whole.seasons[0].thr_on, 10 * MINUTE)


def test_some_of_the_newest_readings(tmp_path: Path):
    condition = hazard_of(tmp_path, "good/hazard-samples.yaml").conditions["x"]

    assert isinstance(condition, Condition)
    assert (condition.samples, condition.hold) == ((3, 5), 0)


def test_a_forecast_looks_back_a_sixth_of_how_far_it_looks_ahead(tmp_path: Path):
    conditions = hazard_of(tmp_path, "good/hazard-forecast.yaml").conditions

    assert [one.forecast for one in conditions.values() if isinstance(one, Condition) and one.forecast] == [
        Forecast(6 * HOUR, 0.7, HOUR),
        Forecast(30 * MINUTE, 0.5, 10 * MINUTE),
    ]


def test_reports_near_each_other(tmp_path: Path):
    condition = hazard_of(tmp_path, "good/hazard-reports-near.yaml").conditions["x"]

    assert condition == ReportCondition("x", ("flooding", "crack"), 3, 30 * MINUTE, None, 500.0)


def test_alerts_of_other_hazards(tmp_path: Path):
    conditions = hazard_of(tmp_path, "good/site-cascade", "slope").conditions

    assert [one for one in conditions.values() if isinstance(one, AlertCondition)] == [
        AlertCondition("x", "dam", 3, "near", 100_000.0, 72 * HOUR),
        AlertCondition("y", "flood", 2, "subject"),
        AlertCondition("z", "dam", 4, "downstream", 5_000.0),
    ]


def test_rules_in_microseconds_metres_and_numbers_of_levels(tmp_path: Path):
    hazard = hazard_of(tmp_path, "good/hazard-rules.yaml")

    assert hazard.levels == {
        1: {"vote": {"of": "low", "at_least": 2, "within": 5_000.0, "during": 10 * MINUTE, "by": "station"}},
        2: {
            "any": [
                {"sequence": {"of": ["low", {"all": ["high", {"not": "seen"}]}], "within": 2 * HOUR}},
                {"count": {"of": {"any": ["low", "high"]}, "at_least": 3, "within": HOUR}},
                {
                    "absence": {
                        "of": "seen",
                        "after": {"vote": {"of": "high", "at_least": 2, "by": "datastream"}},
                        "within": 30 * MINUTE,
                    }
                },
            ]
        },
        3: {"promote": {"to": 3, "items": {"stage": {1: "low", 2: "high"}}, "counts": {2: 4, 3: 3, 4: 2}}},
        4: {"promote": {"to": 4, "items": {"stage": {3: "high"}}, "counts": {2: 4, 3: 3, 4: 2}}},
    }
    assert (hazard.area, hazard.agreeing, hazard.suspect_raises_at_most) == (Area("buffer", 500.0), 3, 1)


def test_alerts_at_several_places(tmp_path: Path):
    condition = hazard_of(tmp_path, "good/site-alerts-at-several-reaches").conditions["x"]

    assert condition == AlertCondition("x", "flood", 2, "upstream", 50_000.0, 6 * HOUR, count=2, by="subject")
