"""What must hold when a run is over, compared with its recording: a list of what does not."""

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import redis

from streams.gateway.recording import Recorded, read_recording
from tests.chaos.letters import Letter
from tests.chaos.world import World

Fields = dict[str, Any]
Place = tuple[int, int]  # partition, offset


class Findings:
    """The recording of a run, what the outside got of it, and what is wrong."""

    def __init__(self, world: World, folder: Path, letters: list[Letter]) -> None:
        self._world, self._folder, self._letters = world, folder, letters
        self.commands = [(_bare(record.value or b""), record) for record in read_recording(folder, "commands")]
        self.numbers: dict[str, int] = {"commands": len(self.commands)}

    def all(self) -> Iterator[str]:
        """One line for each thing that is wrong."""
        yield from self._versions()
        yield from self._feed()
        yield from self._current()
        yield from self._redis()
        yield from self._rejects("readings", "rejects")
        yield from self._rejects("reports", "rejects.restricted")
        yield from self._reports()
        yield from self._audit()

    # ---- commands and those who read them

    def _versions(self) -> Iterator[str]:
        """Who drops repeated ids sees the versions of each alert in order, without gaps."""
        by_alert: dict[str, list[int]] = defaultdict(list)
        for command in _once(fields for fields, _ in self.commands):
            if command["kind"] == "alert":
                by_alert[command["alert"]].append(command["version"])
        self.numbers["alerts"] = len(by_alert)
        for alert, versions in by_alert.items():
            if versions != list(range(1, len(versions) + 1)):
                yield f"versions of {alert} in `commands`: {versions}"

    def _feed(self) -> Iterator[str]:
        """Each zone's commands, each once, in the order of `commands`; with the same bytes but `stages`."""
        sent, got = _by_zone(_once(c for c, _ in self.commands)), _by_zone(_once(self._world.feed(), self._twice))
        yield from self._wrong
        for zone in sorted({*sent, *got}):
            if (difference := _first_difference(sent[zone], got[zone])) is not None:
                yield f"feed of {zone}: {difference}"

    @property
    def _wrong(self) -> list[str]:
        return self.__dict__.setdefault("twice", [])

    def _twice(self, first: Fields, second: Fields) -> None:
        self._wrong.append(f"one id, two contents: {_short(first)} and {_short(second)}")

    def _current(self) -> Iterator[str]:
        """`command.current.sensitive` ends with the last command of each alert."""
        last = self._last()
        found = {r.key.decode(): _without_stages(json.loads(r.value)) for r in self._current_records() if r.value}
        yield from _differences("command.current.sensitive", last, found)

    def _current_records(self) -> list[Any]:
        return self._world.read("command.current.sensitive")

    def _last(self) -> dict[str, Fields]:
        last: dict[str, Fields] = {}
        for command, _ in self.commands:
            if command["kind"] == "alert" and command["version"] >= last.get(command["alert"], command)["version"]:
                last[command["alert"]] = command
        return last

    def _redis(self) -> Iterator[str]:
        """The page's picture is the last command of each alert, and of each zone's health."""
        last = self._last()
        with redis.Redis.from_url(self._world.redis) as link:
            stored = {name: link.hgetall(f"tocsin:{name}") for name in ("alerts", "ended:cmd", "health")}
        found = {
            name: {key.decode(): _without_stages(json.loads(value)) for key, value in one.items()}
            for name, one in stored.items()
        }
        ended = {alert: command for alert, command in last.items() if command["msg_type"] == "Cancel"}
        yield from _differences("redis, open", {a: c for a, c in last.items() if a not in ended}, found["alerts"])
        yield from _differences("redis, ended", ended, found["ended:cmd"])
        yield from _differences("redis, health", self._ill(), found["health"])

    def _ill(self) -> dict[str, Fields]:
        last = {c["subject"]: c for c in _once(c for c, _ in self.commands) if c["kind"] == "health"}
        return {subject: command for subject, command in last.items() if command["level"] is not None}

    # ---- rejects

    def _rejects(self, topic: str, where: str) -> Iterator[str]:
        """Exactly the bad records that were sent, each at least once, with its bytes."""
        bad = {letter.value or b"" for letter in self._letters if letter.topic == topic and letter.bad}
        wanted = {
            (record.partition, record.offset): record.value or b""
            for record in read_recording(self._folder, topic)
            if not _is_control(record) and (record.value or b"") in bad
        }
        sent = sum(letter.topic == topic and letter.bad is not None for letter in self._letters)
        if len(wanted) != sent:
            yield f"{sent} bad records were sent to {topic}, {len(wanted)} are in its log"
        self.numbers[where] = len(wanted)
        found: set[Place] = set()
        for reject in (json.loads(record.value) for record in self._world.read(where)):
            place = (reject["partition"], reject["offset"])
            found.add(place)
            if reject["topic"] != topic or place not in wanted:
                yield f"{where}: {reject['reason']} of {reject['topic']} {place}, which is not bad: {reject['detail']}"
            elif (wrong := _wrong_bytes(reject, wanted[place])) is not None:
                yield f"{where}: {reject['reason']} of {topic} {place}: {wrong}"
        for place in sorted(set(wanted) - found):
            yield f"{where}: nothing about {topic} {place}: {wanted[place][:200]!r}"

    def _reports(self) -> Iterator[str]:
        """Every good report is a signal."""
        bad = {letter.value for letter in self._letters if letter.bad}
        good = {
            (record.partition, record.offset)
            for record in read_recording(self._folder, "reports")
            if not _is_control(record) and record.value not in bad
        }
        told = set()
        for record in read_recording(self._folder, "signals"):
            if record.value and b'"type":"report"' in record.value:
                source = json.loads(record.value)["source"]
                told.add((source[1], source[2]))
        self.numbers["reports"] = len(good)
        if good != told:
            yield f"reports that are no signals: {sorted(good - told)}; signals of no report: {sorted(told - good)}"

    # ---- audit

    def _audit(self) -> Iterator[str]:
        """A line for each record of `commands`, no more."""
        lines: dict[Place, list[str]] = defaultdict(list)
        for path in (self._world.folder / "audit").glob("audit-*.jsonl"):
            for line in map(json.loads, path.read_text().splitlines()):
                lines[line["partition"], line["offset"]].append(line["command"])
        for command, record in self.commands:
            found = lines.pop((record.partition, record.offset), [])
            if found != [command["id"]]:
                yield f"audit of commands[{record.partition}] {record.offset}: {found}, not once {command['id']}"
        for place, found in lines.items():
            yield f"audit has {found} of {place}, which is not in `commands`"


def compare_replay(recorded: list[Fields], replayed: list[Fields]) -> Iterator[str]:
    """(c): the same level changes of every subject, the same alerts."""
    left, right = _changes(recorded), _changes(replayed)
    for subject in sorted({*left, *right}):
        if left[subject] != right[subject]:
            at = next((n for n, (a, b) in enumerate(zip(left[subject], right[subject], strict=False)) if a != b), None)
            if at is None:
                at = min(len(left[subject]), len(right[subject]))
            ours, theirs = left[subject][at : at + 1], right[subject][at : at + 1]
            yield f"(c) {subject}: change {at} is {ours}, that of the replay {theirs}"


def _changes(commands: list[Fields]) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for c in commands:
        if c["kind"] == "alert" and c["level"] != c["previous_level"]:
            found[f"{c['hazard']} {c['subject']}"].append((c["time"], c["previous_level"], c["level"], c["alert"]))
    return found


def _is_control(record: Recorded) -> bool:
    return not record.value and any(name == "tocsin" for name, _ in record.headers)


def _wrong_bytes(reject: Fields, value: bytes) -> str | None:
    """A record of a refused class is told by its length and digest alone."""
    if reject["raw_length"] != len(value) or reject["raw_sha256"] != hashlib.sha256(value).hexdigest():
        return "length or digest are not the record's"
    raw = base64.b64decode(reject["raw_base64"])
    wanted = b"" if reject["reason"] == "refused_class" else value
    return None if raw == wanted else f"has {raw[:100]!r}, not {wanted[:100]!r}"


def _bare(value: bytes) -> Fields:
    return _without_stages(json.loads(value))


def _without_stages(fields: Fields) -> Fields:
    return {key: value for key, value in fields.items() if key != "stages"}


def _once(commands: Iterable[Fields], twice: Any = None) -> list[Fields]:
    """As a consumer that drops repeated ids sees them."""
    seen: dict[str, Fields] = {}
    for command in commands:
        bare = _without_stages(command)
        if seen.setdefault(bare["id"], bare) != bare and twice is not None:
            twice(seen[bare["id"]], bare)
    return list(seen.values())


def _by_zone(commands: list[Fields]) -> dict[str, list[Fields]]:
    found: dict[str, list[Fields]] = defaultdict(list)
    for command in commands:
        found[command["zone"] or "system"].append(command)
    return found


def _first_difference(sent: list[Fields], got: list[Fields]) -> str | None:
    if sent == got:
        return None
    for number, (one, other) in enumerate(zip(sent, got, strict=False)):
        if one != other:
            return f"number {number} is {_short(other)}, `commands` has {_short(one)}"
    return f"{len(got)} commands, `commands` has {len(sent)}: {_short((sent[len(got) :] or got[len(sent) :])[0])}"


def _differences(where: str, wanted: dict[str, Fields], found: dict[str, Fields]) -> Iterator[str]:
    for key in sorted({*wanted, *found}):
        if wanted.get(key) != found.get(key):
            yield f"{where}: {key} is {_short(found.get(key))}, not {_short(wanted.get(key))}"


def _short(command: Fields | None) -> str:
    if command is None:
        return "missing"
    words = [command["alert"] or command["subject"], f"v{command['version']}", command["reason"], command["level"]]
    return " ".join(map(str, words)) + f" ({command['id'][:8]})"
