import pytest

from seqvae.errors import ConfigError
from seqvae.tokens.base import TOKENIZERS, build_tokenizer
from tests.tokens.writing import text_tokenizer

CONFIGS = {
    "drums": {"name": "drums", "map": {"60": "kick"}},
    "melody": {"name": "melody"},
    "text": text_tokenizer().to_config(),
    "trio": {"name": "trio"},
    "words": {"name": "words", "words": ["yes", "no"]},
}


@pytest.mark.parametrize("name", sorted(TOKENIZERS))
def test_config_builds_an_equal_tokenizer(name):
    """What a tokenizer says of itself builds it again."""
    tokenizer = build_tokenizer(CONFIGS[name])

    assert build_tokenizer(tokenizer.to_config()).to_config() == tokenizer.to_config()
    assert tokenizer.name == name
    assert tokenizer.vocab_size > 0


def test_unknown_tokenizer_lists_the_known():
    """A wrong name is answered with the right ones."""
    with pytest.raises(ConfigError, match=r"unknown tokenizer 'trombone'; choose from .*melody"):
        build_tokenizer({"name": "trombone"})
