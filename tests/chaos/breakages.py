"""Does the suite find what it is there to find? Deliberate breakages of a copy of the tree, and chaos upon it.

python -m tests.chaos.breakages NAME [arguments of tests.chaos]      (make chaos BREAK=NAME)
python -m tests.chaos.breakages all
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from tests.chaos.signs import broken_in

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "img", "node_modules")
SEEDS = 20
Edit = Callable[[Path], None]


class Breakage(NamedTuple):
    """What is broken, and which of the things that must hold (`signs.py`) it breaks: any other is no catch."""

    edit: Edit
    breaks: frozenset[str]
    faults: str = ""  # that give it the occasion; else each seed draws its own


class StaleBreakageError(LookupError):
    """The text that a breakage changes is not there any more: breakages.py must follow the code."""


def change(path: Path, old: str, new: str) -> None:
    """Replace the one place where `old` stands."""
    text = path.read_text()
    if text.count(old) != 1:
        raise StaleBreakageError(f"{path}: {text.count(old)} times {old!r}")
    path.write_text(text.replace(old, new))


def commit_before_send(tree: Path) -> None:
    """What was delivered counts as done: offsets are committed before the outputs are confirmed."""
    change(
        tree / "streams/completion.py",
        "return self.done if self.done > self.start.live else None",
        "return self.next if self.next > self.start.live else None",
    )


def id_from_a_clock(tree: Path) -> None:
    """A command's id depends on when it was decided."""
    change(
        tree / "streams/core/announce.py",
        "command_id = cause_id(alert.id, alert.version, moment.cause, hazard.version)",
        "command_id = cause_id(alert.id, alert.version, moment.cause, __import__('time').time())",
    )


def skip_a_delta(tree: Path) -> None:
    """Every other delta of assess, about, holds nothing of what changed."""
    change(
        tree / "streams/checkpoint/assess_ledger.py",
        "found = Delta([(key, rows.get(key)) for key in self.waiting])",
        "found = Delta([(key, rows.get(key)) for key in self.waiting] if len(self.waiting) % 2 else [])",
    )


def skip_a_chunk(tree: Path) -> None:
    """A chunk of observe's slots says that it is 300 records newer than it is: what came between is skipped."""
    change(
        tree / "streams/checkpoint/bank_ledger.py",
        "ChunkEntry(cut.first, cut.count, cut.upto, token",
        "ChunkEntry(cut.first, cut.count, cut.upto + 300, token",
    )


def forget_a_revoke(tree: Path) -> None:
    """The memory of a partition that somebody else had meanwhile is gone on with where that one ended."""
    path = tree / "streams/checkpoint/saver.py"
    wanted = "self.shelves = {tp.partition: s for tp in wanted if (s := self.shelves.get(tp.partition)) and not s.busy}"
    change(path, wanted, "self.shelves = {p: s for p, s in self.shelves.items() if not s.busy}")
    change(
        path,
        "Start(shelf.upto, max(shelf.upto, found.committed or 0))",
        "Start(found.committed or 0, found.committed or 0)",
    )
    change(
        path,
        "            if self.log.is_state_of_another(value):\n                return False\n",
        "            pass\n",
    )


def swallow_an_exception(tree: Path) -> None:
    """Whatever goes wrong with a batch, it counts as done."""
    swallowed = 'with __import__("contextlib").suppress(Exception): await handler(batch)'
    change(tree / "streams/app.py", "await handler(batch)", swallowed)


BREAKAGES = {
    "commit-before-send": Breakage(
        commit_before_send, frozenset({"(a)", "(b)", "feed", "rejects", "reports"}), "join,kill,kill_all"
    ),
    "id-from-a-clock": Breakage(id_from_a_clock, frozenset({"(a)"})),
    "skip-a-delta": Breakage(skip_a_delta, frozenset({"(a)"})),
    "skip-a-chunk": Breakage(skip_a_chunk, frozenset({"(b)"})),
    "forget-a-revoke": Breakage(forget_a_revoke, frozenset({"(a)", "(b)"})),
    "swallow-an-exception": Breakage(swallow_an_exception, frozenset({"(a)", "(b)", "redis"}), "redis,kill"),
}


def broken_copy(name: str, folder: Path) -> Path:
    """A copy of this tree with one breakage."""
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    BREAKAGES[name].edit(tree)
    return tree


def caught(name: str, arguments: list[str]) -> bool:
    """Run chaos on a broken copy until a seed is wrong in the way in which it has to be."""
    folder = Path(tempfile.mkdtemp(prefix=f"tocsin-{name}-"))
    try:
        tree = broken_copy(name, folder)
        print(f"{name}: {(BREAKAGES[name].edit.__doc__ or '').strip()}", flush=True)
        faults = ["--faults", said] if (said := BREAKAGES[name].faults) else []  # the last word counts: the user's
        more = [*faults, *arguments]
        found = search(BREAKAGES[name].breaks, lambda first: chaos(tree, first, folder / "out", more))
        print(f"{name}: {'NOT CAUGHT' if found is None else f'caught, by {found}'}", flush=True)
        return found is not None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def search(breaks: Iterable[str], run: Callable[[int], tuple[int, list[str]]]) -> str | None:
    """What caught it; none = nothing did. A seed that is wrong in another way (stuck, died, …) does not count.

    `run` runs the seeds from one on until one is wrong: exit code and lines.
    """
    first = 1
    while first <= SEEDS:
        code, lines = run(first)
        if code != 1:
            return None
        seeds = [int(said[1]) for line in lines if (said := re.match(r"seed (\d+):", line))]
        broken = {sign for line in lines for sign in broken_in(line)}
        if right := sorted(broken.intersection(breaks)):
            return ", ".join(right)
        if not seeds or seeds[-1] < first:  # it did not get so far, or was told of one seed alone
            return None
        print(f"not by what it has to be caught by ({', '.join(sorted(breaks))}): going on", flush=True)
        first = seeds[-1] + 1
    return None


def chaos(tree: Path, first: int, out: Path, arguments: list[str]) -> tuple[int, list[str]]:
    """Seeds on a copy, until one is wrong; what they say is shown and returned."""
    numbers = ["--first", str(first), "--seeds", str(SEEDS - first + 1)]
    argv = [sys.executable, "-m", "tests.chaos", "--until-wrong", *numbers, "--out", str(out), *arguments]
    lines = []
    with subprocess.Popen(argv, cwd=tree, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    return process.returncode, lines


def main() -> int:
    """The command line: exit 0 when all named breakages were caught."""
    names = sys.argv[1:2]
    if not names or names[0] not in {*BREAKAGES, "all"}:
        print(f"which? all, {', '.join(BREAKAGES)}", file=sys.stderr)
        return 2
    chosen = list(BREAKAGES) if names == ["all"] else names
    found = [caught(name, sys.argv[2:]) for name in chosen]
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
