"""Problems of a configuration as a person wants to read them."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from streams.config.problems import Problem

_MOST = 50


def print_problems(problems: Sequence[Problem], console: Console | None = None) -> None:
    """Where, what was found, what would be right, and the nearest known name."""
    console = console or Console(stderr=True, highlight=False)
    for problem in problems[:_MOST]:
        console.print(as_text(problem), soft_wrap=True)
    if len(problems) > _MOST:
        console.print(f"… and {len(problems) - _MOST} more", style="dim")


def as_text(problem: Problem) -> Text:
    """One problem, in colours where the terminal has them."""
    is_error = problem.severity == "error"
    text = Text().append(problem.place, "bold")
    text.append(f"  {problem.where or problem.severity}\n", style="red" if is_error else "yellow")
    text.append("    found     ", style="dim").append(problem.found)
    text.append("\n    expected  ", style="dim").append(problem.expected)
    if problem.nearest:
        text.append("\n    nearest   ", style="dim").append(problem.nearest, style="green")
    return text
