"""What is done to a run: each fault is a few steps at their times, drawn by the seed.

A fault leaves everything as it found it: what was stopped goes on, what was taken away is back.
"""

import random
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from tests.chaos import checkpoints
from tests.chaos.county import SESSION_S
from tests.chaos.world import World, libfaketime

ROLES = ("observe", "assess", "deliver.feed", "deliver.redis", "deliver.audit")
STATEFUL = ("observe", "assess")
OUTAGE_S = 30.0
BACK_S = 3.0  # at least, from a start to an answer: Java's, and then the session of the broker that died has to end
DIES_S = 1.0  # of a full disk, at the latest
SOON_S = (0.5, 1.5)  # when an outage begins: a seed is to take less than a minute
Action = Callable[[World], None]


@dataclass
class Fault:
    """One of a seed's faults."""

    name: str
    says: str
    steps: list[tuple[float, Action]] = field(default_factory=list)  # seconds after the start
    clocks: dict[str, str] = field(default_factory=dict)  # role -> how far off its clock is from the beginning


def draw(chance: random.Random, length: float, rare: str | None = None) -> list[Fault]:
    """Three to five faults; with a rare one, two to four others that leave the broker alone."""
    names = [name for name in FAULTS if missing(name) is None and not (rare and name == "broker")]
    chosen = chance.sample(names, min(len(names), chance.randint(3, 5) - (rare is not None)))
    return [make(name, chance, length) for name in [*chosen, *([rare] if rare else [])]]


def make(name: str, chance: random.Random, length: float) -> Fault:
    """One fault, drawn."""
    return (FAULTS | RARE)[name](chance, length)


def missing(name: str) -> str | None:
    """Why a fault cannot be had on this machine."""
    if name == "clock" and libfaketime() is None:
        return "needs libfaketime (Debian: apt-get install faketime)"
    if name == "checkpoint" and not checkpoints.known():
        return "there are no checkpoints yet"
    return None


# ---- processes


def _kill(chance: random.Random, length: float) -> Fault:
    """kill -9; the supervisor starts it anew. Often again at once, while it catches up."""
    role = chance.choice([*ROLES, *STATEFUL, *STATEFUL])
    at = chance.uniform(2, length - 3)
    times = [at, *(at + chance.uniform(1.5, 5) for _ in range(chance.choice([0, 1, 1])))]
    says = f"kill -9 {role} at " + ", ".join(f"{t:.1f} s" for t in times)
    return Fault("kill", says, [(t, lambda world: world.signal(f"{role}-0", signal.SIGKILL)) for t in times])


def _kill_all(chance: random.Random, length: float) -> Fault:
    at = chance.uniform(3, length - 3)

    def kill(world: World) -> None:
        for role in ROLES:
            world.signal(f"{role}-0", signal.SIGKILL, patience=0.5)

    return Fault("kill_all", f"kill -9 of every role at {at:.1f} s", [(at, kill)])


def _stop(chance: random.Random, length: float) -> Fault:
    """Frozen beyond the session: the group goes on without it, and then it wakes up and knows nothing of that."""
    role, at = chance.choice([*ROLES, *STATEFUL, *STATEFUL]), chance.uniform(2, length - 6)
    lasts = SESSION_S + chance.uniform(1.0, 3.0)
    joined = role in STATEFUL and chance.random() < 0.5
    pids: list[int] = []

    def freeze(world: World) -> None:
        if pid := world.pid(f"{role}-0", patience=5):
            pids.append(pid)
            world.signal(f"{role}-0", signal.SIGSTOP)
        if joined:
            world.join(role)

    def thaw(world: World) -> None:
        if pids and world.pid(f"{role}-0") == pids[0]:
            world.signal(f"{role}-0", signal.SIGCONT)

    says = f"SIGSTOP of {role} at {at:.1f} s for {lasts:.1f} s" + (" while another one takes over" if joined else "")
    steps: list[tuple[float, Action]] = [(at, freeze), (at + lasts, thaw)]
    if joined:
        steps.append((at + lasts + chance.uniform(1, 3), lambda world: _leave(world, role, signal.SIGTERM)))
    return Fault("stop", says, steps)


def _join(chance: random.Random, length: float) -> Fault:
    """A second process comes and goes, orderly or not; partitions go there and come back."""
    role, number = chance.choice(STATEFUL), chance.choice([signal.SIGTERM, signal.SIGTERM, signal.SIGKILL])
    at = chance.uniform(1, length - 8)
    leaves = at + chance.uniform(5, 8)
    clock = chance.choice(["", "+1h", "-1h"]) if libfaketime() else ""
    says = f"a second {role} from {at:.1f} s" + (f", its clock {clock}," if clock else "")
    says += f" to {leaves:.1f} s, leaves by {number.name}"
    steps: list[tuple[float, Action]] = [(at, lambda world: world.join(role, clock) and None)]
    return Fault("join", says, [*steps, (leaves, lambda world: _leave(world, role, number))])


def _leave(world: World, role: str, number: signal.Signals) -> None:
    """Once it has really joined, however slow the machine is."""
    for process in [one for one in world.extra if role in one.args]:
        world.joined(process, role, patience=10)
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(12)
        if process.poll() is None:
            process.kill()
            process.wait()
        world.extra.remove(process)


def _clock(chance: random.Random, length: float) -> Fault:
    role, clock = chance.choice([*STATEFUL, *ROLES]), chance.choice(["+1h", "-1h"])
    return Fault("clock", f"the clock of {role} is {clock} off", clocks={role: clock})


# ---- servers


def _broker(chance: random.Random, length: float) -> Fault:
    at, away = chance.uniform(2, length - 4), chance.choice([0.0, 1.0, 3.0])
    says = f"kill -9 of the broker at {at:.1f} s, started again {away:g} s later"
    return Fault("broker", says, [(at, World.take_broker), (at + away, World.give_broker)])


def _redis(chance: random.Random, length: float) -> Fault:
    at, how = chance.uniform(2, length - 5), chance.choice(["kill", "stop", "flush", "kill and flush"])
    back = at + chance.uniform(0.5, 4)

    def take(world: World) -> None:
        if "kill" in how:
            world.database.kill()
        elif how == "stop":
            world.database.stop()

    def give(world: World) -> None:
        world.database.start()
        if "flush" in how:
            world.empty_database()

    says = f"redis: {how} at {at:.1f} s, back at {back:.1f} s"
    return Fault("redis", says, [(at, take), (back, give)])


def _disk(chance: random.Random, length: float) -> Fault:
    """The disk is full, the broker dies of it, and 30 s later somebody makes room."""
    at = chance.uniform(*SOON_S)

    def fill(world: World) -> None:
        world.disk.fill()

    def free(world: World) -> None:
        world.disk.free()
        world.give_broker()

    says = f"disk full at {at:.1f} s; the broker is away for {OUTAGE_S:g} s"
    dead = at + DIES_S  # and if it has not ended by itself, it ends now
    return Fault("disk", says, [(at, fill), (dead, World.take_broker), (dead + OUTAGE_S - BACK_S, free)])


def _outage(chance: random.Random, length: float) -> Fault:
    """As `disk`, where nobody may mount one."""
    at = chance.uniform(*SOON_S)
    says = f"the broker is away from {at:.1f} s for {OUTAGE_S:g} s"
    return Fault("outage", says, [(at, World.take_broker), (at + OUTAGE_S - BACK_S, World.give_broker)])


# ---- checkpoints


def _checkpoint(chance: random.Random, length: float) -> Fault:
    """Foreign, torn and flipped records in a checkpoint log, then a kill, so that somebody reads them."""
    role, at = chance.choice(STATEFUL), chance.uniform(5, length - 4)
    rng = random.Random(chance.random())

    def damage(world: World) -> None:
        checkpoints.damage(world, role, rng)

    return Fault(
        "checkpoint",
        f"damaged records in checkpoints.{role} at {at:.1f} s, then kill -9 of it",
        [(at, damage), (at + 0.5, lambda world: world.signal(f"{role}-0", signal.SIGKILL) and None)],
    )


FAULTS: dict[str, Callable[[random.Random, float], Fault]] = {
    "kill": _kill, "kill_all": _kill_all, "stop": _stop, "join": _join, "broker": _broker, "redis": _redis,
    "clock": _clock, "checkpoint": _checkpoint,
}  # fmt: skip
RARE = {"disk": _disk, "outage": _outage}
