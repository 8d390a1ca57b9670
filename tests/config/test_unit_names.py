from streams.config.problems import Meant
from streams.config.unit_names import CODES, meant
from streams.models.units import is_unit


def test_every_code_that_is_proposed_is_one():
    assert [code for code in set(CODES.values()) if not is_unit(code)] == []


def test_a_name_leads_to_its_code_however_it_is_written():
    assert [meant(name) for name in ("metre", "Metres", "°C", "毫米", "µg/m³")] == ["m", "m", "Cel", "mm", "ug/m3"]
    assert isinstance(meant("feet"), Meant)


def test_a_word_that_nobody_knows_leads_nowhere():
    assert meant("furlongs of rain") == ()
