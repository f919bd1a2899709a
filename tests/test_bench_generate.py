"""The script that times ways of writing."""

from dataclasses import replace

import pytest
import torch

from scripts import bench_generate
from scripts.bench_generate import WAYS, count_steps, main
from seqvae.model.vae import SequenceVAE
from seqvae.presets import preset

BARS, STEPS = 4, 16
SEQUENTIAL = {
    "bars at once": BARS + STEPS,
    "bar after bar": BARS + BARS * STEPS,
}


@pytest.fixture
def model() -> SequenceVAE:
    """Make the smallest model with a conductor."""
    torch.manual_seed(0)
    return SequenceVAE(small_config()).eval()


def small_config(**changes):
    """Shape it like the debug preset."""
    sizes = {"bars": BARS, "bar_size": 16, "top_encoder_size": 8, "conductor_size": 12, "plan_size": 6}
    coders = {"encoder": "hierarchical", "decoder": "hierarchical", "decoder_shortcut_size": 3}
    return replace(preset("debug").model, **sizes | coders | changes)


@pytest.mark.parametrize("name", WAYS)
def test_steps_that_wait_for_one_another_are_counted(model, name):
    """Bars at once take bars + steps of them, bar after bar bars + bars * steps."""
    z = torch.randn(3, model.config.latent_size)

    assert count_steps(model, WAYS[name], z) == SEQUENTIAL[name]


def test_bar_after_bar_begins_the_same(model):
    """The first bar has nothing before it, so that both ways write the same one."""
    z = 3 * torch.randn(20, model.config.latent_size)
    at_once, in_turn = (WAYS[name](model, z) for name in ("bars at once", "bar after bar"))

    assert in_turn.shape == at_once.shape
    assert torch.equal(at_once[:, :STEPS], in_turn[:, :STEPS])


def test_table_has_a_row_for_each_batch_and_way(model, monkeypatch, capsys):
    """Counts stand beside the speed; the first way is what the others are measured by."""
    monkeypatch.setattr(bench_generate, "load_model", lambda *_: model)
    main(["--batches", "1", "3", "--repetitions", "1"])
    rows = [line.split("|")[1:-1] for line in capsys.readouterr().out.splitlines()[2:6]]

    assert [(int(row[0]), row[1].strip(), int(row[2])) for row in rows] == [
        (batch, name, count) for batch in (1, 3) for name, count in SEQUENTIAL.items()
    ]
    assert [float(row[5]) for row in rows[::2]] == [1.0, 1.0]


@pytest.mark.parametrize(
    "changes", [{"carry_token": True}, {"lookback": (16,)}, {"encoder": "flat", "decoder": "flat"}]
)
def test_model_without_bars_at_once_is_refused(changes):
    """There is nothing to compare where bars wait for one another anyway."""
    model = SequenceVAE(small_config(**({"decoder_shortcut_size": 3} | changes)))

    with pytest.raises(SystemExit, match="choose a conductor without"):
        count_steps(model, WAYS["bars at once"], torch.zeros(1, 8))
