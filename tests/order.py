"""In which order tests run where several processes run them: those that wait and those that compute, side by side.

Tests with real processes and brokers mostly wait, all others compute. xdist gives each of its workers one stretch of
the list and lets whoever is done take from the end of another's. So every worker but the last begins with modules that
wait, the longest first: others compute meanwhile, nobody takes them away (their broker stays with them), and no long
one begins at the end of the run.
"""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

# Modules with real servers and processes, and about how many seconds each takes on two cores. What is missing here is
# only begun later.
WAITING = {
    "e2e/test_demo.py": 150,
    "chaos/test_short.py": 100,
    "e2e/test_repartition.py": 85,
    "e2e/test_river.py": 80,
    "e2e/test_coming_and_going.py": 65,
    "e2e/test_delivery.py": 60,
    "e2e/test_checkpoints.py": 55,
    "e2e/test_processes.py": 50,
    "e2e/test_whole_job.py": 45,
    "test_verify.py": 35,
    "gateway/test_on_kafka.py": 35,
    "test_servers.py": 30,
    "e2e/test_poison.py": 20,
}
COMPUTING = ("test_sorted_run.py", "core/test_restore.py")  # the longest of the others
HERE = Path(__file__).parent


def ordered(items: Sequence[Any], workers: int) -> list[Any]:
    """The same items for so many workers, each module in one piece; as they are for one."""
    if workers < 2:
        return list(items)
    modules = [(_name(path), [*some]) for path, some in groupby(items, key=lambda item: item.path)]
    lanes: list[list[Any]] = [[] for _ in range(workers - 1)]
    load = [0] * len(lanes)
    for name, some in sorted(modules, key=lambda one: -WAITING.get(one[0], 0)):
        if name in WAITING:
            lane = load.index(min(load))
            lanes[lane] += some
            load[lane] += WAITING[name]
    rest = [item for name, some in modules if name in COMPUTING for item in some]
    rest += [item for name, some in modules if name not in WAITING and name not in COMPUTING for item in some]
    return _joined(lanes, rest, len(items), workers)


def _joined(lanes: list[list[Any]], rest: list[Any], count: int, workers: int) -> list[Any]:
    """One list whose equal stretches begin with the lanes; what is left fills them up, its own beginning the last."""
    sizes = [count // workers + (n >= workers - count % workers) for n in range(workers)]
    last = max(sizes[-1] - sum(max(len(lane) - size, 0) for lane, size in zip(lanes, sizes, strict=False)), 0)
    first, others = rest[:last], iter(rest[last:])
    found: list[Any] = []
    for lane, size in zip(lanes, sizes, strict=False):
        found += lane
        found += [item for _, item in zip(range(size - len(lane)), others, strict=False)]
    return [*found, *others, *first]


def _name(path: Path) -> str:
    return path.relative_to(HERE).as_posix() if path.is_relative_to(HERE) else str(path)
