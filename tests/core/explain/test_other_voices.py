"""Explanations where people and alerts of other hazards have a say."""

from streams.models.signal import Reported, Source
from streams.models.site import AlertCondition, Reach, ReportCondition
from streams.models.times import HOUR, MINUTE, SECOND
from tests.core.relay_world import World, a_site, flood, waits
from tests.core.sites import FOUR, above, hazard, site, stream


def people(*reporters: str, origin: str = "citizen", at: int = 100, kind: str = "flooding"):
    """One report each, a second apart."""
    for number, who in enumerate(reporters):
        time = (at + number) * SECOND
        yield Reported(
            f"r{who}", Source("reports", 0, at + number, 0, 0), time, "Z1", "Actual", kind, origin, time, who
        )


def told_of(the_site, signals):
    world = World(the_site)
    for signal in signals:
        world.now = signal.received
        world.tell(0, signal)
    return [c for c in world.commands if c.kind == "alert"]


SEEN = ReportCondition("seen", ("flooding", "collapse"), 2, 30 * MINUTE)


def test_people_are_counted():
    one = site([stream()], hazard([SEEN, above("o", 5)], {2: "seen", 3: {"any": ["o", "seen"]}}, subject="zone"))
    made = told_of(one, people("a", "b"))[-1]
    assert (made.level, made.explanation.reports, made.explanation.stations) == ("yellow", 2, 0)
    (first,) = made.explanation.because
    assert first.en == "2 people reporting flooding, collapse within 30 min (2 needed)"
    assert first.zh == "30 分钟内 2 人报告 积水、垮塌（需 2 人）"
    assert [one.en for one in made.explanation.would_change] == [
        "ends by itself as soon as no longer 2 people reporting flooding, collapse within 30 min",
        "orange when a second station, a trusted person or good data agrees",  # citizens alone raise at most yellow
    ]
    assert made.confidence == 0.0  # nobody who is trusted


def test_trusted_people():
    one = site([stream()], hazard([SEEN], {2: "seen"}, subject="zone"))
    made = told_of(one, people("a", "b", origin="department"))[-1]
    assert made.confidence == 1.0


def test_how_many_are_still_missing():
    one = site([stream()], hazard([SEEN, *FOUR], {1: "seen", 3: {"all": ["seen", "o"]}}, subject="zone"))
    made = told_of(one, people("a", "b"))[-1]
    assert made.explanation.would_change[1].en == "orange when water level at S1 reaches 5 m"
    many = ReportCondition("many", ("flooding",), 5, HOUR, near=500.0)
    one = site([stream()], hazard([SEEN, many], {1: "seen", 3: "many"}, subject="zone"))
    made = told_of(one, people("a", "b"))[-1]
    assert made.explanation.would_change[1].en == "orange when 3 more people report flooding within 1 h (2 so far)"
    assert made.explanation.would_change[1].zh == "再有 3 人在 1 小时内报告 积水（已有 2 人）时升为橙色"


def test_an_alert_elsewhere():
    world = World(a_site(flood(), waits("dam", "flood", relation="near", within=50_000.0, lasting=2 * HOUR)))
    world.edges(100, "G1", "b", "y")
    world.to(200)
    made = next(c for c in world.commands if c.hazard == "dam" and c.zone == "Z2")
    (first,) = made.explanation.because
    assert (first.en, first.zh) == ("flood alert at yellow in Z1", "Z1 洪水黄色预警")
    assert (made.explanation.alerts, made.explanation.stations, made.confidence) == (1, 0, 1.0)
    down = made.explanation.would_change[0]
    assert down.en == "ends by itself as soon as no flood alert of at least yellow within 50 km for 2 h"


def test_an_alert_that_is_waited_for():
    other = AlertCondition("other", "flood", 3, "upstream", 20_000.0)
    both = hazard([*FOUR, other], {1: "b", 4: {"all": ["o", "other"]}}, name="dam", subject="reach")
    world = World(a_site(flood(), both))
    world.edges(100, "G1", "b", hazard="dam")
    world.to(200)
    made = next(c for c in world.commands if c.hazard == "dam")
    assert made.explanation.would_change[1].en == (
        "red when water level at G1 reaches 5 m and flood alert of at least orange up to 20 km upstream"
    )
    assert "上游20 km内有洪水橙色及以上预警" in made.explanation.would_change[1].zh


def test_alerts_at_several_places():
    """How many there are, how many it takes, and where."""
    two = waits("dam", "flood", subject="reach", prop="dam_level", relation="upstream", within=50_000.0, count=2,
                lasting=2 * HOUR)  # fmt: skip
    streams = [stream(f"G{n}", prop, subject=f"R{n}") for n in (1, 2, 3, 4) for prop in ("water_level", "dam_level")]
    down = [Reach("R1", "R3", 10_000.0), Reach("R2", "R3", 10_000.0), Reach("R3", "R4", 10_000.0), Reach("R4", None)]
    world = World(a_site(flood(), two, streams=streams, reaches=down))
    world.edges(100, "G1", "b", "y")
    world.edges(110, "G2", "y")
    world.to(200)
    made = next(c for c in world.commands if c.hazard == "dam" and c.subject == "R3")
    (first,) = made.explanation.because
    assert first.en == "flood alerts of at least yellow at 2 reaches up to 50 km upstream (2 needed): R1, R2"
    assert first.zh == "上游50 km内2 个河段有洪水黄色及以上预警（需 2 处）：R1、R2"
    assert made.explanation.would_change[0].en == (
        "ends by itself as soon as no longer flood alerts of at least yellow at 2 reaches up to 50 km upstream "
        "within 2 h"
    )
    assert made.explanation.alerts == 2


def test_how_many_alerts_there_are_so_far():
    other = AlertCondition("other", "flood", 2, "near", 50_000.0, HOUR, count=2, by="zone")
    both = hazard([*FOUR, other], {1: "b", 4: {"all": ["b", "other"]}}, name="dam", subject="reach")
    world = World(a_site(flood(), both))
    world.edges(100, "G1", "y")
    world.edges(100, "G1", "b", hazard="dam")
    world.to(200)
    made = next(c for c in world.commands if c.hazard == "dam")
    assert made.explanation.would_change[1].en == (
        "red when flood alerts of at least yellow at 2 zones within 50 km (1 now)"
    )
    world.edges(300, "G1", "-y")
    world.edges(310, "G2", "y")
    made = [c for c in world.commands if c.hazard == "dam"][-1]
    assert [one.en for one in made.explanation.because if "alert" in one.en] == [
        "flood alerts of at least yellow at 2 zones within 50 km (2 needed, 1 of them lowered or over): Z2, Z1"
    ]
    assert "50 km范围内2 个网格有洪水黄色及以上预警（需 2 处，其中 1 处已降级或解除）：Z2、Z1" in [
        one.zh for one in made.explanation.because
    ]
