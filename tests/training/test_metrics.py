import json

import pytest
import torch

from seqvae.training.metrics import Meter, MetricsFile, Moments
from tests.training.making import debug_preset, trainer_of


def test_active_units_are_those_that_vary():
    """A dimension counts when the variance of mu over all batches is 0.01 or more."""
    generator = torch.Generator().manual_seed(0)
    mu = torch.randn(1000, 4, generator=generator) * torch.tensor([1.0, 0.2, 0.05, 0.0]) + 3
    moments = Moments()
    for part in mu.split(170):
        moments.add(part)

    assert moments.active_units() == int((mu.var(dim=0) >= 0.01).sum()) == 2


def test_a_meter_survives_json():
    """A resumed run goes on with the sums of the run that was stopped."""
    trainer, whole = trainer_of(debug_preset()), Meter()
    whole.add(trainer.advance())
    again = Meter.from_dict(json.loads(json.dumps(whole.to_dict())), device=trainer.device)
    result = trainer.advance()
    whole.add(result)
    again.add(result)

    assert again.record() == whole.record()
    assert whole.record()["kl_bits"] == pytest.approx(whole.record()["kl"] / 0.6931471805599453)


def test_lines_after_the_resumed_step_are_dropped(tmp_path):
    """Going back to step 10 forgets what came after it, and a line that was torn by a crash."""
    lines = [{"kind": "train", "step": 5}, {"kind": "valid", "step": 10}, {"kind": "train", "step": 15}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "metrics.jsonl").write_text(text + '{"kind": "tra')

    metrics = MetricsFile(tmp_path, last_step=10)
    metrics.write({"kind": "train", "step": 11})

    written = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in written] == [5, 10, 11]
    assert metrics.last("valid") == {"kind": "valid", "step": 10}
    assert metrics.last("warning") == {}


def test_what_is_no_line_of_ours_is_dropped(tmp_path):
    """Damage to the metrics costs its lines and not the run."""
    odd = ["[1]", "{}", '{"step": 3}', '{"step": [], "kind": "train"}', "{", "[" * 100_000, "\udcff", "NaN"]
    good = '{"kind": "train", "step": 3}'
    text = "\n".join([*odd, good])
    (tmp_path / "metrics.jsonl").write_text(text, errors="surrogateescape")

    metrics = MetricsFile(tmp_path, last_step=10)

    assert metrics.last("valid") == {}
    assert (tmp_path / "metrics.jsonl").read_text() == f"{good}\n"
