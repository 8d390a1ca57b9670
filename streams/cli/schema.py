"""`tocsin schema`: the JSON Schemas of everything that crosses the border."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from streams.models.doors import SCHEMAS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_text(name: str) -> str:
    """The schema file of one record, as it is committed."""
    body = {"$schema": DIALECT, **SCHEMAS[name].model_json_schema(by_alias=True)}
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def schema(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")] = Path("docs/schemas"),
    check: Annotated[bool, typer.Option(help="Write nothing; exit 1 if a file is not current.")] = False,
    show: Annotated[str | None, typer.Option(help="Print one schema instead: " + ", ".join(SCHEMAS))] = None,
) -> None:
    """Write the JSON Schemas of readings, reports, commands, rejects and the doors' answer.

    They are generated from the models; `--check` says whether the committed ones are current.
    """
    console = Console(stderr=True)
    if show is not None:
        if show not in SCHEMAS:
            console.print(f"there is no schema {show!r}; right would be one of {', '.join(SCHEMAS)}", highlight=False)
            raise typer.Exit(2)
        sys.stdout.write(schema_text(show))
        return
    stale = [name for name in SCHEMAS if not _is_current(folder, name)]
    if check:
        for name in stale:
            console.print(f"{folder / name}.json is not current: run `tocsin schema`", highlight=False)
        raise typer.Exit(1 if stale else 0)
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (folder / f"{name}.json").write_text(schema_text(name), encoding="utf-8")
        console.print(f"wrote {folder / name}.json", highlight=False)


def _is_current(folder: Path, name: str) -> bool:
    file = folder / f"{name}.json"
    return file.exists() and file.read_text(encoding="utf-8") == schema_text(name)
