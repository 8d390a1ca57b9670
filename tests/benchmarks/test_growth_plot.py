from xml.etree import ElementTree as ET

from benchmarks.growth_plot import plot


def test_the_plot_is_an_svg_with_every_size():
    costs = [{"datastreams": n, "decode": 1.0, "bank": 1.5, "us": 2.5} for n in (1_000, 20_000, 1_000_000)]
    shown = plot(costs)
    assert ET.fromstring(shown).tag.endswith("svg")
    assert all(f">{label}</text>" in shown for label in ("1 k", "20 k", "1 M", "together"))
