import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.text.cutting import cut_sentences

proses = st.text(st.sampled_from("aB .!?\u2026\"'”(\u3002\uff01I1"), max_size=40)


@given(st.one_of(proses, st.text()))
def test_nothing_but_spaces_is_lost(paragraph):
    """The sentences one after another are the paragraph."""
    sentences = cut_sentences(paragraph)

    assert "".join("".join(sentences).split()) == "".join(paragraph.split())
    assert all(sentence and sentence == sentence.strip() for sentence in sentences)


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        pytest.param(
            "One. Two! Three? Four\u2026 Five", ["One.", "Two!", "Three?", "Four\u2026", "Five"], id="marks"
        ),
        pytest.param("Mr. Smith met Dr. Jones. Fine.", ["Mr. Smith met Dr. Jones.", "Fine."], id="titles"),
        pytest.param(
            "J. S. Bach wrote it. So did I. Yes.", ["J. S. Bach wrote it.", "So did I.", "Yes."], id="I"
        ),
        pytest.param('"Go!" he said. "No." She left.', ['"Go!" he said.', '"No."', "She left."], id="quotes"),
        pytest.param("It cost 3.50 dollars. 12 came.", ["It cost 3.50 dollars.", "12 came."], id="numbers"),
        pytest.param("He left ... and came back.", ["He left ... and came back."], id="lower case"),
        pytest.param(
            "\u597d\u3002\u518d\u89c1\uff01\u597d",
            ["\u597d\u3002", "\u518d\u89c1\uff01", "\u597d"],
            id="Chinese",
        ),
        pytest.param(" ", [], id="nothing"),
    ],
)
def test_sentences_end_where_the_rule_says(paragraph, sentences):
    """The rule by example."""
    assert cut_sentences(paragraph) == sentences
