import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from redis import Redis as Client

from streams.web.store import Position
from tests.servers.valkey import Redis
from tests.web import county

Event = dict[str, Any]


class Listener:
    """Reads a feed in a thread, as a browser does."""

    def __init__(self, answer: httpx.Response) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self._answer = answer
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        event: Event = {}
        try:
            for line in self._answer.iter_lines():
                if line:
                    name, _, rest = line.partition(": ")
                    event[name] = rest
                elif "data" in event:
                    self.events.put({**event, "data": json.loads(event["data"])})
                    event = {}
        except (httpx.HTTPError, RuntimeError):
            pass  # closed

    def next(self, kind: str, timeout: float = 8) -> Event:
        """The next event of a kind."""
        while True:
            event = self.events.get(timeout=timeout)
            if event["event"] == kind:
                return event


@contextmanager
def listening(address: str, last: str | None = None) -> Iterator[Listener]:
    headers = {"Last-Event-ID": last} if last else {}
    with (
        httpx.Client(timeout=httpx.Timeout(5, read=60)) as link,
        link.stream("GET", f"{address}/v1/feed", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Listener(answer)


def made(n: int) -> Any:
    return county.command("flood", f"r{n}", "QH-03", "blue", 5)


def test_hello_then_what_comes(address: str, client: Client) -> None:
    county.fill(client, [made(0)])
    with listening(address) as feed:
        hello = feed.next("hello")
        assert hello["id"].startswith("e1.")
        county.publish(client, made(1))
        event = feed.next("command")
        assert event["data"]["subject"] == "r1"
        assert event["id"] > hello["id"]


def test_resumes_exactly_where_it_was(address: str, client: Client) -> None:
    county.fill(client, [made(n) for n in range(700)])
    ids = [entry.decode() for entry, _ in client.xrange("tocsin:feed")]
    with listening(address, f"e1.{ids[9]}") as feed:
        subjects = [feed.next("command")["data"]["subject"] for _ in range(690)]
        county.publish(client, made(700))
        subjects.append(feed.next("command")["data"]["subject"])
    assert subjects == [f"r{n}" for n in range(10, 701)]


def test_unknown_epoch_is_one_reset(address: str, client: Client) -> None:
    county.fill(client, [made(0), made(1)])
    first = client.xrange("tocsin:feed")[0][0].decode()
    for last in (f"other.{first}", "e1.rubbish", "rubbish", "e1.99999999999999-0"):
        with listening(address, last) as feed:
            reset = feed.next("reset")
            county.publish(client, made(2))
            event = feed.events.get(timeout=8)
            assert (event["event"], event["data"]["subject"]) == ("command", "r2")
            assert event["id"] > reset["id"]


def test_trimmed_id_is_a_reset(address: str, client: Client) -> None:
    county.fill(client, [made(n) for n in range(20)])
    first = client.xrange("tocsin:feed")[0][0].decode()
    client.xtrim("tocsin:feed", maxlen=5, approximate=False)
    with listening(address, f"e1.{first}") as feed:
        assert feed.next("reset")["data"] == {"cause": "unknown_position"}


def test_a_rebuilt_database_resets_everybody(address: str, client: Client) -> None:
    county.fill(client, [made(0)])
    with listening(address) as one, listening(address) as two:
        one.next("hello")
        two.next("hello")
        client.flushall()
        county.fill(client, [made(1)], epoch="e2")
        for feed in (one, two):
            while not (reset := feed.next("reset"))["id"].startswith("e2."):
                pass  # between the flush and the new epoch there may be one more
            assert reset["data"] == {"cause": "rebuilt"}


def test_stations_that_changed(address: str, client: Client) -> None:
    county.fill(client, [], county.latest())
    with listening(address) as feed:
        feed.next("hello")
        feed.next("stations")
        gauge = county.station_of("QH-03", "water_level")
        rows = county.latest(values={gauge: 9.99})
        client.hset("tocsin:latest", f"{gauge}|water_level|Exercise", rows[f"{gauge}|water_level|Exercise"])
        event = feed.next("stations")
        assert [r["value"] for r in event["data"]["stations"]] == [9.99]
        assert "id" not in event  # it must not move the client's position


def test_redis_goes_and_comes(address: str, valkey: Redis, client: Client) -> None:
    county.fill(client, [made(0)])
    with listening(address) as feed:
        feed.next("hello")
        valkey.stop()
        assert feed.next("state")["data"]["redis"] is False
        refused = httpx.get(f"{address}/v1/feed")
        assert refused.status_code == 503
        assert refused.headers["Retry-After"]
        valkey.start()
        assert feed.next("state")["data"] == {"redis": True}


def test_what_a_position_holds() -> None:
    trimmed = Position("e", "10-0", "20-3", complete=False)
    assert trimmed.holds("10-0")
    assert trimmed.holds("20-3")
    assert not trimmed.holds("9-5")
    assert not trimmed.holds("20-4")
    assert not trimmed.holds("x")
    assert Position("e", "10-0", "20-3", complete=True).holds("0-0")
