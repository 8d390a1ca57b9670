"""Who may knock: bearer tokens from a file, or, with none configured, only programs on this host."""

import hmac
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

from starlette.requests import Request


class RefusedError(Exception):
    """Not let in: 401 (say who you are) or 403 (not from there)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Tokens:
    """One `token name` a line; empty lines and lines with # are passed over. Only digests are kept."""

    def __init__(self, file: str | None) -> None:
        lines = [] if file is None else Path(file).read_text(encoding="utf-8").splitlines()
        words = [line.split(maxsplit=1) for line in lines if line.strip() and not line.lstrip().startswith("#")]
        self._names = {sha256(w[0].encode()).digest(): w[1] if len(w) > 1 else "unnamed" for w in words}
        self._only_here = file is None

    def check(self, request: Request) -> str:
        """The caller's name. Raises RefusedError."""
        if self._only_here:
            return _from_here(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise RefusedError(401, "a bearer token is needed")
        digest = sha256(token.strip().encode()).digest()
        found = [name for known, name in self._names.items() if hmac.compare_digest(known, digest)]
        if not found:
            raise RefusedError(401, "this token is not known")
        return found[0]


def _from_here(request: Request) -> str:
    if "origin" in request.headers:  # a page in somebody's browser must not send readings
        raise RefusedError(403, "without configured tokens browsers may not knock")
    host = request.client.host if request.client else ""
    try:
        here = ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here:
        raise RefusedError(403, "no tokens are configured: only this host may knock (gateway.tokens_file)")
    return "local"
