import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from scripts import bench_train
from scripts.bench_train import plain_kernels
from tests.training.making import debug_preset, trainer_of


def test_operations_are_those_of_the_products():
    """An LSTM costs 2 * 4 * hidden * (input + hidden) each step and row, and twice that on the way back."""
    time, rows, size, hidden = 5, 3, 7, 11
    lstm, inputs = nn.LSTM(size, hidden, batch_first=True), torch.randn(rows, time, size, requires_grad=True)
    state = torch.zeros(1, rows, hidden, requires_grad=True)
    with plain_kernels(), FlopCounterMode(display=False) as counter:
        lstm(inputs, (state, state))[0].sum().backward()

    assert counter.get_total_flops() == 3 * 2 * 4 * hidden * (size + hidden) * time * rows


def test_speed_and_share_are_of_one_run():
    """Steps and products are timed in turns; the share is their ratio."""
    speed = bench_train.measure(trainer_of(debug_preset()), rounds=1, steps=1)

    assert 0 < speed.operations < speed.products
    assert 0 < speed.waiting < 1
    assert float(speed.cells()[4]) == pytest.approx(speed.operations / speed.products, abs=0.005)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("aten::mkldnn_rnn_layer_backward", "LSTM"),
        ("aten::addmm", "matrix products"),
        ("aten::_fused_adamw_", "optimiser"),
        ("aten::_log_softmax", "softmax and loss"),
        ("aten::copy_", "copies and casts"),
        ("aten::mul", "the rest"),
    ],
)
def test_operations_have_a_kind(name, kind):
    """Names of the profiler are put together as readers think of them."""
    assert bench_train.kind_of(name) == kind


def test_layers_are_compiled_of_one_trainer_alone(monkeypatch):
    """Encoder and decoder of the second are compiled, and its steps stand beside the first one's."""
    compiled = []

    def keep(module):
        compiled.append(module)

    monkeypatch.setattr(nn.Module, "compile", keep)
    plain, other = trainer_of(debug_preset()), trainer_of(debug_preset())
    line = bench_train.compile_line(plain, other, 1, 1)

    assert compiled == [other.model.encoder, other.model.decoder]
    assert "times as fast" in line
    assert (plain.counters.step, other.counters.step) == (1, 3)
