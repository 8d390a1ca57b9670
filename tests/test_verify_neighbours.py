"""`tocsin verify` where neighbours are compared: what they say is in the log, and all promises hold."""

import msgspec
import pytest

from streams.config import load
from streams.models.signal import Checked, Sampled, decode_signal
from tests.made_recording import COUNTS, Made, site_files


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    site_files(folder, compared=True)
    (folder / "app.yaml").write_text("timezone: UTC\n")
    topics = "".join(f"  {name}: {{partitions: {count}}}\n" for name, count in COUNTS.items())
    (folder / "topics.yaml").write_text(f"topics:\n{topics}")
    return load(folder).site


def recorded(made):
    return [decode_signal(record.value) for record in made.records("signals") if record.value]


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_good_recording_holds(site, seed):
    made = Made(site, seed, 300).run()
    assert {Checked, Sampled} <= {type(signal) for signal in recorded(made)}
    assert [(one.name, one.holds, one.difference) for one in made.report().promises] == [
        (name, True, None) for name in "abd"
    ]


def test_a_sample_that_is_another_one_is_found(site):
    made = Made(site, 1, 300).run()
    record = next(one for one in made.records("signals") if one.value and isinstance(decode_signal(one.value), Sampled))
    sample = decode_signal(record.value)
    made.change(record, value=msgspec.json.encode(msgspec.structs.replace(sample, value=sample.value + 1)))
    (b,) = [one for one in made.report().promises if one.name == "b"]
    assert b.holds is False
    assert "sample" in str(b.difference)
