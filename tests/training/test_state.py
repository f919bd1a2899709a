import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from seqvae.errors import TrainingError
from seqvae.training import state
from seqvae.training.metrics import Meter
from seqvae.training.state import load_state, save_state, saved_states
from tests.training.making import debug_preset, trainer_of

PRESET = debug_preset("train.ema_decay=0.9")


def spoil_byte(path, place: int) -> None:
    """Flip one bit of a file."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@pytest.fixture
def trainer():
    """A trainer after two steps."""
    trainer = trainer_of(PRESET)
    trainer.advance()
    trainer.advance()
    return trainer


@pytest.fixture
def place(trainer, tmp_path):
    """Its saved state."""
    return save_state(tmp_path, trainer, meter=Meter(), seconds=7.5)


def test_a_loaded_state_goes_on_to_the_bit(trainer, place):
    """Weights, average and moments after the next step are those of the trainer that was saved."""
    other = trainer_of(PRESET)
    _, seconds = load_state(place, other)
    trainer.advance()
    other.advance()

    assert seconds == 7.5
    assert other.counters == trainer.counters
    for name, tensor in state._tensors_of(trainer).items():
        assert torch.equal(tensor, state._tensors_of(other)[name]), name


@pytest.mark.parametrize(
    ("name", "spot"),
    [("state.safetensors", -1), ("state.safetensors", 20), ("state.json", 30), ("state.json", -3)],
    ids=["weight", "header", "number", "digest"],
)
def test_one_flipped_bit_is_found(trainer, place, name, spot):
    """A state that is not what was saved is refused, and the trainer stays as it was."""
    spoil_byte(place / name, spot)
    other = trainer_of(PRESET)

    with pytest.raises(TrainingError, match=r"not what was saved|cannot be read"):
        load_state(place, other)
    assert other.counters.step == 0


@pytest.mark.parametrize("name", ["state.safetensors", "state.json"])
def test_a_missing_or_torn_file_is_found(place, name):
    """Half a file, an empty one and none are all refused."""
    content = (place / name).read_bytes()
    for half in (content[: len(content) // 2], b""):
        (place / name).write_bytes(half)
        with pytest.raises(TrainingError, match=r"not what was saved|cannot be read"):
            load_state(place, trainer_of(PRESET))
    (place / name).unlink()
    with pytest.raises(TrainingError, match="cannot be read"):
        load_state(place, trainer_of(PRESET))


def test_the_state_of_another_model_is_refused(place):
    """Names and shapes have to agree."""
    with pytest.raises(TrainingError, match="does not belong to this run"):
        load_state(place, trainer_of(debug_preset("train.ema_decay=0.9", "model.latent_size=9")))


@pytest.mark.parametrize(
    ("group", "name", "value"),
    [
        ("counters", "step", "x"),
        ("counters", "steps", 1),
        ("rate", "log_beta", [1]),
        ("meter", "moments", "x"),
        ("meter", "moments", {"count": 1, "total": [["x"]], "squares": None}),
        (None, "meter", 3),
        (None, "seconds", "x"),
        (None, "seconds", float("nan")),
        ("counters", "step", 10.5),
        ("counters", "step", -5),
        ("counters", "step", 2**70),
        ("counters", "step", float("inf")),
        ("rate", "log_beta", float("nan")),
        (None, "seconds", -1.0),
        ("rate", "log_beta", 1e308),
        ("meter", "sums", {"loss": float("nan")}),
        ("meter", "moments", {"count": 10**400, "total": None, "squares": None}),
        ("meter", "sums", {"loss": "x"}),
        ("meter", "counts", {"loss": 0, "reconstruction": 1}),
        ("meter", "moments", {"count": 1, "total": [1.0], "squares": [1.0]}),
        ("meter", "moments", {"count": "a", "total": None, "squares": None}),
    ],
)
def test_a_state_of_wrong_numbers_is_refused_whatever_its_checksum(place, group, name, value):
    """Whoever writes a state for others can sign it, too; it is refused in one line."""
    values = json.loads((place / "state.json").read_text())
    del values["sha256"]
    (values[group] if group else values)[name] = value
    values["sha256"] = state._digest_of(values)
    (place / "state.json").write_text(json.dumps(values))
    other = trainer_of(PRESET)

    with pytest.raises(TrainingError, match="does not belong to this run"):
        load_state(place, other)
    assert other.counters.step == 0


@pytest.mark.parametrize("change", ["missing", "of another shape", "of another kind", "infinite", "below 0"])
def test_moments_that_do_not_fit_are_refused(place, change):
    """All moments of a weight are there, as large as it is and such as training leaves them."""
    tensors = load_file(place / "state.safetensors")
    name = next(name for name in tensors if name.startswith("optimizer/exp_avg_sq/"))
    moments = tensors.pop(name)
    changed = {
        "of another shape": torch.zeros(*moments.shape, 2),
        "of another kind": moments.double(),
        "infinite": moments + torch.inf,
        "below 0": -moments - 1,
    }
    if change != "missing":
        tensors[name] = changed[change]
    save_file(tensors, place / "state.safetensors")
    values = json.loads((place / "state.json").read_text())
    del values["sha256"]
    values["tensors_sha256"] = state._digest(place / "state.safetensors")
    values["sha256"] = state._digest_of(values)
    (place / "state.json").write_text(json.dumps(values))
    other = trainer_of(PRESET)

    with pytest.raises(TrainingError, match="does not belong to this run"):
        load_state(place, other)
    assert not other.optimizer.state


def test_the_last_two_are_kept(trainer, tmp_path):
    """Older states go when a newer one is whole; so do later ones, which could not be read."""
    (tmp_path / "step-000000099").mkdir()
    for _ in range(3):
        save_state(tmp_path, trainer, meter=Meter(), seconds=0.0)
        trainer.advance()

    assert [path.name for path in saved_states(tmp_path)] == ["step-000000004", "step-000000003"]


def test_a_failed_save_leaves_what_was_there(trainer, place, tmp_path, monkeypatch):
    """A disk that fills up while a state is written costs that state and nothing else."""

    def half_written(tensors, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    trainer.advance()
    monkeypatch.setattr(state, "save_file", half_written)
    with pytest.raises(OSError, match="No space left"):
        save_state(tmp_path, trainer, meter=Meter(), seconds=0.0)

    assert [path.name for path in tmp_path.iterdir()] == [place.name]
    load_state(place, trainer_of(PRESET))


def test_states_hold_tensors_and_plain_json(place):
    """Nothing in a state can run code."""
    assert {path.name for path in place.iterdir()} == {"state.safetensors", "state.json"}
    assert json.loads((place / "state.json").read_text())["counters"]["step"] == 2
    tensors = load_file(place / "state.safetensors")
    save_file(tensors, place / "again.safetensors")
    assert (place / "again.safetensors").read_bytes() == (place / "state.safetensors").read_bytes()
