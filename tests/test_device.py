from pathlib import Path

import click
import pytest
import torch
from click.testing import CliRunner

from seqvae.cli import COMMANDS, cli
from seqvae.device import choose_device
from seqvae.errors import ConfigError
from tests.latent.making import save_debug_model

TUNE = Path(__file__).parent.parent / "data" / "clips" / "twinkle.mid"


def test_auto_takes_what_is_there(monkeypatch):
    """A GPU comes before the CPU, and its absence is no error."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto") == torch.device("cuda")


@pytest.mark.parametrize("name", ["quantum", "meta", "", "cuda:99", "cpu:x"])
def test_what_is_not_there_is_refused(name):
    """The message names the device and what may be chosen."""
    with pytest.raises(ConfigError, match=f"no device '{name}' here; choose cpu, auto, or cuda where"):
        choose_device(name)


def test_devices_mean_the_same_in_every_command():
    """All commands that compute have one option, so one default."""
    commands = [cli.get_command(click.Context(cli), name) for name in COMMANDS]
    options = [option for command in commands for option in command.params if option.name == "device"]

    assert len(options) > 5
    assert {(option.default, option.help) for option in options} == {("cpu", options[0].help)}


@pytest.mark.parametrize(
    "arguments",
    [
        f"interpolate {TUNE} {TUNE} -o MODEL/out --model MODEL",
        "sample -o MODEL/out --model MODEL",
        "evaluate MODEL shards",
    ],
    ids=lambda text: text.split()[0],
)
def test_commands_refuse_alike(tmp_path, arguments):
    """Whatever the command, a device that is not there ends it in the same words."""
    words = arguments.replace("MODEL", str(save_debug_model(tmp_path))).split()

    result = CliRunner().invoke(cli, [*words, "--device", "quantum"])

    assert result.exit_code == 1
    assert "no device 'quantum' here" in result.stderr
