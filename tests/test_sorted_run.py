"""Promise (d): whatever the order in which partitions are heard, in the end all is as in the sorted replay."""

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.assess import Assessor
from streams.models.partition import partition_of
from streams.models.signal import Checked, Progress, Relay, Reported, Sampled, Source, Trigger, Triggered
from streams.models.times import SECOND
from streams.sorted_run import Placed, not_passed, picture_difference, sorted_run
from tests.core.signal_streams import PARTITIONS, Night, read
from tests.core.sites import above, hazard, site, stream


def highest(best, assessor):
    """Raw levels of all subjects, the highest so far."""
    for key, subject in assessor.subjects.items():
        best[key] = max(best.get(key, 0), subject.raw)


def both(seed):
    """A night as it was heard, and sorted; the highest raw levels of both."""
    night = Night(seed, outages=False).run()
    live, placed, best = Assessor(night.site, 0, PARTITIONS), [], {}
    for number, (value, now, _) in enumerate(night.log, start=1):
        signal = read(value, now)
        if isinstance(signal, Reported | Relay | Checked):
            placed.append((0, Placed.of(signal, live.floor, number)))
        elif isinstance(signal, Triggered | Progress | Sampled):
            placed.append((0, Placed.of(signal)))
        live.handle(signal, now)
        highest(best, live)
    return night, live, placed, best


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**9))
def test_in_the_end_pictures_and_raw_levels_are_those_of_the_sorted_replay(seed):
    night, live, placed, best = both(seed)
    assert not_passed([live], 0) is None
    (ideal,) = sorted_run(night.site, [live], placed)
    assert picture_difference([live], [ideal]) is None
    assert sorted(live.verdicts.bank.members()) == sorted(ideal.verdicts.bank.members())
    reached = {}
    for at in range(seed % 61, len(placed), 61):
        (ideal,) = sorted_run(night.site, [live], sorted(placed, key=lambda one: one[1][:2])[:at])
        highest(reached, ideal)
    # never less; but what is absent of half a stream may be there in the whole
    said = {
        key: level for key, level in reached.items() if "absence" not in str(live.subjects[key].picture.book.levels)
    }
    assert {key: level for key, level in said.items() if level > best.get(key, 0)} == {}


def test_unknown_keeps_what_was_settled_not_what_was_only_ahead():
    """A rise overtakes a fall, so that a vote is true for a moment; then a third station is lost."""
    a, b, c = (next(f"S{n}" for n in range(99) if partition_of(f"S{n}".encode(), 3) == p) for p in range(3))
    vote = {2: {"vote": {"of": "high", "at_least": 2}}}
    gauges = [stream(name, subject="R") for name in (a, b, c)]
    the_site = site(gauges, hazard([above("high", 3, 2.5)], vote, checks=("gap",)))

    def signal(name, edge, second):
        p, at = partition_of(name.encode(), 3), second * SECOND
        about = ("", "", "") if edge == "lost" else ("flood", "R", "high")
        check = "gap" if edge == "lost" else ""
        trigger = Trigger(f"{name}{edge}", name, "water_level", edge, at, *about, check=check)
        return Triggered(f"s{name}{edge}", Source("readings", p, second, 0, 0), at, "Z1", "Actual", [trigger])

    arrived = [signal(a, "on", 100), signal(b, "on", 205), signal(c, "lost", 181), signal(a, "off", 200)]
    live, raised = Assessor(the_site, 0, 3), []
    for now, one in enumerate([*arrived, *(Progress(p, 999, 300 * SECOND) for p in range(3))], start=1):
        live.handle(one, now)
        raised.append(live.subjects["flood|R|Actual"].raw)
    assert max(raised) == 2  # in doubt the alert goes out
    (ideal,) = sorted_run(the_site, [live], [(0, Placed.of(one)) for one in arrived])
    assert picture_difference([live], [ideal]) is None
    assert live.subjects["flood|R|Actual"].raw == 0
