"""What a broker answers, put together once.

asyncio's reader copies every piece that the socket gives into one growing array, stops the socket whenever that holds
more than 128 kB, and wakes its reader up for each piece; then it copies the answer out. An answer to a fetch has
megabytes. Here pieces are kept as they come and joined when all are there.
"""

import asyncio
from asyncio import StreamReader
from typing import Any

from aiokafka import conn


class Pieces(StreamReader):
    """A reader that is asked for so many bytes, and for nothing else."""

    _pieces: list[bytes]
    _begin: int  # of what is unread, in the first piece
    _held: int  # bytes unread
    _wanted: int

    @classmethod
    def take_over(cls, reader: StreamReader) -> None:
        """Make one of a reader that nobody has read from: aiokafka makes it itself, its class is not a setting."""
        reader.__class__ = cls
        assert isinstance(reader, cls)  # noqa: S101 - for the type checker
        reader.start()

    def start(self) -> None:
        """Nothing has come yet."""
        self._pieces, self._begin, self._held, self._wanted = [], 0, 0, 0

    def feed_data(self, data: Any) -> None:
        """Keep a piece; whoever waits is woken up when all is there that it waits for (asyncio/streams.py)."""
        if data:
            self._pieces.append(bytes(data))
            self._held += len(data)
            if self._held >= self._wanted:
                self._wakeup_waiter()  # type: ignore[attr-defined]

    def at_eof(self) -> bool:
        """Whether nothing is left and nothing comes."""
        return bool(self._eof) and not self._held  # type: ignore[attr-defined]

    async def readexactly(self, n: int) -> bytes:
        """So many bytes; raises IncompleteReadError when the other side closes before (asyncio/streams.py)."""
        if n < 0:
            raise ValueError("readexactly size can not be less than zero")
        self._must_be_whole()
        while self._held < n:
            if self._eof:  # type: ignore[attr-defined]
                raise asyncio.IncompleteReadError(self._taken(self._held), n)
            self._wanted = n
            await self._wait_for_data("readexactly")  # type: ignore[attr-defined]
            if self._held < n:  # what is there was an answer, also when the connection broke right after it
                self._must_be_whole()
        return self._taken(n)

    def _must_be_whole(self) -> None:
        """Raises what broke the connection."""
        if self._exception is not None:  # type: ignore[attr-defined]
            raise self._exception  # type: ignore[attr-defined]

    def _taken(self, n: int) -> bytes:
        pieces, begin, left = self._pieces, self._begin, n
        self._held -= n
        if pieces and begin + n < len(pieces[0]):
            self._begin += n
            return pieces[0][begin : begin + n]
        found, whole = [], 0  # whole: pieces of which nothing is left
        while left:
            piece = memoryview(pieces[whole])[begin : begin + left]
            found.append(piece)
            left -= len(piece)
            begin += len(piece)
            if begin == len(pieces[whole]):
                whole, begin = whole + 1, 0
        del pieces[:whole]  # at once: an answer may have come in thousands
        self._begin = begin
        return b"".join(found)


class Answers(conn.AIOKafkaProtocol):  # type: ignore[misc] # aiokafka has no types
    """The protocol of a connection to a broker, with such a reader."""

    def __init__(self, closed_fut: Any, *args: Any, loop: Any, **kw: Any) -> None:
        # aiokafka/conn.py, AIOKafkaConnection.connect: makes the reader, hands it on here and reads from it.
        Pieces.take_over(args[0])
        super().__init__(closed_fut, *args, loop=loop, **kw)


def put_together_once() -> None:
    """Have every connection that aiokafka makes from now on in this process read so."""
    conn.AIOKafkaProtocol = Answers
