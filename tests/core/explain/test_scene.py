"""What an explanation looks at does not depend on the order in which things came to be known."""

from zoneinfo import ZoneInfo

from streams.core.assess import Assessor
from streams.core.explain.scene import Scene
from streams.core.subject import Moment
from streams.models.times import MINUTE
from tests.core.runs import row, run
from tests.core.sites import above, hazard, site, stream

ZONE = ZoneInfo("UTC")


def test_of_two_values_of_one_time_the_same_one_counts_whatever_the_order_of_latches():
    """A hold is over at the very time of a reading: it tells the value before. A restored picture has another order."""
    conditions = [above("long", 4, hold=MINUTE), above("top", 6)]
    known = site([stream()], hazard(conditions, {1: "long", 4: "top"}))
    assessor = Assessor(known, 0, 1)
    for signal in run(known, [row(0, 5.0), row(60, 8.0)])[1]:
        assessor.handle(signal, signal.received)
    (subject,) = assessor.subjects.values()
    latches = subject.picture.raised
    assert {name: latch.last.time for name, found in latches.items() for latch in found.values()} == {
        "long": MINUTE, "top": MINUTE,
    }  # fmt: skip
    assert {latch.last.value for found in latches.values() for latch in found.values()} == {5.0, 8.0}
    values = []
    for names in (("long", "top"), ("top", "long")):
        subject.picture.raised = {name: latches[name] for name in names}
        scene = Scene(known, ZONE, subject, Moment("cause", MINUTE, MINUTE))
        values.append(scene.value(("S1", "water_level"), known.hazards[subject.picture.hazard.name].conditions["top"]))
    assert values[0] == values[1] == 8.0
