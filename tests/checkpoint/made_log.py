"""Records of a checkpoint log, made by hand."""

import msgspec

from streams.checkpoint.records import encode
from streams.checkpoint.schema import ASSESS, OBSERVE
from streams.models.saved import Begin, Death, Delta, Header, Index, Slice

pack = msgspec.msgpack.encode


class Log:
    """What one after another wrote into one partition."""

    def __init__(self, schema, site="site"):
        self.schema, self.site = schema, site
        self.values = []
        self._seq = 0

    def add(self, kind, payload, token="me", most=900_000, version=None, **header):
        payload = payload if isinstance(payload, bytes) else pack(payload)
        version = self.schema.version if version is None else version
        head = {"schema": self.schema.name, "version": version, "partition": 0, "owner": token, "site": self.site}
        self._seq += 1
        self.values += encode(Header(kind=kind, token=token, seq=self._seq, **(head | header)), payload, most)
        return self

    def delta(self, since, upto, token="me", most=900_000, **rows):
        rows = [(key, row if row is None else row.encode()) for key, row in rows.items()]
        return self.add("delta", Delta(rows), token, most, since=since, upto=upto)

    def base(self, upto, number=0, after=None, until=None, cycle=1, token="me", deaths=(), **rows):
        part = Slice(cycle, number, after, until, [(k, v.encode()) for k, v in rows.items()], list(deaths))
        return self.add("base", part, token, upto=upto)

    def begin(self, why="", token="me", deaths=()):
        return self.add("begin", Begin(why, list(deaths)), token)

    def mark(self, token="me"):
        return self.add("mark", b"", token)

    def death(self, first, last, name="d", token="me"):
        return self.add("death", Death(first, last, "exception", "boom", name), token)

    def index(self, upto, chunks=(), rest=b"rest", deaths=(), token="me", **header):
        return self.add("index", Index(list(chunks), rest, list(deaths)), token, upto=upto, **header)

    def into(self, reader):
        for offset, value in enumerate(self.values):
            reader.take(value, offset)
        return reader


def assess_log(site="site"):
    return Log(ASSESS, site)


def observe_log():
    return Log(OBSERVE)
