"""Sentences for the tests of text: a small grammar, and the pieces learned from it."""

from functools import cache
from itertools import product

from seqvae.tokens.text import TextTokenizer

NAMES = ("Tom", "Mary", "Alice", "John")
VERBS = ("likes", "sees", "finds", "paints", "wants")
THINGS = ("the old house", "a green apple", "my little boat", "the whole truth", "coffee", "two dogs")


def grammar() -> list[str]:
    """List all sentences: 4 * 5 * 6."""
    return [f"{name} {verb} {thing}." for name, verb, thing in product(NAMES, VERBS, THINGS)]


@cache
def text_tokenizer() -> TextTokenizer:
    """Learn pieces from the grammar, once."""
    return TextTokenizer.train(grammar(), vocab_size=400)
