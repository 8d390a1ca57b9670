from streams.models.settings import ROLES as KNOWN
from streams.roles import ROLES
from streams.sinks import SINKS


def test_every_role_of_the_settings_can_be_made_and_no_other():
    assert set(ROLES) == set(KNOWN)


def test_every_sink_has_its_role():
    assert {f"deliver.{name}" for name in SINKS} == {name for name in KNOWN if name.startswith("deliver.")}
