import socket

import aiohttp

from streams.health import HealthServer


async def scrape():
    return b"metric 1\n"


async def get(server, path):
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{server.port}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def test_503_with_reasons_until_ready():
    state = [False, {"reasons": ["等待 Kafka"]}]
    server = HealthServer(lambda: tuple(state), scrape)
    await server.start("127.0.0.1", 0)
    assert await get(server, "/healthz") == (503, '{"ready": false, "reasons": ["等待 Kafka"]}')
    state[:] = [True, {}]
    assert await get(server, "/healthz") == (200, '{"ready": true}')
    assert await get(server, "/metrics") == (200, "metric 1\n")
    await server.stop()


async def test_the_next_free_port_when_one_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = HealthServer(lambda: (True, {}), scrape)
        assert await server.start("127.0.0.1", port) > port
        assert (await get(server, "/healthz"))[0] == 200
        await server.stop()
