"""What every sink of the catalogue has."""

import pytest

from streams.sinks import SINKS
from tests.sinks.made import Sent, loaded


@pytest.mark.parametrize("name", SINKS)
async def test_the_catalogue(name, tmp_path):
    sink = SINKS[name](loaded(audit_dir=str(tmp_path)), Sent(), lambda _what, _number: None)
    assert sink.name == name
    assert "commands" in sink.topics
    await sink.close()
