import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.midi.read import read_score
from seqvae.midi.record import read_record
from seqvae.midi.write import score_to_bytes
from tests.midi.building import scores


@given(scores(), st.text(st.characters(codec="utf-8"), max_size=300))
def test_record_comes_back(score, text):
    """The text is read as it was written, and the music is the same as without it."""
    data = score_to_bytes(score, record=text)

    assert read_record(data) == text
    assert read_score(data) == score


@given(scores())
def test_no_record_no_bytes(score):
    """A file without one is what it always was, and none is read from it."""
    data = score_to_bytes(score)

    assert data == score_to_bytes(score, record="")
    assert read_record(data) == ""


@given(st.binary(max_size=60))
def test_any_bytes_can_be_asked(data):
    """Whatever a file holds, asking for its record is no error."""
    assert isinstance(read_record(data), str)
    assert isinstance(read_record(b"MThd\0\0\0\6\0\1\0\2\1\xe0MTrk\0\0\0\x09\x00\xff\x01" + data), str)


@pytest.mark.parametrize("size", [b"\x05", b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b""])
def test_record_that_breaks_off_is_none(size):
    """A length that the file does not have is not believed."""
    head = b"MThd\0\0\0\6\0\1\0\2\1\xe0MTrk\0\0\0\x09\x00\xff\x01"

    assert read_record(head + size + b"abc") == ""
