from pathlib import Path

from streams.config import load
from streams.config.problems import Problems
from streams.config.reaches import read_reaches
from streams.models.site import Reach
from tests.config.samples import CORPUS, folder_with


def test_the_river_is_part_of_the_site_and_of_its_version(tmp_path: Path):
    folder = folder_with(tmp_path, CORPUS / "good/reaches-river.csv")
    site = load(folder).site
    (folder / "reaches.csv").unlink()

    assert site.reaches == {
        "reach-1": Reach("reach-1", "reach-2", 12_000.5),
        "reach-2": Reach("reach-2", None, 0.0),
        "side": Reach("side", "reach-2", 800.0),
    }
    assert load(folder).site.reaches == {}
    assert load(folder).site.version != site.version


def test_a_long_river_is_walked_once(tmp_path: Path):
    path = tmp_path / "reaches.csv"
    rows = [f"r{n},r{n + 1},1" for n in range(100_000)]
    path.write_text("\n".join(["reach,downstream,length_m", *rows, "r100000,r50000,1"]), "utf-8")
    problems = Problems()

    read_reaches(path, problems.in_file("reaches.csv"))

    (circle,) = problems.errors
    assert (circle.line, circle.found[:6]) == (50_002, "r50000")
