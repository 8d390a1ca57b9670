"""The bytes of a configuration file as text, or a problem that says why not."""

import re
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TextIO

from streams.config.problems import Report, Words

#: Marks that turn the direction of writing (Unicode Bidi_Control): with them a text reads as something that it is not
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TURNS_IN_BYTES = (re.compile(rb"\xe2(?:\x80[\x8e\x8f\xaa-\xae]|\x81[\xa6-\xa9])"), re.compile(rb"\xd8\x9c"))
TURNED = "the text without marks that turn the direction of writing"


def turns(text: str) -> str:
    """The first mark in a text that turns the direction of writing, like `U+202E`; empty without one."""
    match = None if text.isascii() else _TURNS.search(text)
    return f"U+{ord(match[0]):04X}" if match else ""


def read_text(path: Path, report: Report, limit: int, *, optional: bool = False) -> str | None:
    """The file as UTF-8 (a byte order mark is tolerated); None after saying what is wrong."""
    raw = _read(path, report, limit, optional=optional)
    return None if raw is None else _decoded(raw, report, limit)


def open_text(path: Path, report: Report, limit: int) -> TextIO | None:
    """The same for a large file: its text is made line by line, with line ends as they are."""
    raw = _read(path, report, limit)
    if raw is None or _decoded(raw, report, limit) is None:
        return None
    return TextIOWrapper(BytesIO(raw), "utf-8-sig", newline="")


def _read(path: Path, report: Report, limit: int, *, optional: bool = False) -> bytes | None:
    try:
        if not path.is_file():
            if not optional or path.exists():
                found = "something that is not a file" if path.exists() else "no such file"
                report.error(None, "", Words(found), "a readable file")
            return None
        with path.open("rb") as file:
            return file.read(limit + 1)
    except (OSError, ValueError) as error:
        report.error(None, "", Words(str(error)), "a readable file")
        return None


def _decoded(raw: bytes, report: Report, limit: int) -> str | None:
    if len(raw) > limit:
        report.error(None, "", Words(f"more than {limit // 1_000_000} MB"), "a smaller file")
        return None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        report.error((1, 1), "", Words("a file in UTF-16"), "UTF-8 (save it again as UTF-8)")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        found = Words(f"the byte 0x{raw[error.start]:02x}, which is not UTF-8")
        report.error((line, column), "", found, "UTF-8 (a file in GBK has to be saved again as UTF-8)")
        return None
    return None if _is_turned(raw, report) else text


def _is_turned(raw: bytes, report: Report) -> bool:
    found = next((match for pattern in _TURNS_IN_BYTES if (match := pattern.search(raw))), None)
    if found is None:
        return False
    before = raw[raw.rfind(b"\n", 0, found.start()) + 1 : found.start()].decode("utf-8-sig")
    at = raw.count(b"\n", 0, found.start()) + 1, len(before) + 1
    report.error(at, "", Words(turns(found[0].decode())), TURNED)
    return True
