"""Pseudonyms of reporters: a keyed hash, so that distinct people count and nobody can be looked up."""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from streams.models.report import Report
from streams.models.settings import Privacy

PREFIX = "p:"
_ALREADY = re.compile(r"p:[0-9a-f]{32}")


def pseudonymiser(key: bytes) -> Callable[[str], str]:
    """`p:` and 32 hex digits of HMAC-SHA256; what already is a pseudonym stays as it is.

    >>> pseudonymiser(b"key")("Li Hua")
    'p:160d21cc4689ff977b5f08ce48d41440'
    """

    def pseudonym(person: str) -> str:
        if _ALREADY.fullmatch(person):
            return person
        return PREFIX + hmac.new(key, person.encode(), hashlib.sha256).hexdigest()[:32]

    return pseudonym


def privacy_key(privacy: Privacy) -> bytes:
    """From the file, else the variable, else drawn anew: then pseudonyms do not outlive the process."""
    if privacy.key_file is not None:
        return Path(privacy.key_file).read_bytes().strip()
    return os.environ.get(privacy.key_env, "").encode() or secrets.token_bytes(32)


def without_person(report: Report, pseudonym: Callable[[str], str]) -> Report:
    """The same report as it may enter Kafka."""
    report.reporter = None if report.reporter is None else pseudonym(report.reporter)
    report.contact = None if report.contact is None else pseudonym(report.contact)
    return report
