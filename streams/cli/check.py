"""`tocsin check`: is this configuration right, and what in it is probably not meant?"""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from streams.cli.options import DEFAULT_CONFIG, ConfigOption
from streams.config import ConfigError, Loaded, load
from streams.config.dates import out_of_date
from streams.config.show import print_problems
from streams.models.durations import format_duration
from streams.models.level import colour
from streams.models.site import Hazard, Site
from streams.models.watched import coverage


def check(
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for programs.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    covers: Annotated[
        bool, typer.Option("--coverage", help="Also: which zone has datastreams for which hazard, and for which none.")
    ] = False,
    day: Annotated[
        str, typer.Option("--on", help="As of this day (2026-07-20) instead of today: validity of sources.")
    ] = "",
) -> None:
    """Check a configuration folder: settings, stations, zones, hazards, and whether they fit together.

    Says every problem at once, each with file and line, what was found, what would be right and the nearest known name.
    Exit 0 when the configuration can be used, 2 when not.

    [bold]tocsin check --config configs --strict[/bold]
    """
    try:
        loaded = load(config)
    except ConfigError as error:
        if as_json:
            typer.echo(
                json.dumps({"ok": False, "errors": [one.as_dict() for one in error.problems]}, ensure_ascii=False)
            )
        else:
            print_problems(error.problems)
            _count(len(error.problems), "problem", "bold red")
        raise typer.Exit(2) from None
    loaded = replace(loaded, warnings=[*loaded.warnings, *out_of_date(loaded.site, Path(config), _day(day))])
    failed = strict and bool(loaded.warnings)
    if as_json:
        warnings = [one.as_dict() for one in loaded.warnings]
        summary = {"ok": not failed, "errors": [], "warnings": warnings, **numbers(loaded.site)}
        if covers:
            summary["coverage"] = coverage(loaded.site)
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        _print_good(loaded, failed=failed)
        if covers:
            _print_coverage(loaded.site)
    raise typer.Exit(2 if failed else 0)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise typer.BadParameter(f"a day like 2026-07-20, found {text!r}", param_hint="--on") from None


def numbers(site: Site) -> dict[str, Any]:
    """What the configuration holds, counted."""
    return {
        "zones": len(site.zones),
        "stations": len(site.stations),
        "datastreams": len(site.datastreams),
        "hazards": sorted(site.hazards),
        "inactive": {
            hazard.name: {str(colour(level)): why for level, why in hazard.inactive.items()}
            for hazard in site.hazards.values()
            if hazard.inactive
        },
        "version": site.version,
    }


def _print_good(loaded: Loaded, *, failed: bool) -> None:
    console = Console(highlight=False)
    console.width = max(console.width, 110)
    print_problems(loaded.warnings)
    site = loaded.site
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("hazard", "about", "levels", "lowers after", "ends by", "datastreams"):
        table.add_column(name)
    feeding = Counter(hazard.name for users in site.users.values() for hazard, _ in users)
    for hazard in site.hazards.values():
        table.add_row(*_row(hazard), str(feeding[hazard.name]))
    console.print(table)
    known = numbers(site)
    verdict = "[bold red]refused, as warnings count[/]" if failed else "[bold green]good[/]"
    console.print(
        f"\n{verdict}  {_some(known['zones'], 'zone')}, {_some(known['stations'], 'station')}, "
        f"{_some(known['datastreams'], 'datastream')}, {_some(len(known['hazards']), 'hazard')}, "
        f"{_some(len(loaded.warnings), 'warning')}"
    )
    console.print(f"[dim]{site.version}[/]")


def _print_coverage(site: Site) -> None:
    """Not a warning: few sites watch for everything everywhere."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("zone", "datastreams for", "none for"):
        table.add_column(name)
    for zone, its in coverage(site).items():
        some = ", ".join(f"{name} {count}" for name, count in its.items() if count)
        table.add_row(zone, some or "-", ", ".join(site.unwatched[zone]) or "-")
    console = Console(highlight=False)
    console.width = max(console.width, 110)
    console.print()
    console.print(table)


def _row(hazard: Hazard) -> tuple[str, ...]:
    known = sorted({*hazard.levels, *hazard.inactive})
    levels = " ".join(str(colour(n)) if n in hazard.levels else f"({colour(n)})" for n in known)
    ends = (
        hazard.lower.end
        if hazard.lower.end == hazard.lower.end_red
        else f"{hazard.lower.end}, red: {hazard.lower.end_red}"
    )
    return hazard.name, hazard.subject, levels, format_duration(hazard.lower.after), ends


def _count(number: int, noun: str, style: str) -> None:
    Console(stderr=True, highlight=False).print(f"\n[{style}]{_some(number, noun)}[/]")


def _some(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
