"""What the frozen files tell of: a site, what it had heard when it was saved, and what must follow.

    python -m tests.checkpoint.frozen_story

writes the files of the current schema versions. A file of a released version is never written again: it is what that
release has left in people's Kafka.
"""

import asyncio
import struct
import sys
from pathlib import Path

import msgspec

from streams.agents.assess import Assess
from streams.agents.observe import Observe
from streams.checkpoint import assess_saver, bank_saver
from streams.checkpoint.schema import ASSESS, OBSERVE
from streams.completion import Partition
from streams.models.signal import Act, Source, Trigger, Triggered
from streams.models.times import SECOND
from tests.agents.given import FakeLog, batch, record, tick, tools
from tests.core.sites import above, absent, hazard, site, stream

FOLDER = Path(__file__).parent / "frozen"
READINGS, SIGNALS = Partition("readings", 0), Partition("signals", 0)
NOW = 1_784_527_380_000
LEVEL, RAIN, QUIET = "S0", "S2", "S6"  # stations whose keys lie in partition 0
ZONE = "Z2"


def a_site():
    level = hazard(
        [above("high", 3, 2.5), above("long", 3, hold=20 * SECOND), absent("gone", 60 * SECOND)],
        {1: "high", 2: "long", 3: "gone"},
        checks=("gap", "stuck", "range"),
    )
    rain = hazard(
        [above("much", 20, 15, unit="mm")], {1: "much"}, name="rain", prop="rainfall", unit="mm",
        steps=[("sum", {"over": 3_600 * SECOND, "kind": "increment"})],
    )  # fmt: skip
    streams = [
        stream(LEVEL, zone=ZONE, hard_max=99.0, stuck_for=7_200 * SECOND),
        stream(QUIET, zone=ZONE, interval=20 * SECOND),
        stream(RAIN, prop="rainfall", unit="mm", zone=ZONE),
    ]
    return site(streams, level, rain, zones=(ZONE,))


def reading(offset, station, value, at_s, prop="water_level", **more):
    body = {"station": station, "property": prop, "time": NOW / 1000 + at_s, "value": value, **more}
    return record(offset, body, station.encode(), timestamp=NOW + int(at_s * 1000))


HEARD = [
    reading(0, RAIN, 9.0, 0, "rainfall"),
    reading(1, LEVEL, 3.5, 1),  # high; the hold of `long` ends at 21
    reading(2, QUIET, 1.0, 2),  # silent at 62
    reading(3, RAIN, 8.0, 3, "rainfall", id="given"),
    reading(4, LEVEL, 3.7, 4, status="Exercise"),
    tick(5, NOW + 5_000),
]


def triggered(offset, condition, edge="on"):
    time = (NOW + offset * 1_000) * 1_000
    one = Trigger(
        f"t{offset}", LEVEL, "water_level", edge, time, hazard="flood", subject=LEVEL, condition=condition, value=3.5
    )
    return Triggered(f"s{offset}", Source("readings", 0, offset, 0, 0), time, ZONE, "Actual", [one])


def signal(offset, what):
    value = msgspec.json.encode(what)
    return record(offset, value, ZONE.encode(), timestamp=NOW + offset * 1_000, topic="signals")


def told(alert):
    return [
        signal(0, triggered(0, "high")),
        signal(1, Act("a-1", ZONE, "ack", "Li Hua", alert=alert)),
        signal(2, Act("a-2", ZONE, "silence", "Li Hua", ends=(NOW + 3_600_000) * 1_000, max_level=2)),
    ]


ALERT = "flood:S0:20260720T060300Z"


async def observed(given):
    role = Observe(given)
    await role.starts({READINGS}, FakeLog({READINGS: 0}))
    await role.handle(batch(READINGS, HEARD))
    await role.close()


async def assessed(given):
    role = Assess(given, str)
    await role.starts({SIGNALS}, FakeLog({SIGNALS: 0}))
    await role.handle_signals(batch(SIGNALS, told(ALERT)))
    await role.close()


def a_mean_site():
    """Of `observe-1-mean-1.bin`: written by the release in which what `mean` saves was version 1."""
    level = hazard([above("high", 3, 2.5)], {1: "high"})
    rain = hazard(
        [above("much", 5, 4, unit="mm")], {1: "much"}, name="rain", prop="rainfall", unit="mm",
        steps=[("mean", {"over": 60 * SECOND})],
    )  # fmt: skip
    streams = [stream(LEVEL, zone=ZONE), stream(RAIN, prop="rainfall", unit="mm", zone=ZONE)]
    return site(streams, level, rain, zones=(ZONE,))


MEAN_HEARD = [
    reading(0, RAIN, 8.0, 0, "rainfall"),
    reading(1, LEVEL, 3.5, 1),  # high
    reading(2, RAIN, 9.0, 40, "rainfall"),  # much
    tick(3, NOW + 41_000),
]


def write(path, records):
    path.write_bytes(b"".join(struct.pack("<I", len(value)) + value for _, value in sorted(records.items())))


def read(path):
    data, records = path.read_bytes(), {}
    while data:
        (size,) = struct.unpack_from("<I", data)
        records[len(records)], data = data[4 : 4 + size], data[4 + size :]
    return records


def main():
    bank_saver.INDEX_EVERY_S = assess_saver.EVERY_S = 0.0
    bank_saver.SHORT = 0.0
    for schema, save in ((OBSERVE, observed), (ASSESS, assessed)):
        path = FOLDER / f"{schema.name}-{schema.version}.bin"
        if path.exists():
            print(f"{path} is there: what was released stays as it is", file=sys.stderr)
            continue
        given = tools(a_site())
        asyncio.run(save(given))
        write(path, given.checkpoints.of(f"checkpoints.{schema.name}"))
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
