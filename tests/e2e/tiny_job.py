"""A role small enough to prove the transport with: `tiny.in` -> `tiny.out`, one output a record.

    python -m tests.e2e.tiny_job JSON

JSON: bootstrap, run_dir, group; index (0); embedded (false); session (6 s); security (tls and sasl of app.yaml);
fail (a file).

State is the number of records of a partition so far; it goes into each output, so that an output tells whether the
state behind it was right: `n` = offset + 1. With `fail` it raises once, at the record that the file names.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from streams import logs
from streams.agents.role import Role
from streams.agents.send import Out
from streams.checkpoint import rebuild
from streams.kafka_settings import client_settings
from streams.models.settings import App, Batch, Kafka, Ports, Topic, Topics
from streams.place import Place
from streams.run import RoleProcess, run_process

PARTITIONS = 4
TOPICS = Topics(topics={name: Topic(partitions=PARTITIONS) for name in ("tiny.in", "tiny.out")})


def settings(bootstrap, group="tiny", *, embedded=False, session=6, security=None, **_):
    kafka = Kafka(
        **(security or {}),
        bootstrap=bootstrap,
        group_prefix=group,
        session_timeout_s=session,
        heartbeat_s=1.5,
        embedded=embedded,
        idempotence=not embedded,
    )
    return App(kafka=kafka, ports=Ports(host="127.0.0.1"), batch=Batch(records=100, in_flight=2_000))


class Tiny(Role):
    name = "tiny"

    def __init__(self, tools, fail=None):
        self.tools, self.fail = tools, fail
        self.seen = {}

    @property
    def handlers(self):
        return {"tiny.in": self.handle}

    async def starts(self, tps, log):
        self.seen = dict.fromkeys(tps, 0)
        return await rebuild(tps, log)

    def revoked(self, tps):
        for tp in tps:
            self.seen.pop(tp, None)

    async def handle(self, batch):
        outs = []
        for record in batch:
            self.seen[batch.tp] += 1
            self._maybe_fail(record)
            value = json.dumps({"p": record.partition, "o": record.offset, "n": self.seen[batch.tp]}).encode()
            outs.append(Out("tiny.out", record.partition, None, value))
        if batch.live:
            await self.tools.sender.send_all(outs)

    def _maybe_fail(self, record):
        if self.fail and self.fail.exists() and self.fail.read_text() == f"{record.partition} {record.offset}":
            self.fail.unlink()
            raise ValueError("boom")


def main(given):
    logs.set_up(role="tiny", index=given["index"])
    app = settings(**given)
    loaded = SimpleNamespace(app=app, topics=TOPICS, site=None)
    place = Place(Path(given["run_dir"]), "tiny", given["index"])
    fail = given["fail"] and Path(given["fail"])
    run_process(lambda: RoleProcess(lambda tools: Tiny(tools, fail), loaded, client_settings(app.kafka), place))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
