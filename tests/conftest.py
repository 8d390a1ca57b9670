"""Real servers as fixtures. Where one cannot run, its tests skip and say why; in CI that is a failure instead."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from streams import embedded
from tests import order
from tests.servers import jars
from tests.servers.kafka import Kafka
from tests.servers.process import ServerProcess
from tests.servers.valkey import Redis, system_redis

# A run in the background of a shell ignores SIGINT, and so would every process that a test starts and sends Ctrl-C to.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# No test is timed: with other processes on the same cores any example may take long.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
IN_CI = bool(os.environ.get("CI"))


@pytest.hookimpl(trylast=True)  # after pytest's own, which brings together what shares a fixture
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes run tests: what waits beside what computes."""
    given = getattr(config, "workerinput", None)
    if given is not None:
        items[:] = order.ordered(items, given["workercount"])


def unavailable(reason: str) -> None:
    """Skip the test; in CI, where everything must be there, fail it."""
    if IN_CI:
        pytest.fail(f"{reason} (and in CI nothing may be missing)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """The run's Apache Kafka, shared: `.bootstrap`. A test that stops or kills it must start it again."""
    yield from _kafka(tmp_path_factory.mktemp("kafka"))


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Kafka]:
    """An Apache Kafka of this test alone (about 5 s to start): `.bootstrap`, `.kill()`, `.stop()`, `.start()`."""
    yield from _kafka(tmp_path / "kafka")


def _kafka(folder: Path) -> Iterator[Kafka]:
    if missing := jars.what_is_missing():
        unavailable(missing)
    node = Kafka(folder)
    try:
        yield node.start()
    finally:
        node.destroy()


@pytest.fixture(scope="session")
def embedded_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the embedded broker (Tansu): no Java needed, but not everything that Kafka can do."""
    try:
        server = embedded.broker()
    except embedded.NotEmbeddableError as missing:
        unavailable(str(missing))
    process = ServerProcess(server.argv, tmp_path_factory.mktemp("tansu") / "output.log")
    try:
        process.wait_until(server.ready, 10)
        yield server.address
    finally:
        process.kill()


@pytest.fixture(scope="session")
def _valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    yield from _redis(tmp_path_factory.mktemp("valkey"), None)


@pytest.fixture(scope="session")
def _redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    binary = system_redis()
    if binary is None:
        unavailable("needs redis-server on PATH (Debian: apt-get install redis-server)")
    yield from _redis(tmp_path_factory.mktemp("redis"), binary)


def _redis(folder: Path, binary: str | None) -> Iterator[Redis]:
    try:
        server = Redis(folder, binary=binary)
    except embedded.NotEmbeddableError as missing:
        unavailable(str(missing))
    try:
        yield server.start()
    finally:
        server.kill()


@pytest.fixture
def valkey(_valkey_server: Redis) -> Redis:
    """A running, empty Valkey: `.url`, `.kill()`, `.stop()`, `.start()`."""
    _valkey_server.flush()
    return _valkey_server


@pytest.fixture(params=["valkey", "redis"])
def any_redis(request: pytest.FixtureRequest) -> Redis:
    """The test runs twice: on Valkey and on the system's Redis."""
    server: Redis = request.getfixturevalue(f"_{request.param}_server")
    server.flush()
    return server


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The executable of a Chromium: $CHROMIUM, the system's, or the one that Playwright brought."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None) or _playwright_chromium()
    if found is None:
        unavailable("needs Chromium (Debian: apt-get install chromium fonts-noto-cjk; or set CHROMIUM)")
    return str(found)


def _playwright_chromium() -> str | None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow, and seldom needed

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None
