"""The summary at the end: a table for people, one JSON line for programs."""

import json
import sys

from rich.console import Console
from rich.table import Table

from streams.demo.run import Outcome
from streams.models.level import COLOURS


def print_summary(outcome: Outcome) -> None:
    """People's part to stderr, the JSON object as the last line of stdout."""
    console = Console(stderr=True, highlight=False)
    tally, latency = outcome.tally, outcome.tally.latency
    table = Table("hazard", *COLOURS, box=None, header_style="bold")
    for hazard, levels in tally.alerts.items():
        table.add_row(hazard, *(str(levels.get(colour, "")) for colour in COLOURS))
    console.print(f"{outcome.accepted} readings accepted, {sum(tally.rejects.values())} refused", _reasons(outcome))
    console.print(table if tally.alerts else "no alert reached the feed", style=None if tally.alerts else "red")
    if latency["count"]:
        console.print(f"reading to feed, {latency['count']} rises: p50 {latency['p50']} ms, p99 {latency['p99']} ms")
    console.print(_times(outcome), style="dim")
    sys.stdout.write(json.dumps(outcome.as_dict()) + "\n")
    sys.stdout.flush()


def _reasons(outcome: Outcome) -> str:
    counts = outcome.tally.rejects.most_common()
    return f"({', '.join(f'{count} {reason}' for reason, count in counts)})" if counts else ""


def _times(outcome: Outcome) -> str:
    times = outcome.times
    named = {
        "page": times.page, "ready": times.ready, "first alert on the feed": times.first_on_feed,
        "on the page": times.first_on_page,
    }  # fmt: skip
    return "seconds from start: " + ", ".join(f"{name} {at:.1f}" for name, at in named.items() if at is not None)
