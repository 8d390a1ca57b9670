"""`make chaos`: seeds, one after another, each with faults of its own (docs/chaos.md).

python -m tests.chaos [--seeds 50] [--first 1] [--seed S] [--faults kill,join] [--until-wrong] [--out DIR]
"""

import argparse
import logging
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.chaos import faults as catalogue
from tests.chaos.disk import why_not
from tests.chaos.servers import Servers
from tests.chaos.signs import summary
from tests.chaos.trial import Trial
from tests.servers import jars

SHOWN = 12


def report(trial: Trial, wrong: list[str], took: float) -> None:
    """What happened, in a few lines."""
    kind = "one partition, compared with the replay" if trial.plain else f"{trial.world.readings} partitions"
    print(f"seed {trial.seed}: {kind}; " + "; ".join(fault.says for fault in trial.faults))
    numbers = ", ".join(f"{count:,} {name}" for name, count in trial.numbers.items())
    deaths = ", ".join(f"{count} with exit {code}" for code, count in trial.deaths.items()) or "none"
    phases = ", ".join(f"{name} {seconds:.0f}" for name, seconds in trial.took.items())
    print(f"    {numbers}; restarts: {deaths}; {took:.0f} s ({phases})")
    if wrong:
        print(summary(wrong))
    for line in wrong[:SHOWN]:
        print(f"    WRONG {line}")
    if len(wrong) > SHOWN:
        print(f"    and {len(wrong) - SHOWN} more")
    sys.stdout.flush()


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=50, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first one")
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument("--faults", help="these instead of what the seed draws, separated by commas")
    parser.add_argument("--until-wrong", action="store_true", help="stop at the first seed that is wrong")
    parser.add_argument("--out", type=Path, help="where failures are kept; default: a temporary folder")
    return parser.parse_args()


def say_what_is_missing() -> None:
    """Faults that this machine cannot have."""
    for name in catalogue.FAULTS:
        if reason := catalogue.missing(name):
            print(f"without the fault `{name}`: {reason}")
    if reason := why_not():
        print(f"without a full disk: {reason}")


def run(servers: Servers, seeds: list[int], out: Path, given: argparse.Namespace) -> list[int]:
    """Run the seeds; those that were wrong."""
    drawn: Counter[str] = Counter()
    ran: Counter[str] = Counter()
    failed: list[int] = []
    for seed in seeds:
        began, folder = time.monotonic(), out / f"seed-{seed}"
        shutil.rmtree(folder, ignore_errors=True)
        trial, wrong = servers.run(seed, folder, given.faults.split(",") if given.faults else None)
        report(trial, wrong, time.monotonic() - began)
        ran.update(trial.ran)
        drawn.update(fault.name for fault in trial.faults)
        if not wrong:
            shutil.rmtree(folder, ignore_errors=True)
            continue
        failed.append(seed)
        print(f"    kept in {folder}; once more: make chaos SEED={seed}", flush=True)
        if given.until_wrong:
            break
    print(how_many(ran, drawn))
    return failed


def how_many(ran: Counter[str], drawn: Counter[str]) -> str:
    """The faults that were made to the end, and those that a seed which broke off has not come to."""
    said = f"{ran.total()} faults ran: " + ", ".join(f"{count} {name}" for name, count in sorted(ran.items()))
    if missed := drawn - ran:
        said += "; did not run: " + ", ".join(f"{count} {name}" for name, count in sorted(missed.items()))
    return said


def main() -> int:
    """Exit 0 when every seed held, 1 when one did not, 2 when it cannot run here."""
    given = options()
    for name in ("aiokafka", "kafka"):  # they complain of every broker that we take away
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if gone := jars.what_is_missing():
        print(gone, file=sys.stderr)
        return 2
    say_what_is_missing()
    seeds = [given.seed] if given.seed is not None else list(range(given.first, given.first + given.seeds))
    out = given.out or Path(tempfile.mkdtemp(prefix="tocsin-chaos-"))
    servers = Servers(out / "servers")
    try:
        failed = run(servers, seeds, out, given)
    finally:
        servers.close()
    print(f"wrong: {failed}" if failed else "every seed held")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
