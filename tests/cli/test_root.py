"""The `tocsin` command as a whole."""

import pytest
import typer
from typer.testing import CliRunner

from streams.cli import COMMANDS, app
from tests.config.samples import CORPUS


def options_of(name: str) -> list[set[str]]:
    """The options of a command, or of each of its sub-commands."""
    group = typer.main.get_command(app)
    _, made, _ = group.resolve_command(None, [name])
    leaves = getattr(made, "commands", {name: made}).values()
    return [{option for parameter in leaf.params for option in parameter.opts} for leaf in leaves]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_the_three_options(name: str):
    for options in options_of(name):
        assert {"--config", "--kafka", "--redis"} <= options


def test_help_lists_every_command_without_importing_one():
    found = CliRunner().invoke(app, ["--help"])
    assert found.exit_code == 0
    assert all(name in found.output for name in COMMANDS)


@pytest.mark.parametrize("name", ["gateway", "web"])
def test_a_certificate_that_cannot_be_read_is_told_at_once(tmp_path, name: str):
    site = tmp_path / "site"
    site.mkdir()
    for path in (CORPUS / "base").iterdir():
        (site / path.name).symlink_to(path)
    (site / "app.yaml").unlink(missing_ok=True)
    (site / "app.yaml").write_text("kafka: {tls: {ca_file: /no/such.pem}}\n")
    found = CliRunner().invoke(app, [name, "--config", str(site), "--port", "0"])
    assert found.exit_code == 2, found.output
    assert "/no/such.pem" in found.output


def test_a_reason_that_does_not_exist_is_refused_with_the_nearest_one():
    found = CliRunner().invoke(app, ["rejects", "list", "--reason", "not_jsn"])
    assert found.exit_code == 2
    assert "did you mean not_json?" in found.output
