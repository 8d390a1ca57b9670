"""A JSON text as everybody reads it: no key twice, no number that JSON does not have; and where things stand."""

import json
import re
from collections.abc import Iterator
from typing import Any

from streams.config.problems import Place, Report, Words

DEEPEST = 40
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?|[\[\]{}]|NaN|-?Infinity', re.DOTALL)
_GAP = re.compile(r"[\s,]*")


class _RefusedError(ValueError):
    """What the standard library would take."""


def parse_json(text: str, report: Report, form: str) -> Any:
    """The document, or None after saying where it is wrong; `form` is what should stand there."""
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        report.error((error.lineno, error.colno), "", Words(f"no JSON: {error.msg}"), form)
    except (_RefusedError, RecursionError):
        at, found, expected = next(_wrong(text), (None, "a value nested too deeply", form))
        report.error(at, "", Words(found), expected)
    except ValueError as error:  # a whole number of thousands of digits
        report.error(None, "", Words(f"no JSON: {str(error)[:100]}"), form)
    return None


def places(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Line and column of each object of a list whose inside begins at `start`, found by reading them one by one."""
    at, line, counted, begin = start, 1, 0, 0
    decoder = json.JSONDecoder()
    while True:
        match = _GAP.match(text, at)
        at = match.end() if match else at
        if not text.startswith("{", at):
            return
        line += text.count("\n", counted, at)
        begin = max(begin, text.rfind("\n", counted, at) + 1)
        counted = at
        yield line, at - begin + 1
        try:
            _, at = decoder.raw_decode(text, at)
        except ValueError:
            return


def _refuse(name: str) -> None:
    raise _RefusedError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RefusedError
    return found


def _wrong(text: str) -> Iterator[tuple[Place, str, str]]:
    """What is refused and where, token by token: slow, and only asked when it is known that there is something."""
    open_: list[dict[str, int]] = []  # keys of the objects that are open, with where they stand
    for token in _TOKEN.finditer(text):
        word, at = token[0], token.start()
        if word in "[{":
            open_.append({})
            if len(open_) > DEEPEST:
                yield _place(text, at), "a value nested too deeply", f"at most {DEEPEST} levels"
        elif word in "]}":
            open_.pop()
        elif not word.startswith('"'):
            yield _place(text, at), f"{word}, which is no number of JSON", "a number"
        elif token[1] is not None:
            key = json.loads(word[: len(word) - len(token[1])])
            if key in open_[-1]:
                first = _place(text, open_[-1][key])
                yield _place(text, at), f"the key {key!r} again (first in line {first[0]})", "each key once"
            open_[-1][key] = at


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
