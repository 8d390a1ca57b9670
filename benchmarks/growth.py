"""What a reading costs with more and more datastreams: decode and Bank in one process, no Kafka.

    python -m benchmarks.growth [--sizes 1000,20000,200000,1000000] [--plot docs/img/growth.svg] [--json]

Each size runs in a process of its own, with one partition, the chain of benchmarks/county.py and batches as large as
the worker's. Every datastream has been read once before the clock starts, and then has its turn in another order.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.county import County, single
from benchmarks.figures import Figure
from benchmarks.growth_plot import plot
from benchmarks.lab import Lab
from streams.config import load
from streams.core.decode import decode
from streams.core.detect import Bank

SIZES = (1_000, 20_000, 200_000, 1_000_000)
MEASURED = 400_000  # readings
BATCH = 2_000


class Record(NamedTuple):
    """What decode needs of a Kafka record."""

    key: bytes
    value: bytes
    offset: int
    timestamp: int
    headers: tuple[()] = ()


def batches(county: County, rounds: int) -> Iterator[list[Record]]:
    """Consecutive records of the one partition."""
    now = time.time()
    made = enumerate(single(county, 0, range(rounds), int(now), jumps=False))
    while batch := [Record(bytes(bytearray(k)), v, offset, int(now * 1000)) for offset, (k, v) in islice(made, BATCH)]:
        yield batch  # with keys of its own, as a fetch has: those of the county lie all over the memory


def cost(datastreams: int) -> dict[str, Any]:
    """Microseconds of CPU a reading, of decode and of the Bank."""
    county = County(datastreams, 1)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        bank = Bank(load(county.write(Path(folder))).site, 0, 1)
        loaded = time.monotonic() - began
    warm = max(datastreams, MEASURED // 4)
    spent, done, seen = [0.0, 0.0], 0, 0
    for records in batches(county, (warm + MEASURED) // datastreams + 2):
        began = time.process_time()
        columns, _ = decode("readings", 0, 1, records)
        decoded = time.process_time()
        bank.handle(columns)
        ended = time.process_time()
        seen += len(records)
        if seen > warm:
            spent = [spent[0] + decoded - began, spent[1] + ended - decoded]
            done += len(records)
        if done >= MEASURED:
            break
    each = dict(zip(("decode", "bank"), (round(seconds * 1e6 / done, 3) for seconds in spent), strict=True))
    return {"datastreams": datastreams, **each, "us": round(sum(each.values()), 3), "load_s": round(loaded, 1)}


def costs(sizes: tuple[int, ...] = SIZES, tell: Callable[[str], None] = lambda _: None) -> list[dict[str, Any]]:
    """One process a size."""
    found = []
    for size in sizes:
        command = [sys.executable, "-m", "benchmarks.growth", "--one", str(size)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found.append(json.loads(done.stdout))
        tell(f"{size:,} datastreams: {found[-1]['us']} µs a reading")
    return found


def growth(lab: Lab) -> list[Figure]:
    """Cost of a reading with a million datastreams ÷ the least with up to 20,000."""
    lab.clear()
    sizes = SIZES[:3] if lab.quick else SIZES
    found = lab.once("growth", lambda: costs(sizes, lab.tell))
    least = min(one["us"] for one in found[:2])
    beside = "µs a reading: " + ", ".join(f"{one['datastreams']:,} {one['us']:.2f}" for one in found)
    detail = {"costs": found}
    return [Figure("pipeline.growth", found[-1]["us"] / least, must=1.5, at_most=True, beside=beside, detail=detail)]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--plot", type=Path, help="an SVG of the result")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(cost(options.one)))
        return
    found = costs(tuple(int(size) for size in options.sizes.split(",")))
    if options.plot:
        options.plot.write_text(plot(found), "utf-8")
    if options.json:
        print(json.dumps(found))
        return
    for one in found:
        parts = f"decode {one['decode']:6.2f}  Bank {one['bank']:6.2f}  together {one['us']:6.2f} µs"
        print(f"{one['datastreams']:>10,}  {parts}  site read in {one['load_s']} s")


if __name__ == "__main__":
    main()
