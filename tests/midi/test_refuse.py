import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import MidiError
from seqvae.midi.chunks import WRONG_COUNT
from seqvae.midi.read import read_score
from seqvae.midi.write import score_to_bytes
from tests.midi.building import END, MIDDLE_C, scores, smf


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data):
    """Whatever is not MIDI ends as a MidiError of one line that begins with a name."""
    with pytest.raises(MidiError, match=r"^the MIDI bytes: [^\n]+; [^\n]+$"):
        read_score(data)


@given(scores(), st.integers(0, 10**6), st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(score, place, value):
    """A file with one wrong byte gives music or a MidiError, and the music can be written."""
    data = bytearray(score_to_bytes(score))
    data[place % len(data)] = value

    with contextlib.suppress(MidiError):
        assert score_to_bytes(read_score(bytes(data)))


@given(scores(), st.integers(1, 10**6))
def test_a_cut_off_file_is_refused(score, length):
    """No prefix of a file passes for the whole, be it that it ends behind a track."""
    data = score_to_bytes(score)

    with pytest.raises(MidiError, match=r"cut off|missing|empty|MThd|more or fewer than the header counts"):
        read_score(data[: -(length % len(data)) or -1], strict=True)
    with contextlib.suppress(MidiError):
        assert WRONG_COUNT in read_score(data[: -(length % len(data)) or -1]).repairs


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "the file is empty; export", id="empty"),
        pytest.param(
            b"hello, this is not music\n", "not a MIDI file, it does not begin with MThd", id="text"
        ),
        pytest.param(b"MThd\0\0\0\6\0", "cut off inside its header", id="half-a-header"),
        pytest.param(
            smf(MIDDLE_C + END)[:-3], "track 1 of 1 is cut off 3 bytes before its end", id="cut-off"
        ),
        pytest.param(smf(num_tracks=3), "track 1 of 3 is missing", id="missing-track"),
        pytest.param(smf("00 90 3c"), "track 1 of 1 ends in the middle of an event", id="half-an-event"),
        pytest.param(smf("00 ff 03 7f 41"), "track 1 of 1 ends in the middle of an event", id="half-a-name"),
        pytest.param(smf("00 3c 64"), "byte 0x3c where an event should begin", id="no-status"),
        pytest.param(smf("00 f4"), "undefined event 0xf4", id="undefined-status"),
        pytest.param(smf("ff ff ff ff 7f 90 3c 64"), "a number of more than 4 bytes", id="endless-delta"),
        pytest.param(smf(MIDDLE_C + END, division=0xE728), r"film frames \(SMPTE\)", id="smpte"),
        pytest.param(smf(MIDDLE_C + END, division=0), "0 ticks per quarter note", id="no-time"),
        pytest.param(smf(MIDDLE_C + END, file_type=2), "type 2 has no common time", id="type-2"),
        pytest.param(smf("ff ff ff 7f ff 2f 00", division=24), "lasts 11184810 quarter notes", id="endless"),
        pytest.param(bytes(20 * 2**20 + 1), "larger than 20 MiB", id="too-large"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(data, message):
    """Each kind of damage has a line of its own."""
    with pytest.raises(MidiError, match=f"^the MIDI bytes: .*{message}[^\n]*$"):
        read_score(data)


def test_paths_that_are_no_files_are_named(tmp_path):
    """A missing file, a folder and an impossible path are refused by name."""
    with pytest.raises(MidiError, match=r"gone\.mid: no such file; check the path"):
        read_score(tmp_path / "gone.mid")
    with pytest.raises(MidiError, match=f"^{tmp_path}: a folder"):
        read_score(tmp_path)
    for path in ("\0.mid", "a" * 300):
        with pytest.raises(MidiError, match="cannot be read"):
            read_score(path)
    with pytest.raises(MidiError, match="an empty name"):
        read_score("")


def test_large_files_are_not_opened(tmp_path):
    """The size is looked at before the content."""
    path = tmp_path / "large.mid"
    with path.open("wb") as file:
        file.truncate(20 * 2**20 + 1)

    with pytest.raises(MidiError, match=r"large\.mid: larger than 20 MiB"):
        read_score(path)
