"""`make bench`: every figure once, as a ratio with its raw baseline of the same run beside it.

    python -m benchmarks [--only GROUP | --only GROUP.NAME] [--full] [--quick] [--json] [--list]

Exit 1 only when something failed: a slow machine is no error, and neither is a figure that is not met.
"""

import argparse
import json
import sys
import time
import traceback
from typing import Any

from benchmarks.figures import Figure, Measured, table, together
from benchmarks.groups import GROUPS
from benchmarks.lab import Lab
from benchmarks.machine import Watch, described, said

RUNS = 3  # of FULL=1


class Session:
    """One call of `make bench`: what was found, what failed, and what else the machine did."""

    def __init__(self, *, quick: bool, quiet: bool) -> None:
        self._quick, self._quiet = quick, quiet
        self.rounds: list[list[Figure]] = []
        self.failed: dict[str, str] = {}
        self.machine: dict[str, dict[str, float]] = {}

    def tell(self, text: str) -> None:
        """What is going on, for whoever waits."""
        if not self._quiet:
            print(text, file=sys.stderr, flush=True)

    def round(self, wanted: dict[str, list[str]]) -> None:
        """Measure everything that is wanted once."""
        found: list[Figure] = []
        for group, names in wanted.items():
            with Lab(quick=self._quick, tell=lambda text: self.tell(f"  {text}")) as lab:
                for name in names:
                    found += self._measure(lab, group, name)
        self.rounds.append(found)

    def _measure(self, lab: Lab, group: str, name: str) -> list[Figure]:
        full, watch, began = f"{group}.{name}", Watch(), time.monotonic()
        self.tell(f"{full} …")
        try:
            found = GROUPS[group][name](lab)
        except Exception as error:  # noqa: BLE001 - the others shall still be measured; the exit code says it
            self.failed[full] = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
            self.tell("".join(traceback.format_exception(error, chain=False)))
            return []
        self.machine[full] = watch.seen()
        self.tell(f"  {time.monotonic() - began:.0f} s; {said(self.machine[full])}")
        return found

    @property
    def found(self) -> list[Measured]:
        """All figures."""
        return together(self.rounds)

    def shown(self) -> dict[str, Any]:
        """For JSON."""
        figures = [one.shown() for one in self.found]
        beside = {"beside": self.machine, "failed": self.failed}
        return {"machine": described(), "quick": self._quick, "figures": figures, **beside}


def chosen(only: str) -> dict[str, list[str]]:
    """Group -> names, of all or of what ONLY names."""
    group, _, name = only.partition(".")
    if only and (group not in GROUPS or (name and name not in GROUPS[group])):
        raise SystemExit(f"there is no {only}; there are:\n{listed()}")
    return {g: [n for n in names if name in ("", n)] for g, names in GROUPS.items() if group in ("", g)}


def listed() -> str:
    """Every group and name, one a line."""
    lines = [f"  {g}.{n:15} {measure.__doc__ or ''}".rstrip() for g, ns in GROUPS.items() for n, measure in ns.items()]
    return "\n".join(lines)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a group, or group.name")
    parser.add_argument("--full", action="store_true", help=f"{RUNS} times, with the spread")
    parser.add_argument("--quick", action="store_true", help="a tenth of the messages: does it work at all?")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--list", action="store_true", help="what there is")
    options = parser.parse_args()
    if options.list:
        print(listed())
        return 0
    wanted = chosen(options.only)
    session = Session(quick=options.quick, quiet=False)
    session.tell(described())
    for _ in range(RUNS if options.full else 1):
        session.round(wanted)
    if options.json:
        print(json.dumps(session.shown()))
    else:
        print(table(session.found))
    for name, why in session.failed.items():
        print(f"failed: {name}: {why}", file=sys.stderr)
    return 1 if session.failed else 0


if __name__ == "__main__":
    sys.exit(main())
