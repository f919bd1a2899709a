"""Voices of their own sizes, apart and in turn."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from seqvae.config import ModelConfig
from seqvae.errors import ConfigError
from seqvae.model.layers import VoiceEmbedding
from seqvae.model.vae import SequenceVAE, gumbel_noise
from seqvae.model.voices import SetScores
from seqvae.presets import preset
from tests.model.test_vae import BARS, SIZES, SMALL, ids_for

VARIANTS = {
    "flat apart": {},
    "flat in turn": {"voice_coupling": "in turn"},
    "hierarchical apart": BARS,
    "hierarchical in turn": {**BARS, "voice_coupling": "in turn"},
}


def config_of(**settings: object) -> ModelConfig:
    """Return settings of a small trio."""
    return ModelConfig(**{**SMALL, **SIZES, **settings})


@pytest.fixture(params=VARIANTS.values(), ids=VARIANTS.keys())
def model(request: pytest.FixtureRequest) -> SequenceVAE:
    """Build one model of every variant."""
    torch.manual_seed(0)
    return SequenceVAE(config_of(**request.param)).eval()


def draw_points(model: SequenceVAE, batch: int = 5) -> Tensor:
    """Draw points, always the same."""
    return torch.randn(batch, model.config.latent_size, generator=torch.Generator().manual_seed(2))


def test_a_voice_never_writes_an_id_it_does_not_have(model: SequenceVAE) -> None:
    """Scores of other voices' ids are -inf, however hot the sampling."""
    ids, z = ids_for(model), draw_points(model)
    sizes = torch.tensor(model.config.voice_sizes)
    is_own = torch.arange(11) < sizes[:, None]  # (voices, vocab)
    noise = gumbel_noise((5, model.config.time, 3, 11), torch.Generator().manual_seed(3))

    assert torch.equal(model.decode(z, ids).isfinite(), is_own.expand(5, model.config.time, 3, 11))
    assert (model.generate(z, temperature=10.0, noise=noise) < sizes).all()


@pytest.mark.parametrize("voice", [0, 1, 2], ids=["melody", "bass", "drums"])
def test_only_in_turn_later_voices_hear_a_step(model: SequenceVAE, voice: int) -> None:
    """Changing a voice changes the scores of those after it at the same step, and only in turn."""
    ids, z = ids_for(model), draw_points(model)
    step, changed = model.config.steps_per_bar + 1, ids.clone()
    changed[:, step, voice] = (changed[:, step, voice] + 1) % model.config.voice_sizes[voice]
    before, after = model.decode(z, ids)[:, step], model.decode(z, changed)[:, step]
    in_turn = model.config.voice_coupling == "in turn"

    for listener in range(3):
        hears = in_turn and listener > voice
        assert torch.equal(before[:, listener], after[:, listener]) != hears


def test_writing_goes_voice_by_voice_as_a_plain_loop_does(model: SequenceVAE) -> None:
    """What is written is what comes of scoring everything anew before each single id."""
    z = draw_points(model, batch=2)
    ids = torch.zeros(2, model.config.time, 3, dtype=torch.long)
    for step in range(model.config.time):
        for voice in range(3):
            ids[:, step, voice] = model.decode(z, ids)[:, step, voice].argmax(dim=-1)

    assert torch.equal(model.generate(z), ids)


def test_hidden_steps_can_be_heard(model: SequenceVAE) -> None:
    """A history with hidden steps is scored, and by finite costs."""
    ids, z = ids_for(model), draw_points(model)
    history = ids.masked_fill(torch.arange(model.config.time)[:, None] % 3 == 1, model.hidden_id)

    assert model.score(z, ids, history).nats.isfinite().all()


def test_sets_begin_near_sets_that_share_much() -> None:
    """Embeddings of sets that differ in one thing are closer than those of sets that share nothing."""
    torch.manual_seed(0)
    config = ModelConfig(vocab_size=514, set_ids=(1, 513), embedding_size=64)
    rows = VoiceEmbedding(config, num_extra=2).table.weight[1:513]
    near = (rows[0b1111] - rows[0b1110]).norm()
    far = (rows[0b1111] - rows[0b11110000]).norm()

    assert near < 0.6 * far


def test_shared_scores_are_among_those_of_the_last_voice() -> None:
    """Raising the score of one thing raises every set that holds it, in the last voice alone."""
    torch.manual_seed(0)
    model = SequenceVAE(config_of(**BARS, set_ids=(2, 10), shared_sets=True)).eval()
    z, ids = draw_points(model), ids_for(model)
    before = model.decode(z, ids)
    with torch.no_grad():
        model.decoder.steps.head.members.things.bias[1] += 3
    gain = (model.decode(z, ids) - before)[0, 0]  # (voices, vocab)

    assert (gain[:2].nan_to_num() == 0).all()
    expected = [3.0 if 2 <= number < 10 and (number - 2) & 2 else 0.0 for number in range(11)]
    torch.testing.assert_close(gain[2, :11], torch.tensor(expected), rtol=0, atol=1e-4)


def test_shared_sets_are_sums_over_what_they_hold() -> None:
    """Two sets that share nothing add up to that of both, in scores and, beside own rows, in embeddings."""
    torch.manual_seed(0)
    config = config_of(set_ids=(2, 10), shared_sets=True)
    embedding = VoiceEmbedding(config, num_extra=2)
    with torch.no_grad():
        embedding.table.weight.zero_()
    rows = embedding(torch.arange(13)[:, None].expand(-1, 3))  # (ids, voices, embedding)
    scores = SetScores(config)(torch.randn(5, config.head_size))  # (5, ids)

    assert (rows[:, :2] == 0).all()
    assert (rows[[0, 1, 10, 11, 12], 2] == 0).all()
    assert (scores[:, [0, 1, 10]] == 0).all()
    torch.testing.assert_close(rows[2 + 0b111, 2], rows[2 + 0b101, 2] + rows[2 + 0b010, 2])
    torch.testing.assert_close(scores[:, 2 + 0b110], scores[:, 2 + 0b100] + scores[:, 2 + 0b010])
    assert rows[2 + 0b001 :, 2].norm() > 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"voice_sizes": (7, 11)}, "voice_sizes is .7, 11.; give 3"),
        ({"voice_sizes": (7, 7, 12)}, "choose 2 to 11"),
        ({"head_size": 0}, "head_size is 0; voices of their own size"),
        (
            {"voices": 1, "voice_sizes": (), "voice_coupling": "in turn"},
            "is 'in turn'; it needs voice_sizes",
        ),
        ({"voice_sizes": ()}, r"voice_sizes is \(\); several voices need them"),
        ({"set_ids": (1, 12)}, "set_ids is .1, 12.; choose 0 to 11"),
        ({"shared_sets": True}, "shared_sets is True; there are no sets"),
        ({"set_ids": (1, 8)}, r"set_ids is \(1, 8\); choose a power of 2"),
        ({"lookback": (4, 12)}, r"lookback is \(4, 12\); choose 1 to 11 steps"),
        ({"lookback": (4, 4)}, r"lookback is \(4, 4\); choose up to 16 numbers of steps, each once"),
        (
            {"voices": 1, "voice_sizes": (), "end_id": 1, "lookback": (4,)},
            r"lookback is \(4,\); sequences that may end early have none",
        ),
    ],
    ids=[
        "too few",
        "too large",
        "no hidden layer",
        "not several",
        "no sizes",
        "sets beyond the vocabulary",
        "no sets to share",
        "sets of no whole number of things",
        "lookback beyond the sequence",
        "lookback twice",
        "lookback of sentences",
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, object], message: str) -> None:
    """What contradicts itself is told."""
    with pytest.raises(ConfigError, match=message):
        config_of(**settings)


def test_sizes_survive_json() -> None:
    """A list in JSON is read as sizes, anything else is refused."""
    values = config_of().to_dict()

    assert ModelConfig.from_dict(values | {"voice_sizes": [7, 7, 11]}) == config_of()
    with pytest.raises(ConfigError, match=r"voice_sizes is \[7, 'x'\], no list of whole numbers"):
        ModelConfig.from_dict(values | {"voice_sizes": [7, "x"]})


def test_apart_a_voice_hears_its_own_past_alone(model: SequenceVAE) -> None:
    """A changed id changes later scores of its own voice, and of the others only where they go in turn."""
    ids, z = ids_for(model), draw_points(model)
    changed = ids.clone()
    changed[:, 0, 0] = (changed[:, 0, 0] + 1) % model.config.voice_sizes[0]
    same = [
        torch.equal(model.decode(z, ids)[:, 1, voice], model.decode(z, changed)[:, 1, voice])
        for voice in range(3)
    ]

    assert same == [False, *[model.config.voice_coupling == "apart"] * 2]


def test_pitches_of_all_voices_begin_as_waves() -> None:
    """A new model hears melody and bass as waves over the scale: an octave apart is nearer than a tritone."""
    torch.manual_seed(0)
    embedding = VoiceEmbedding(replace(preset("debug-trio").model, embedding_size=64), num_extra=2)
    pitches = torch.arange(3, 131)
    heard = embedding(torch.stack([pitches, pitches, torch.ones_like(pitches)], dim=1)).detach()

    for voice in (0, 1):
        octave = (heard[12:, voice] - heard[:-12, voice]).norm(dim=1)
        tritone = (heard[6:-6, voice] - heard[:-12, voice]).norm(dim=1)
        assert (octave < tritone).float().mean() > 0.95
