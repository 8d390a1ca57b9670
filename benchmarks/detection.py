"""How well the detectors do on real recordings: the table of docs/detectors.md.

    python -m benchmarks.detection [--data DIR] [--only NAME[,NAME]] [--json]

DIR holds the recordings (default: ../shared/data beside this repository; none of them is part of it), ../bench beside
it the scorers. A benchmark without its data is left out with a reason. All runs go through `detectors.offline`, which
`tocsin detect` runs too.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import detection_cost, detection_multivariate, detection_nab, detection_waves
from benchmarks.detection_data import Line, Missing

HERE = Path(__file__).resolve().parents[1]

Benchmark = Callable[[Path], list[Line]]
BENCHMARKS: dict[str, Benchmark] = {
    "nab": detection_nab.nab,
    "quiet": detection_nab.quiet,
    "skab": detection_multivariate.skab,
    "network": detection_waves.network,
    "sta_lta": detection_waves.reference,
    "p_onset": detection_waves.p_onset,
    "tsunami": detection_waves.tsunami,
    "gecco": detection_multivariate.gecco,
    "batadal": detection_multivariate.batadal,
    "cost": detection_cost.cost,
}


def main() -> None:
    """Runs the benchmarks asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=HERE.parent / "shared" / "data")
    parser.add_argument("--only", default=",".join(BENCHMARKS))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    lines: list[Line] = []
    for name in args.only.split(","):
        try:
            lines += BENCHMARKS[name](args.data)
        except Missing as reason:
            print(f"{name}: left out: {reason}", file=sys.stderr)
    if args.json:
        print(json.dumps([line.__dict__ for line in lines], ensure_ascii=False))
        return
    print("| benchmark | must | aim | measured |\n|---|---|---|---|")
    for line in lines:
        print(f"| {line.name} | {line.must} | {line.aim} | {line.measured} |", flush=True)


if __name__ == "__main__":
    main()
