"""The servers of a row of seeds, and how one seed is run on them."""

import random
import shutil
from pathlib import Path

from tests.chaos import faults as catalogue
from tests.chaos.disk import Disk, why_not
from tests.chaos.trial import Trial
from tests.chaos.world import World
from tests.servers.kafka import Kafka
from tests.servers.valkey import Redis

PARTITIONS = 4
LENGTH_S, SHORT_S = 18.0, 12.0  # of publishing; shorter where the broker is away for long
SMALL = {"log.index.size.max.bytes": "1048576"}  # on a small disk


class Servers:
    """One broker and one database for all seeds; a broker of its own for a seed that fills its disk."""

    def __init__(self, folder: Path, kafka: Kafka | None = None) -> None:
        self._folder = folder
        self._kafka = kafka or Kafka(folder / "kafka")
        self.database = Redis(folder / "database")

    def run(
        self, seed: int, folder: Path, fixed: list[str] | None = None, length: float = LENGTH_S
    ) -> tuple[Trial, list[str]]:
        """Run a seed, with its own faults or `fixed` ones; the trial, and what is wrong with it."""
        faults = drawn(seed, fixed, length)
        rare = [fault.name for fault in faults if fault.name in catalogue.RARE]
        kafka, disk = self._small() if "disk" in rare else (self._kafka.start(), None)
        plain = is_plain(seed)
        world = World(folder, kafka, self.database.start(), 1 if plain else PARTITIONS, plain=plain)
        world.disk = disk
        trial = Trial(seed, world, faults, SHORT_S if rare else length, plain)
        try:
            return trial, trial.run()
        finally:
            if disk is not None:
                kafka.kill()
                disk.unmount()

    def _small(self) -> tuple[Kafka, Disk]:
        folder = self._folder / "small"
        shutil.rmtree(folder, ignore_errors=True)
        disk = Disk(folder / "data")
        return Kafka(folder, settings=SMALL).start(), disk

    def close(self) -> None:
        self._kafka.destroy()
        self.database.kill()


def drawn(seed: int, fixed: list[str] | None = None, length: float = LENGTH_S) -> list[catalogue.Fault]:
    """A seed's faults. Every tenth seed has a full disk, or at least a broker that is away as long."""
    chance = random.Random(f"faults {seed}")
    if fixed:
        return [catalogue.make(name, chance, SHORT_S if name in catalogue.RARE else length) for name in fixed]
    if seed % 10:
        return catalogue.draw(chance, length)
    return catalogue.draw(chance, SHORT_S, rare="outage" if why_not() else "disk")


def is_plain(seed: int) -> bool:
    """Whether a seed has one partition and nobody acts, so that it can be compared with the replay from a file."""
    return random.Random(f"plain {seed}").random() < 0.25
