"""The plot of docs/detectors.md, drawn from its table: python -m benchmarks.detection_plot."""

import re
from html import escape
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
WIDTH, LEFT, ROW = 760, 400, 18
BARS = (("#1f4e79", "standard"), ("#c0504d", "low false positives"))


def rows() -> list[tuple[str, float, float]]:
    """Idea, standard score, low-FP score."""
    part = (DOCS / "detectors.md").read_text("utf-8").split("| idea | standard |")[1].split("\n\n")[0]
    found = []
    for line in part.splitlines()[2:]:
        cells = [cell.strip(" *") for cell in line.strip("|").split("|")]
        if all(re.fullmatch(r"[\d.]+", cell) for cell in cells[1:3]):
            found.append((cells[0], float(cells[1]), float(cells[2])))
    return found


def draw(ideas: list[tuple[str, float, float]]) -> str:
    """Two bars an idea."""
    height = 50 + ROW * len(ideas)
    box = f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11"'
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" {box}>']
    out.append(f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>')
    for number, (colour, name) in enumerate(BARS):
        out.append(f'<rect x="{LEFT + 130 * number}" y="12" width="10" height="10" fill="{colour}"/>')
        out.append(f'<text x="{LEFT + 130 * number + 15}" y="21">{name}</text>')
    for number, (idea, *scores) in enumerate(ideas):
        top = 36 + ROW * number
        out.append(f'<text x="{LEFT - 8}" y="{top + 11}" text-anchor="end">{escape(idea)}</text>')
        for bar, score in enumerate(scores):
            wide = 4 * score
            out.append(f'<rect x="{LEFT}" y="{top + 7 * bar}" width="{wide:.1f}" height="6" fill="{BARS[bar][0]}"/>')
        out.append(f'<text x="{LEFT + 4 * scores[0] + 5:.1f}" y="{top + 10}">{scores[0]:g} / {scores[1]:g}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


if __name__ == "__main__":
    (DOCS / "img" / "nab.svg").write_text(draw(rows()), "utf-8")
