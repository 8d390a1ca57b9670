"""How a checkpoint log is truncated, without a broker."""

import asyncio

from streams.checkpoint import log as module
from streams.checkpoint.log import CheckpointLog
from streams.checkpoint.schema import ASSESS
from streams.models.settings import Kafka


class SlowAdmin:
    """An admin client that takes a while to connect, and knows no broker before."""

    def __init__(self, **_):
        self.started = False
        self.asked = []

    async def start(self):
        await asyncio.sleep(0.05)
        self.started = True

    async def delete_records(self, wanted):
        assert self.started
        self.asked += [tp.partition for tp in wanted]


async def test_two_partitions_are_truncated_at_once_by_one_client_that_is_there(monkeypatch):
    made = []
    monkeypatch.setattr(module, "AIOKafkaAdminClient", lambda **_: made.append(SlowAdmin()) or made[-1])
    log = CheckpointLog("checkpoints.assess", ASSESS, Kafka(), {}, "me")
    log.owned.begin([0, 1])
    await asyncio.gather(log.truncate(0, 5), log.truncate(1, 5))
    assert [sorted(admin.asked) for admin in made] == [[0, 1]]
