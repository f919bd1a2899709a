"""Where z of new sentences comes from."""

import pytest
import torch

from seqvae.errors import CheckpointError
from seqvae.latent.decoding.rules import GREEDY, SAMPLING, Decoding
from seqvae.latent.decoding.write import Draws
from seqvae.latent.load import load
from seqvae.latent.mixture import standard_normal
from seqvae.latent.text.codec import encode_ids, write_sentences
from seqvae.latent.text.model import TextModel
from seqvae.latent.text.source import choose_source
from tests.latent.text.making import save_text_model


@pytest.fixture(scope="module")
def drafting(tmp_path_factory) -> TextModel:
    """Make a model that knows what to do without z."""
    model = load(save_text_model(tmp_path_factory.mktemp("drafting"), latent_dropout=0.3))
    assert isinstance(model, TextModel)
    return model


def test_points_are_those_of_what_is_written_without_z(drafting):
    """Each point is that of its draft, and chance has made the drafts different."""
    nowhere = torch.zeros(50, drafting.latent_size)
    drafts = write_sentences(drafting.model, nowhere, SAMPLING, Draws(3, range(50)))
    z = choose_source(drafting.model, None).draw(range(50), 3)

    assert len({draft.tobytes() for draft in drafts}) > 40
    assert torch.allclose(z, encode_ids(drafting.model, drafts).mu, atol=1e-5)


def test_a_line_depends_on_seed_and_number_alone(drafting):
    """More lines begin with the same ones; another seed gives others."""
    source = choose_source(drafting.model, None)

    assert torch.allclose(source.draw(range(2), 1), source.draw(range(5), 1)[:2], atol=1e-6)
    assert not torch.allclose(source.draw(range(2), 1), source.draw(range(2), 2), atol=1e-6)


def test_drafts_obey_the_rules_but_never_lack_chance(drafting):
    """The temperature of drafts is that of the samples, and greedy samples have drafts by chance."""
    greedy, usual, hot = (
        choose_source(drafting.model, None, decoding=rules).draw(range(4), 0)
        for rules in (GREEDY, SAMPLING, Decoding(temperature=3.0))
    )

    assert torch.equal(greedy, usual)
    assert not torch.equal(usual, hot)


def test_wishes_are_obeyed(drafting):
    """Drafts come first, then what is fitted, then N(0, I); each can be asked for."""
    fitted = standard_normal(drafting.latent_size)
    names = [choose_source(drafting.model, fitted, wish).name for wish in (None, "fitted", "normal")]

    assert names == ["encoded drafts", "fitted to the training data", "N(0, I)"]
    assert drafting.sample(2).settings["prior"] == names[0]


def test_a_model_that_needs_z_writes_no_drafts(tmp_path):
    """It falls back to its mixture or N(0, I), and says so when it is asked."""
    model = load(save_text_model(tmp_path)).model

    assert choose_source(model, None).name == "N(0, I)"
    with pytest.raises(CheckpointError, match=r"not trained to write without z \(model.latent_dropout\)"):
        choose_source(model, None, "drafted")
