"""The plot of benchmarks/growth.py: a small SVG, so that nothing needs to be installed for it."""

import math
from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 60, 620, 30, 270
COLOURS = {"us": "#1f4e79", "bank": "#c0504d", "decode": "#7f7f7f"}
NAMES = {"us": "together", "bank": "Bank", "decode": "decode"}
FONT = 'font-family="sans-serif" font-size="12"'


def plot(costs: Sequence[dict[str, Any]]) -> str:
    """Cost a reading over the number of datastreams (logarithmic), with the limit: half more than the first."""
    limit = 1.5 * costs[0]["us"]
    top = 1.1 * max(limit, *(one["us"] for one in costs))
    low, high = (math.log10(costs[end]["datastreams"]) for end in (0, -1))

    def x(datastreams: int) -> float:
        return round(LEFT + (RIGHT - LEFT) * (math.log10(datastreams) - low) / max(high - low, 1e-9), 1)

    def y(cost: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * cost / top, 1)

    parts = [_line(f"{LEFT},{y(limit)} {RIGHT},{y(limit)}", "#999999", 'stroke-dasharray="5 4"')]
    parts.append(_text(RIGHT, y(limit) - 6, "half more than the first", "end"))
    for cost in _ticks(top):
        parts.append(_line(f"{LEFT},{y(cost)} {RIGHT},{y(cost)}", "#eeeeee"))
        parts.append(_text(LEFT - 8, y(cost) + 4, f"{cost:g}", "end"))
    sizes = [one["datastreams"] for one in costs]
    parts += [_text(x(size), BOTTOM + 18, _short(size), "middle") for size in sizes]
    for key, colour in COLOURS.items():
        points = [(x(one["datastreams"]), y(one[key])) for one in costs]
        parts.append(_line(" ".join(f"{a},{b}" for a, b in points), colour, 'stroke-width="2"'))
        parts += [f'<circle cx="{a}" cy="{b}" r="3" fill="{colour}"/>' for a, b in points]
        parts.append(_text(points[0][0] + 6, points[0][1] - 7, NAMES[key], "start", colour))
    parts.append(_text(LEFT, TOP - 12, "µs of CPU a reading", "start"))
    parts.append(_text((LEFT + RIGHT) / 2, BOTTOM + 40, "datastreams", "middle"))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT}>'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *parts, "</svg>", ""])


def _ticks(top: float) -> list[float]:
    step = 10 ** math.floor(math.log10(top))
    step = next(s for s in (step / 5, step / 2, step, step * 2) if top / s <= 6)
    return [round(step * number, 6) for number in range(int(top / step) + 1)]


def _short(number: int) -> str:
    unit, name = next((pair for pair in ((1_000_000, " M"), (1_000, " k")) if number >= pair[0]), (1, ""))
    return f"{number // unit}{name}"


def _line(points: str, colour: str, more: str = "") -> str:
    return f'<polyline points="{points}" fill="none" stroke="{colour}" {more}/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333333") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{text}</text>'
