import numpy as np
import pytest

from seqvae.tokens.base import TOKENIZERS, build_tokenizer
from seqvae.tokens.meaning import MEANINGS

MUSIC = sorted(MEANINGS)


@pytest.mark.parametrize("name", MUSIC)
def test_every_voice_has_a_meaning(name):
    """There is one meaning for each voice of a tokenizer, and its ids are below the vocabulary."""
    tokenizer, meaning = build_tokenizer({"name": name}), MEANINGS[name]

    assert name in TOKENIZERS
    assert len(meaning.voices) == tokenizer.voices
    assert all(voice.onsets[1] <= tokenizer.vocab_size for voice in meaning.voices)


@pytest.mark.parametrize("name", MUSIC)
def test_no_id_means_two_things(name):
    """Padding, hold, rest and onsets are apart in every voice; what moves with the key is an onset."""
    meaning = MEANINGS[name]
    ids = np.arange(600, dtype=np.int16)[:, None].repeat(len(meaning.voices), axis=1)
    kinds = [ids == 0, meaning.is_hold(ids), ids == meaning.rests, meaning.is_onset(ids)]

    assert np.sum(kinds, axis=0).max() == 1
    assert not (meaning.is_pitch(ids) & ~meaning.is_onset(ids)).any()


def test_drum_ids_do_not_move_with_the_key():
    """An id that is a pitch in the melody of a trio is a set of drums in its third voice."""
    ids = np.full((1, 3), 60, dtype=np.int16)

    assert MEANINGS["trio"].is_pitch(ids).tolist() == [[True, True, False]]
    assert MEANINGS["trio"].is_onset(ids).tolist() == [[True, True, True]]
