"""Another number of partitions for `readings`, `reports` or `signals`, while nobody reads or writes them.

Kafka can only add partitions and leaves old records where they are: keys would change their partition, and state would
be rebuilt from the wrong one. So each topic is copied to one of the new layout (`NAME.rekeyed`), made anew, and copied
back; checkpoints are emptied, and roles rebuild their state from the re-keyed logs, whose outputs went out before.
Every step can be cut off: the same command again goes on, and no record is deleted before its copy is whole. Until it
has ended no role starts (`topics.compare`): half of it would look like a whole.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, OffsetSpec
from kafka.errors import NoError
from kafka.structs import OffsetAndMetadata, TopicPartition

from streams.kafka_settings import client_settings
from streams.models.settings import App, Topic, Topics
from streams.rekey import Copier, Layout
from streams.resaid import around, renamed, unchanged
from streams.topics import STAGED, WHOLE, admin_of, create, partition_counts, wanted_configs

log = structlog.get_logger(__name__)
GROUPS = {"readings": "observe", "reports": "assess", "signals": "assess"}  # who reads it; `signals` is always the last
CHECKPOINTS = ("checkpoints.observe", "checkpoints.assess")
ASK_EVERY_S = 0.2
CREATE_WITHIN_S = 20.0


class RepartitionError(RuntimeError):
    """It cannot be done now: the reason is for people."""


@dataclass(frozen=True, slots=True)
class Change:
    """A topic that is written anew. `signals` is whenever one of the others is: its records name their places."""

    topic: str
    found: int
    wanted: int

    def __str__(self) -> str:
        return f"{self.topic}: {self.found} -> {self.wanted} partitions"


class Repartition:
    """One run of `tocsin topics repartition`."""

    def __init__(self, app: App, topics: Topics) -> None:
        self._app, self._topics = app, topics
        self._settings = client_settings(app.kafka)
        self._copier = Copier(self._settings)

    def plan(self) -> list[Change]:
        """What differs from topics.yaml, or was begun by a run that was cut off. Raises KafkaAwayError."""
        with admin_of(self._app.kafka) as admin:
            counts = partition_counts(admin)
        wanted = {name: self._topics[name].partitions for name in GROUPS}
        begun = {name for name in GROUPS if name + STAGED in counts or (name == "signals" and WHOLE in counts)}
        differ = {name for name, count in wanted.items() if counts.get(name, count) != count} | begun
        names = [name for name in GROUPS if name in differ or (differ and name == "signals")]
        return [Change(name, counts.get(name, counts.get(name + STAGED, 0)), wanted[name]) for name in names]

    def run(self) -> None:
        """Do it. Raises RepartitionError, KafkaAwayError."""
        with admin_of(self._app.kafka) as admin:
            self._refuse_members(admin)
            changes = self.plan()
            if not changes:
                return
            counts = partition_counts(admin)
            if WHOLE not in counts and all(counts.get(c.topic) == c.wanted for c in changes):
                _delete(admin, [c.topic + STAGED for c in changes])  # a run that was cut off before or after all of it
                return
            if WHOLE in counts:
                self._refuse_other_numbers(admin, changes)
            else:
                self._stage(admin, changes)
                _create(admin, {WHOLE: Topic(partitions=1, replication=self._topics["signals"].replication)})
            # before the first topic has its new layout: no state of the old one may be left when the last one has it
            _delete(admin, CHECKPOINTS)
            _create(admin, {name: self._topics[name] for name in CHECKPOINTS if name in self._topics.topics})
            for change in changes:
                if change.topic + STAGED in partition_counts(admin):
                    self._swap(admin, change.topic, last=change is changes[-1])
            _delete(admin, [WHOLE])

    def _refuse_other_numbers(self, admin: KafkaAdminClient, changes: Iterable[Change]) -> None:
        """Copies that are whole have the numbers of the run that was cut off: it has to be finished with these."""
        counts = partition_counts(admin)
        begun = {c.topic: counts.get(c.topic + STAGED, c.found) for c in changes}
        if other := [f"{c.topic}: {begun[c.topic]}" for c in changes if begun[c.topic] != c.wanted]:
            raise RepartitionError(
                f"a run that was cut off had other numbers of partitions ({', '.join(other)}):"
                " say these in topics.yaml and run it again, then change them"
            )

    def _group(self, role: str) -> str:
        return f"{self._app.kafka.group_prefix}.{role}"

    def _refuse_members(self, admin: KafkaAdminClient) -> None:
        """Wait as long as a process that has just stopped may still count as a member."""
        groups = sorted({self._group(role) for role in GROUPS.values()})
        patience = time.monotonic() + self._app.kafka.session_timeout_s + 2
        while busy := [name for name, group in admin.describe_groups(groups).items() if group["members"]]:
            if time.monotonic() > patience:
                raise RepartitionError(f"still at work: {', '.join(busy)}. Stop every worker and gateway first")
            time.sleep(ASK_EVERY_S)

    # ---- first: a whole copy of everything beside what is there

    def _stage(self, admin: KafkaAdminClient, changes: Iterable[Change]) -> None:
        readings = next((c for c in changes if c.topic == "readings" and c.found != c.wanted), None)
        for change in changes:
            staged, settings = change.topic + STAGED, self._topics[change.topic]
            _delete(admin, [staged])
            _create(admin, {staged: settings.model_copy(update=_KEEPING)})
            group = self._group(GROUPS[change.topic])
            handled = _offsets(admin, group, change.topic)
            source = Layout(change.topic, change.found)
            rewrite = renamed(change.found) if change.topic == "signals" else unchanged
            says = around(readings.found, readings.wanted) if readings and change.topic == "signals" else None
            target = Layout(staged, change.wanted)
            copied = asyncio.run(self._copier.rekey(source, target, handled, rewrite, says))
            ends = {p: copied.ends.get(p, 0) for p in range(change.wanted)}
            _commit(admin, group, staged, {p: copied.live.get(p, end) for p, end in ends.items()})
            log.info("copied", topic=change.topic, to=staged, records=sum(copied.ends.values()))

    # ---- then: what is there is made anew from its copy

    def _swap(self, admin: KafkaAdminClient, topic: str, *, last: bool) -> None:
        staged, settings = topic + STAGED, self._topics[topic]
        group = self._group(GROUPS[topic])
        _delete(admin, [topic])
        _create(admin, {topic: settings.model_copy(update=_KEEPING)})
        copied = asyncio.run(self._copier.copy(Layout(staged, settings.partitions), topic))
        whole = _ends(admin, staged, settings.partitions)
        if copied.ends != whole:
            raise RepartitionError(
                f"{topic} has {copied.ends} records, its copy {staged} has {whole}: nothing is lost, run again"
            )
        _commit(admin, group, topic, _offsets(admin, group, staged))
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wanted_configs(settings))])
        if last:  # the copy that is left is made anew when this is where it is cut off: its topic is whole
            _delete(admin, [WHOLE])
        _delete(admin, [staged])
        log.info("made anew", topic=topic, partitions=settings.partitions)


#: a copy keeps the times of its records, and all of them
_KEEPING = {"timestamp": "CreateTime", "retention": "forever"}


def _offsets(admin: KafkaAdminClient, group: str, topic: str) -> dict[int, int]:
    """What a group has committed of a topic."""
    found = admin.list_group_offsets([group]).get(group, {})
    return {tp.partition: at.offset for tp, at in found.items() if tp.topic == topic and at.offset >= 0}


def _ends(admin: KafkaAdminClient, topic: str, count: int) -> dict[int, int]:
    """How many records each partition has that has any."""
    found = admin.list_partition_offsets({TopicPartition(topic, p): OffsetSpec.LATEST for p in range(count)})
    return {tp.partition: at.offset for tp, at in found.items() if at.offset}


def _commit(admin: KafkaAdminClient, group: str, topic: str, offsets: Mapping[int, int]) -> None:
    answer = admin.alter_group_offsets(
        group, {TopicPartition(topic, p): OffsetAndMetadata(at, "", -1) for p, at in offsets.items()}
    )
    if wrong := sorted({error.__name__ for error in answer.values() if error is not NoError}):
        raise RepartitionError(f"offsets of {group} in {topic} cannot be set: {', '.join(wrong)}")


def _delete(admin: KafkaAdminClient, names: Iterable[str]) -> None:
    """Delete those that are there, and wait until they are gone."""
    here = set(names) & set(partition_counts(admin))
    if here:
        admin.delete_topics(sorted(here))
    while here & set(partition_counts(admin)):
        time.sleep(ASK_EVERY_S)


def _create(admin: KafkaAdminClient, wanted: Mapping[str, Topic]) -> None:
    """Create them. A name whose deletion is not through on every broker is still taken for a while."""
    missing, patience = dict(wanted), time.monotonic() + CREATE_WITHIN_S
    while missing:
        for name in create(admin, missing):
            del missing[name]
        if time.monotonic() > patience:
            raise RepartitionError(f"cannot be created: {', '.join(missing)}")
        time.sleep(ASK_EVERY_S)
    admin.wait_for_topics(list(wanted), timeout_ms=int(CREATE_WITHIN_S * 1000))
