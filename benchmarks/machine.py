"""What the machine did while something was measured: CPU of processes, and what took time away from them.

Everything comes from /proc. Figures of a busy machine are worth little, so each stands beside this.
"""

import os
import platform
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cpu:
    """The machine's CPU time since it was started, in seconds over all cores."""

    busy: float
    steal: float
    total: float


def cpu_of_machine(text: str) -> Cpu:
    """The first line of /proc/stat: user nice system idle iowait irq softirq steal."""
    fields = [int(number) / TICKS for number in text.split("\n", 1)[0].split()[1:9]]
    user, nice, system, idle, iowait, irq, softirq, steal = fields
    busy = user + nice + system + irq + softirq
    return Cpu(busy, steal, busy + idle + iowait + steal)


def cpu_of_stat(text: str) -> float:
    """CPU seconds, all threads, from /proc/PID/stat. The name in brackets may hold blanks and brackets."""
    fields = text[text.rindex(")") + 2 :].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cpu_of(pid: int) -> float:
    """CPU seconds that a process has used."""
    return cpu_of_stat((PROC / str(pid) / "stat").read_text())


def kib_of(text: str, name: str) -> int:
    """A number of /proc/PID/status or smaps_rollup in KiB; 0 = it is not there."""
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(name + ":")), 0)


def memory_of(pid: int) -> dict[str, float]:
    """MiB: resident now and at most, and without what is shared with others."""
    status = (PROC / str(pid) / "status").read_text()
    rollup = (PROC / str(pid) / "smaps_rollup").read_text()
    kib = {"rss": kib_of(status, "VmRSS"), "peak": kib_of(status, "VmHWM"), "pss": kib_of(rollup, "Pss")}
    return {name: round(number * 1024 / MIB, 1) for name, number in kib.items()}


def parents() -> dict[int, int]:
    """Every process and its parent."""
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            found[int(entry.name)] = int(text[text.rindex(")") + 2 :].split()[1])
    return found


def family(of: dict[int, int], root: int) -> set[int]:
    """A process and everything below it."""
    found = {root}
    while more := {pid for pid, parent in of.items() if parent in found} - found:
        found |= more
    return found


def cpu_of_family(root: int) -> float:
    """CPU seconds of a process, its children and what they have reaped."""
    total = 0.0
    for pid in family(parents(), root):
        try:
            text = (PROC / str(pid) / "stat").read_text()
        except OSError:
            continue
        fields = text[text.rindex(")") + 2 :].split()
        total += sum(map(int, fields[11:15])) / TICKS  # with children that have ended and were waited for
    return total


class Watch:
    """From `Watch()` to `seen()`: what others took."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._cpu = cpu_of_machine((PROC / "stat").read_text())
        self._ours = cpu_of_family(os.getpid())

    def seen(self) -> dict[str, float]:
        """Shares of the machine's CPU in %: stolen by the host, used by others and by us; and the load average."""
        now = cpu_of_machine((PROC / "stat").read_text())
        total = max(now.total - self._cpu.total, 1e-9)
        ours = max(cpu_of_family(os.getpid()) - self._ours, 0.0)
        others = max(now.busy - self._cpu.busy - ours, 0.0)
        return {
            "seconds": round(time.monotonic() - self._at, 1),
            "steal": round(100 * (now.steal - self._cpu.steal) / total, 1),
            "others": round(100 * others / total, 1),
            "ours": round(100 * ours / total, 1),
            "load": round(os.getloadavg()[0], 2),
        }


def said(seen: dict[str, float]) -> str:
    """In one line, for people."""
    return (
        f"steal {seen['steal']:.1f} %, other processes {seen['others']:.1f} %, ours {seen['ours']:.1f} % of the CPU, "
        f"load {seen['load']:.1f}"
    )


def model() -> str:
    """The processor's own name."""
    lines = (PROC / "cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def described() -> str:
    """What figures were measured on."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    python, linux = platform.python_version(), platform.release()
    return f"{os.cpu_count()} × {model()}, {gib:.0f} GiB, Python {python}, Linux {linux}"


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))] if ordered else float("nan")
