"""Every error is JSON: `{"error": a word, "message": a sentence}`, and `fields` for a bad body."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

_WORDS = {403: "forbidden", 404: "not_found", 405: "method_not_allowed", 409: "conflict", 413: "too_large"}
RETRY_S = "3"


class AwayError(Exception):
    """Something that the answer needs (Redis, Kafka) is not there right now."""


def _answer(status: int, error: str, message: str, **more: object) -> JSONResponse:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": RETRY_S} if status == 503 else {})
    return JSONResponse({"error": error, "message": message, **more}, status, headers)


async def _http(_: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, HTTPException)  # noqa: S101 - starlette's own promise
    return _answer(problem.status_code, _WORDS.get(problem.status_code, "refused"), str(problem.detail))


async def _invalid(_: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, RequestValidationError)  # noqa: S101
    fields = [{"field": ".".join(map(str, e["loc"])), "problem": e["msg"]} for e in problem.errors()]
    message = "; ".join(f"{f['field']}: {f['problem']}" for f in fields)
    return _answer(422, "invalid", message, fields=fields)


async def _away(_: Request, problem: Exception) -> JSONResponse:
    return _answer(503, "away", str(problem))


async def _redis(_: Request, problem: Exception) -> JSONResponse:
    return _answer(503, "away", f"Redis is away: {problem}")


async def _bug(_: Request, problem: Exception) -> JSONResponse:
    return _answer(500, "internal", f"an error of Tocsin's own ({type(problem).__name__}); the log has it")


def install(app: FastAPI) -> None:
    """Answer every exception in this form."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(AwayError, _away)
    app.add_exception_handler(RedisError, _redis)
    app.add_exception_handler(Exception, _bug)
