"""`tocsin schema`: the JSON Schemas of everything that crosses the border, and of the files that people write."""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from streams.models.doors import SCHEMAS as RECORDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMMITTED = Path("docs/schemas")
#: name -> what it is of, and where the function stands that makes it. A new kind of file is one line here.
FILES: dict[str, tuple[str, str]] = {
    "hazard": ("hazards/NAME.yaml", "streams.config.schema:hazard_schema"),
    "overlay": ("overlays/NAME.yaml", "streams.config.schema:overlay_schema"),
    "app": ("app.yaml", "streams.config.schema:app_schema"),
    "topics": ("topics.yaml", "streams.config.schema:topics_schema"),
    "zones": ("zones.geojson", "streams.config.schema:zones_schema"),
    "test": ("scenarios of `tocsin test`", "streams.trial.schema:file_schema"),
    "scenario": ("what `tocsin play` plays", "streams.gateway.scenario:scenario_schema"),
}
NAMES = (*FILES, *RECORDS)


def schema_text(name: str) -> str:
    """The schema file of a name, as it is committed."""
    body = {"$schema": DIALECT, **_body(name)}
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _body(name: str) -> dict[str, Any]:
    if name in RECORDS:
        return RECORDS[name].model_json_schema(by_alias=True)
    module, function = FILES[name][1].split(":")
    found: dict[str, Any] = getattr(import_module(module), function)()
    return found


def schema(
    names: Annotated[list[str] | None, typer.Argument(help="What to print; nothing: a list of what there is.")] = None,
    out_dir: Annotated[Path | None, typer.Option(help="Write them to this folder, NAME.json, instead.")] = None,
    check: Annotated[bool, typer.Option(help="Write nothing; exit 1 if a file is not current.")] = False,
) -> None:
    """JSON Schemas: of configuration files, for editors, and of the records that others publish and consume.

    In the first line of a YAML file, for editors with the YAML language server:
    [bold]# yaml-language-server: $schema=PATH/hazard.json[/bold]

    [bold]tocsin schema hazard[/bold]   [bold]tocsin schema --out-dir docs/schemas[/bold]
    """
    console = Console(stderr=True, highlight=False)
    for name in names or ():
        if name not in NAMES:
            console.print(f"there is no schema {name!r}; right would be one of {', '.join(NAMES)}", soft_wrap=True)
            raise typer.Exit(2)
    if check or out_dir is not None:
        _write(out_dir or COMMITTED, names or list(NAMES), console, check=check)
    elif names:
        sys.stdout.write("".join(map(schema_text, names)))
    else:
        _list()


def _write(folder: Path, names: list[str], console: Console, *, check: bool) -> None:
    stale = [name for name in names if not _is_current(folder, name)]
    if check:
        for name in stale:
            console.print(f"{folder / name}.json is not current: run `tocsin schema --out-dir {folder}`")
        raise typer.Exit(1 if stale else 0)
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (folder / f"{name}.json").write_text(schema_text(name), encoding="utf-8")
        console.print(f"wrote {folder / name}.json")


def _is_current(folder: Path, name: str) -> bool:
    file = folder / f"{name}.json"
    return file.exists() and file.read_text(encoding="utf-8") == schema_text(name)


def _list() -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("name", "of"):
        table.add_column(heading)
    for name in NAMES:
        table.add_row(name, FILES[name][0] if name in FILES else f"records of `{name}`")
    Console(highlight=False).print(table)
