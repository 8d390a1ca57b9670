"""Answers put together once: what asyncio's own reader gives, however the bytes come."""

import asyncio
import random

import pytest

from streams.answers import Answers, Pieces


def reader_of(kind):
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(loop=loop)
    if kind is Pieces:
        Pieces.take_over(reader)
    return reader


async def told(kind, pieces, asks, end):
    """What a reader says to each question while pieces come, with turns of the loop between them."""
    reader, found = reader_of(kind), []

    async def ask():
        for n in asks:
            try:
                found.append(await reader.readexactly(n))
            except asyncio.IncompleteReadError as error:
                found.append((error.partial, error.expected))
            except ConnectionError as error:
                found.append(repr(error))
                return

    task = asyncio.create_task(ask())
    for piece in pieces:
        reader.feed_data(piece)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    if isinstance(end, Exception):
        reader.set_exception(end)
    else:
        reader.feed_eof()
    await asyncio.wait_for(task, 5)
    return found, reader.at_eof()


@pytest.mark.parametrize("seed", range(40))
async def test_it_says_what_asyncio_says(seed):
    chance = random.Random(seed)
    pieces = [chance.randbytes(chance.choice([0, 1, 3, 4, 7, 64])) for _ in range(chance.randint(1, 12))]
    asks = [chance.choice([0, 1, 4, 4, 11, 100]) for _ in range(chance.randint(1, 9))]
    end = chance.choice([None, ConnectionResetError("gone")])
    assert await told(Pieces, pieces, asks, end) == await told(asyncio.StreamReader, pieces, asks, end)


@pytest.mark.parametrize("kind", [Pieces, asyncio.StreamReader])
async def test_what_came_before_the_connection_broke_is_not_lost(kind):
    """Both may come in one turn of the loop: an answer that is there was an answer."""
    reader = reader_of(kind)
    task = asyncio.create_task(reader.readexactly(4))
    await asyncio.sleep(0)
    reader.feed_data(b"12345")
    reader.set_exception(ConnectionResetError("gone"))
    assert await asyncio.wait_for(task, 5) == b"1234"
    with pytest.raises(ConnectionResetError):
        await reader.readexactly(1)


async def test_a_connection_that_breaks_while_one_waits_is_told():
    reader = reader_of(Pieces)
    task = asyncio.create_task(reader.readexactly(4))
    await asyncio.sleep(0)
    reader.feed_data(b"123")
    reader.set_exception(ConnectionResetError("gone"))
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(task, 5)


async def test_whoever_waits_is_woken_up_when_all_is_there():
    reader = reader_of(Pieces)
    task = asyncio.create_task(reader.readexactly(9))
    await asyncio.sleep(0)
    waiter = reader._waiter
    for piece in (b"123", b"456"):
        reader.feed_data(piece)
        assert not waiter.done()
    reader.feed_data(b"7890")
    assert waiter.done()
    assert await task == b"123456789"
    assert await reader.readexactly(1) == b"0"


async def test_less_than_nothing_cannot_be_asked_for():
    with pytest.raises(ValueError, match="less than zero"):
        await reader_of(Pieces).readexactly(-1)


async def test_a_connection_reads_so():
    """Over a real socket: an answer of many pieces, half of another one, and the end."""
    sent = [random.Random(1).randbytes(3_000_000), b"half"]

    async def answer(_reader, writer):
        writer.write(sent[0])
        writer.write(sent[1])
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(loop=loop)
    closed = loop.create_future()
    transport, _ = await loop.create_connection(
        lambda: Answers(closed, reader, loop=loop), *server.sockets[0].getsockname()
    )
    assert await reader.readexactly(3_000_000) == sent[0]
    with pytest.raises(asyncio.IncompleteReadError) as error:
        await reader.readexactly(5)
    assert error.value.partial == b"half"
    assert reader.at_eof()
    transport.close()
    await closed
    server.close()
