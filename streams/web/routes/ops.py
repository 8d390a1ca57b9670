"""`/healthz` and `/metrics`, for whoever runs it."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from streams.web.context import ContextOf

router = APIRouter(tags=["operation"])


@router.get("/healthz")
async def healthz(context: ContextOf) -> JSONResponse:
    """200 when ready; 503 with the reasons when not (Redis is away)."""
    try:
        await context.store.ping()
    except (RedisError, OSError) as problem:
        reasons = [f"Redis is away: {problem}"]
        return JSONResponse({"ready": False, "role": "web", "reasons": reasons}, 503)
    return JSONResponse({"ready": True, "role": "web", "reasons": []})


@router.get("/metrics", response_class=Response)
async def metrics(context: ContextOf) -> Response:
    """Prometheus metrics of this process."""
    return Response(generate_latest(context.metrics.registry), media_type=CONTENT_TYPE_LATEST)
