"""One seed from beginning to end: publish, hurt, wait until everything is handled, record, prove."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streams.gateway.recording import read_recording
from tests.chaos.checkpoints import NotNowError
from tests.chaos.checks import Findings, compare_replay
from tests.chaos.faults import Action, Fault
from tests.chaos.letters import Letter, Writer
from tests.chaos.post import Post
from tests.chaos.settled import settle
from tests.chaos.weather import FASTER
from tests.chaos.world import DiedError, World

PATIENCE_S = 120.0
LATER_S = 2.0  # from one try of a fault that another one keeps from being made to the next


class StuckError(Exception):
    """Not everything was handled within patience."""


@dataclass
class Trial:
    """A seed's run in a world."""

    seed: int
    world: World
    faults: list[Fault]
    length: float
    plain: bool  # one partition, nobody acts: compared with `tocsin replay`
    numbers: dict[str, int] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    ran: Counter[str] = field(default_factory=Counter)  # names of the faults that were made to the end

    def run(self) -> list[str]:
        """What is wrong; nothing = all promises hold."""
        try:
            letters = self._live()
        except (DiedError, StuckError, AssertionError, RuntimeError) as error:
            return [f"{type(error).__name__}: {error}"]
        finally:
            self.world.destroy()
        with self._timed("proof"):
            return list(self._prove(letters))

    @property
    def deaths(self) -> Counter[str]:
        """Of roles that a supervisor started anew, by exit code."""
        return Counter(str(json.loads(line).get("exit")) for line in self.world.restarts())

    # ---- the run

    def _live(self) -> list[Letter]:
        with self._timed("start"):
            self.world.prepare()
            self.world.start({role: clock for fault in self.faults for role, clock in fault.clocks.items()})
            self._wait(self.world.ready, "all roles are ready")
        begin = float(int(time.time())) - self.length * FASTER
        letters = Writer(self.seed, begin, self.length, plain=self.plain).letters()
        post = Post(self.world.bootstrap, letters, self.world.readings, acts=not self.plain, seed=self.seed)
        with self._timed("publish"):
            self.world.post = post.start()
            self._hurt(post)
            self._wait(lambda: post.done, "the broker has everything")
        self.numbers |= {"records": len(letters), "acts": sum(post.acts.values()), "signals missed": self.world.missed}
        self.numbers["s without a broker"] = int(self.world.away)
        with self._timed("settle"):
            settle(self.world, post.last, self._wait)
        codes = self.world.stop()
        if any(codes):
            raise DiedError(f"after SIGTERM the exit codes were {codes}\n{self.world.log()}")
        return letters

    def _hurt(self, post: Post) -> None:
        """All steps of all faults in the order of their times, in this thread: servers must be its children."""
        steps: list[tuple[float, int, Action]] = [
            (at, number, action) for number, fault in enumerate(self.faults) for at, action in fault.steps
        ]
        self.ran.update(fault.name for fault in self.faults if not fault.steps)  # a wrong clock is so from the start
        while steps:
            steps.sort(key=lambda step: step[:2])
            due, number, action = steps[0]
            self._wait(lambda due=due: post.seconds >= due, "time passes")
            try:
                action(self.world)
            except NotNowError:  # what is left of this fault comes later
                steps = [(at + LATER_S * (of == number), of, step) for at, of, step in steps]
            else:
                del steps[0]
                if all(of != number for _, of, _ in steps):
                    self.ran[self.faults[number].name] += 1

    def _wait(self, what: Callable[[], bool], name: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not what():
            self.world.look()
            if time.monotonic() > deadline:
                raise StuckError(f"waited {PATIENCE_S:g} s until {name}\n{self.world.log()}")
            time.sleep(0.05)

    def _timed(self, phase: str) -> "_Timed":
        return _Timed(self.took, phase)

    # ---- the proof

    def _prove(self, letters: list[Letter]) -> Iterator[str]:
        folder = self.world.folder / "recording"
        self.world.tocsin("record", str(folder))
        with ThreadPoolExecutor(1) as beside:  # two cores: the one verifies, the other reads the topics
            verified = beside.submit(self._verify, folder)
            findings = Findings(self.world, folder, letters)
            found = list(findings.all())
            if self.plain:
                found += self._replay(folder, letters, [command for command, _ in findings.commands])
            yield from verified.result()
        yield from found
        self.numbers |= findings.numbers

    def _verify(self, folder: Path) -> list[str]:
        """Promises (a), (b), (d)."""
        words = self.world.argv("verify", str(folder), "--json")
        done = subprocess.run(
            words, env=self.world.environment, capture_output=True, text=True, timeout=120, check=False
        )  # fmt: skip
        if done.returncode > 1 or not done.stdout:
            return [f"`tocsin verify`: exit {done.returncode}\n{done.stderr[-2000:]}"]
        answer = json.loads(done.stdout)
        self.numbers["triggers"] = answer["promises"]["b"]["compared"]
        wrong = [
            f"({name}) {one['not_compared_because'] or json.dumps(one['difference'], ensure_ascii=False)[:1500]}"
            for name, one in answer["promises"].items()
            if one["holds"] is not True
        ]
        return [*wrong, *(f"note of verify: {note}" for note in answer["notes"])]

    def _replay(self, folder: Path, letters: list[Letter], recorded: list[dict[str, Any]]) -> Iterator[str]:
        """Promise (c): the good records in the order of the log, as a file."""
        bad = {letter.value for letter in letters if letter.bad}
        good = [r.value for r in read_recording(folder, "readings") if r.value and r.value not in bad]
        file = self.world.folder / "readings.jsonl"
        file.write_bytes(b"".join(value + b"\n" for value in good))
        replayed = [json.loads(line) for line in self.world.tocsin("replay", str(file)).splitlines()]
        self.numbers["level changes of (c)"] = sum(c["level"] != c["previous_level"] for c in replayed if c["alert"])
        yield from compare_replay(list({command["id"]: command for command in recorded}.values()), replayed)


class _Timed:
    """Notes how long a phase took."""

    def __init__(self, took: dict[str, float], phase: str) -> None:
        self._took, self._phase = took, phase

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._took[self._phase] = time.monotonic() - self._began
