import pytest

from seqvae.errors import ConfigError
from seqvae.presets import preset
from seqvae.training.settings import choose_preset, override


def test_single_settings_are_changed():
    """Numbers, words and lists go where they are sent; everything else stays."""
    changed = override(
        preset("debug"),
        [
            "train.batch_size=32",
            "objective.beta = 1",
            "train.precision=bfloat16",
            "model.ordered_ids=[3, 100]",
        ],
    )

    assert (changed.train.batch_size, changed.objective.beta, changed.train.precision) == (
        32,
        1.0,
        "bfloat16",
    )
    assert changed.model.ordered_ids == (3, 100)
    assert override(changed, []) == changed


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("batch_size=4", "cannot read the setting 'batch_size=4'; write for example train.batch_size=32"),
        ("train.batch_size", "cannot read the setting"),
        ("train.batchsize=4", r"unknown setting 'train\.batchsize'; choose from .*train\.batch_size"),
        ("train.batch_size=many", "batch_size is 'many', not of type int"),
        ("train.batch_size=0", "batch_size is 0; choose 1 to 65536"),
        ("train.num_steps=0", "num_steps is 0; choose 1 to 1000000000"),
        (f"objective.beta={10**400}", "beta has a number too large to be a float"),
    ],
    ids=["no group", "no value", "unknown", "wrong type", "out of range", "a bound in full", "no float"],
)
def test_a_wrong_setting_is_named(assignment, message):
    """The message says which one and what to write."""
    with pytest.raises(ConfigError, match=message):
        override(preset("debug"), [assignment])


def test_a_preset_is_needed():
    """Without one, those there are get listed."""
    with pytest.raises(ConfigError, match=r"choose one with --preset: [a-z].*\bdebug\b"):
        choose_preset(None, None, [])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("[1,-1,1]", "choose 0 to 1000 for each voice"),
        ("[0,0,0]", "not 0 for all"),
        ('[1,"x",1]', "no list of numbers"),
        ("2.0", "no list of numbers"),
        (f"[1,1,{10**400}]", "voice_weights has a number too large to be a float"),
    ],
)
def test_absurd_weights_of_voices_are_refused(weights, message):
    """They are checked when they are read; whole numbers will do."""
    assert override(preset("debug-trio"), ["objective.voice_weights=[1,2,0]"]).objective.voice_weights == (
        1,
        2,
        0,
    )
    with pytest.raises(ConfigError, match=message):
        override(preset("debug-trio"), [f"objective.voice_weights={weights}"])
