"""Static files: the page, its modules, and the API's own pages. Nothing in them comes from another host."""

import mimetypes
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"
router = APIRouter(include_in_schema=False)

# a machine's own table may call a module text/plain, and with nosniff a browser then refuses it
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/svg+xml", ".svg")


@router.get("/")
async def page() -> FileResponse:
    """The map and the alerts."""
    return FileResponse(STATIC / "index.html")


@router.get("/docs")
async def docs() -> FileResponse:
    """Swagger UI, from vendored files."""
    return FileResponse(STATIC / "docs.html")


@router.get("/favicon.ico")
async def favicon() -> FileResponse:
    """The bell."""
    return FileResponse(STATIC / "icon.svg")


def install(app: FastAPI) -> None:
    """Serve the pages and `/static` (with ETag)."""
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
