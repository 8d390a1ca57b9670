"""Where the CPU of an observe process goes while it works off a full topic: py-spy looks at it from outside.

    python -m benchmarks.profile [--form single|frames|waveforms] [--seconds 8] [--raw FILE]

Two tables: the parts of the way, and the functions whose own code takes longest (C code that they call is theirs).
Every thread of the process counts while it holds the interpreter lock, which is nearly all the CPU there is. --raw
keeps the folded stacks for flamegraph.pl.
"""

import argparse
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.county import ROWS
from benchmarks.lab import Lab
from benchmarks.rate import READINGS
from benchmarks.rivals.run import python
from benchmarks.whole_job import FORMS_OF

SAMPLES_S = 200
TOP = 20
MIN_ROUNDS = {"single": 1, "frames": ROWS, "waveforms": 1}
DECODING = [
    *("decode", "few", "lines", "together", "alike", "waveforms", "numbers", "single_record", "instant", "examine"),
    *("senml", "rows"),
]
FETCHING = [
    *("aiokafka/consumer", "streams/fetch", "streams/answers", "aiokafka/conn", "aiokafka/client", "aiokafka/protocol"),
]
# The innermost frame that one of these marks says which part of the way a stack belongs to.
PARTS = (
    ("saving", ("streams/checkpoint", "agents/saving")),
    ("decoding", tuple(f"core/{name}" for name in DECODING)),
    ("judging", ("streams/core", "detectors/", "numpy/")),
    ("sending", ("agents/send", "streams/lanes", "aiokafka/producer")),
    ("fetching", tuple(FETCHING)),
    ("metrics page", ("prometheus_client", "aiohttp")),
    ("Faust and transport", ("faust/", "mode/", "streams/transport", "streams/completion", "streams/app")),
    ("the role itself", ("streams/agents", "streams/models", "streams/metrics")),
)
REST = "event loops and the rest"


def part_of(frames: list[str]) -> str:
    """The part of the way that a stack, outermost frame first, belongs to."""
    for frame in reversed(frames):
        for name, marks in PARTS:
            if any(mark in frame for mark in marks):
                return name
    return REST


def counted(lines: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    """Samples by part and by innermost Python function, of folded stacks."""
    parts: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        if not stack:
            continue
        frames = stack.split(";")
        parts[part_of(frames)] += int(count)
        functions[frames[-1].rpartition(":")[0] + ")"] += int(count)
    return parts, functions


def shares(counts: Counter[str], most: int) -> str:
    """One line each: share and name."""
    total = max(sum(counts.values()), 1)
    return "\n".join(f"{100 * count / total:6.1f} %  {name}" for name, count in counts.most_common(most))


def record(pid: int, seconds: int, out: Path) -> None:
    """Let py-spy write the folded stacks of a running process."""
    spy = python().parent / "py-spy"
    command = [str(spy), "record", "--gil", "--format", "raw", "--rate", str(SAMPLES_S), "--duration", str(seconds)]
    done = subprocess.run(
        [*command, "--pid", str(pid), "--output", str(out)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"py-spy cannot look at the process (it needs ptrace):\n{done.stderr[-1_000:]}")


def profiled(form: str, seconds: int, *, quick: bool = False) -> str:
    """The folded stacks of one observe process at full speed."""
    python()  # installed before anything runs
    with Lab(quick=quick, tell=print) as lab:
        county, rounds = FORMS_OF[form]
        stage, _ = lab.filled(form, county, max(lab.short(rounds), MIN_ROUNDS[form]))
        role = stage.role("observe")
        role.wait(lambda one: one.counts().get(READINGS, 0) > 0)
        out = Path(tempfile.mkdtemp()) / "stacks"
        record(role.pid, seconds, out)
        return out.read_text()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--form", choices=list(FORMS_OF), default="single")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--quick", action="store_true", help="a tenth of the messages")
    parser.add_argument("--raw", type=Path)
    options = parser.parse_args()
    text = profiled(options.form, options.seconds, quick=options.quick)
    if options.raw:
        options.raw.write_text(text)
    parts, functions = counted(text.splitlines())
    print(shares(parts, len(PARTS) + 1), shares(functions, TOP), sep="\n\n")


if __name__ == "__main__":
    main()
