"""A county on a real Valkey behind a real server."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright
from redis import Redis as Client

from tests.servers.valkey import Redis
from tests.web import county
from tests.web.serving import Recorder, serving

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture
def client(valkey: Redis) -> Iterator[Client]:
    """For writing what the redis sink would have written."""
    with Client.from_url(valkey.url) as link:
        yield link


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def address(valkey: Redis, recorder: Recorder) -> Iterator[str]:
    """A server on an empty database."""
    with serving(county.county(valkey.url), recorder) as url:
        yield url


@pytest.fixture
def api(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=5) as link:
        yield link


@pytest.fixture
def storm(client: Client) -> None:
    """A bad night in the database."""
    county.fill(client, county.storm(), county.latest())


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def strangers() -> list[str]:
    """Addresses outside this host that the page asked for."""
    return []


@pytest.fixture
def context(browser: Browser, address: str, strangers: list[str]) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=address)

    def only_here(route: Route) -> None:
        if urlsplit(route.request.url).netloc == urlsplit(address).netloc:
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    made.route("**/*", only_here)
    yield made
    made.close()
    assert not strangers


@pytest.fixture
def problems() -> list[str]:
    return []


@pytest.fixture
def page(context: BrowserContext, problems: list[str]) -> Iterator[Page]:
    made = context.new_page()
    made.on("pageerror", lambda error: problems.append(str(error)))
    made.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
    yield made
    assert not problems
