from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.text.templates import MASK, NAMES, PRONOUNS, template_of

words = st.lists(st.sampled_from(["the", "old", "house", "runs", "likes", "never", "7"]), max_size=6)


@given(words, st.sampled_from(sorted(NAMES | PRONOUNS)), st.sampled_from(sorted(NAMES | PRONOUNS)))
def test_names_and_pronouns_are_alike(rest, one, other):
    """Whoever does it, the template is the same."""
    assert template_of(" ".join([one.title(), *rest])) == template_of(" ".join([other, *rest]))


@given(st.text())
def test_case_and_punctuation_do_not_count(text):
    """A line in capitals, in quotes and with an exclamation mark is a copy."""
    if any(character.isalnum() for character in text.casefold()):
        assert template_of(f'"{text.casefold()}"!') == template_of(text)


@given(st.text())
def test_a_template_is_never_empty_but_for_nothing(text):
    """Lines without letters are not all one template."""
    assert bool(template_of(text)) == bool(text)


@pytest.mark.parametrize(
    "copies",
    [
        pytest.param(["Tom is happy.", "I'm happy!", "They are HAPPY", "He\u2019s happy"], id="agreement"),
        pytest.param(["Tom and Mary were late.", "She was late."], id="and"),
        pytest.param(["He likes it.", "We like them."], id="final s"),
        pytest.param(["Tom Jackson can't swim.", "I cannot swim."], id="names in a row"),
        pytest.param(["Doesn't Tom know?", "Don't you know?"], id="not"),
        pytest.param(["Come at 2:30.", "Come at 11:45!"], id="numbers"),
    ],
)
def test_near_copies_share_a_template(copies):
    """What the rule is made for."""
    assert len({template_of(copy) for copy in copies}) == 1


@pytest.mark.parametrize(("one", "other"), [("Tom ran.", "Tom sang."), ("...", "!!!"), ("\u4f60", "\u6211")])
def test_other_sentences_have_other_templates(one, other):
    """A word that is no name makes a difference."""
    assert template_of(one) != template_of(other)


def test_masks_are_words_of_their_own():
    """A mask stands where the name stood."""
    assert template_of("Tom gave Mary the book.") == f"{MASK} gave {MASK} the book"


def test_lists_are_in_lower_case():
    """Words are compared after folding case."""
    assert all(word == word.casefold() for word in NAMES | PRONOUNS)
    assert not any(a == b for a, b in product(NAMES, PRONOUNS))
