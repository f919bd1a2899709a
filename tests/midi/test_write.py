import io
from dataclasses import replace

import mido
import pretty_midi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import MidiError, OutputError
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.read import read_score
from seqvae.midi.write import assign_channels, score_to_bytes, to_pretty_midi, write_score
from tests.midi.building import scores

ONE_NOTE = Score((Track((Note(0, 480, 60, 100),)),), end_tick=1920)
GOLDEN = """
    4d 54 68 64  00 00 00 06   # MThd, 6 bytes
    00 01  00 03  01 e0        # type 1, three tracks, 480 ticks per quarter

    4d 54 72 6b  00 00 00 1c   # MTrk, 28 bytes: the conductor
    00 ff 51 03 07 a1 20       # 500000 microseconds per quarter
    00 ff 58 04 03 02 18 08    # 3/4, a click each quarter
    00 ff 06 04 41 20 c3 a4    # marker "A ä" in UTF-8
    8b 20 ff 2f 00             # end of track after a bar of 1440 ticks

    4d 54 72 6b  00 00 00 22   # MTrk, 34 bytes: the flute on channel 1
    00 ff 03 05 46 6c 75 74 65 # track name "Flute"
    00 c0 49                   # program 73
    00 90 3c 64                # note_on C4, velocity 100
    83 60 80 3c 00             # a quarter later note_off, before ...
    00 90 3c 50                # ... the next note_on of the same tick
    87 40 80 3c 00             # note_off on the bar line
    00 ff 2f 00                # end of track on the bar line

    4d 54 72 6b  00 00 00 17   # MTrk, 23 bytes: drums on channel 10
    00 ff 03 03 4b 69 74       # track name "Kit"
    00 c9 00                   # program 0
    00 99 24 7f                # kick
    78 89 24 00                # a sixteenth later off
    8a 28 ff 2f 00             # end of track on the bar line
"""


def to_mido(data: bytes) -> mido.MidiFile:
    """Parse by the library that did not plan the file."""
    return mido.MidiFile(file=io.BytesIO(data), charset="utf-8")


@given(scores())
def test_reading_inverts_writing(score):
    """Notes, names, programs, tempi, metres, markers and the end survive the round trip."""
    assert read_score(score_to_bytes(score)) == score


@given(scores(), st.sampled_from([960, 1440, 24000]))
def test_reading_inverts_writing_at_finer_resolutions(score, resolution):
    """A DAW that wants 960 ticks per quarter loses nothing."""
    assert read_score(score_to_bytes(score, ticks_per_quarter=resolution)) == score


@given(scores())
def test_the_same_score_gives_the_same_bytes(score):
    """Nothing depends on the clock, the process or the order of sets."""
    assert score_to_bytes(score) == score_to_bytes(replace(score))


@given(scores())
def test_every_track_ends_at_the_end_of_the_piece(score):
    """end_of_track stands at end_tick, in the conductor too."""
    tracks = to_mido(score_to_bytes(score)).tracks

    assert {sum(message.time for message in track) for track in tracks} == {score.end_tick}


@given(scores())
def test_notes_on_and_off_balance(score):
    """At no moment does a pitch sound twice, and at the end nothing sounds."""
    for track in to_mido(score_to_bytes(score)).tracks:
        sounding = set()
        for message in track:
            if message.type == "note_on":
                assert message.note not in sounding
                sounding.add(message.note)
            elif message.type == "note_off":
                sounding.remove(message.note)
        assert not sounding


@given(scores())
def test_each_track_keeps_to_its_channel(score):
    """Drums on channel 10, one channel for each other track."""
    tracks = to_mido(score_to_bytes(score)).tracks[1:]
    channels = [{message.channel for message in track if not message.is_meta} for track in tracks]

    assert all(len(channel) == 1 for channel in channels)
    assert [channel == {9} for channel in channels] == [track.is_drum for track in score.tracks]
    pitched = [
        channel.pop() for channel, track in zip(channels, score.tracks, strict=True) if not track.is_drum
    ]
    assert len(set(pitched)) == len(pitched)


def test_the_bytes_are_these():
    """The golden file: a bar of flute and a kick."""
    score = Score(
        tracks=(
            Track((Note(0, 480, 60, 100), Note(480, 1440, 60, 80)), "Flute", 73),
            Track((Note(0, 120, 36, 127),), "Kit", 0, True),
        ),
        tempi=(Tempo(0, 500_000),),
        metres=(Metre(0, 3, 4),),
        end_tick=1440,
        markers=((0, "A ä"),),
    )
    golden = bytes.fromhex(" ".join(line.split("#")[0] for line in GOLDEN.splitlines()))

    assert score_to_bytes(score).hex(" ") == golden.hex(" ")


@pytest.mark.parametrize("bpm", range(60, 241))
def test_whole_tempi_are_exact(bpm):
    """A DAW shows the tempo that was meant, and so does PrettyMIDI."""
    score = replace(ONE_NOTE, tempi=(Tempo(0, round(60e6 / bpm)),))
    tempo = to_mido(score_to_bytes(score)).tracks[0][0].tempo

    assert mido.tempo2bpm(tempo) == pytest.approx(bpm, abs=1e-3)
    assert read_score(score_to_bytes(score)).tempi == score.tempi
    assert read_score(to_pretty_midi(score)).tempi == score.tempi


def test_fifteen_pitched_tracks_have_a_channel_each():
    """Channel 10 is left out, and drums do not use up another."""
    tracks = [Track((), is_drum=index == 3) for index in range(16)]

    assert assign_channels(tracks) == [0, 1, 2, 9, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15]


def test_more_tracks_share_channels_by_program():
    """Over fifteen tracks, equal programs share; over fifteen programs, the channels come round again."""
    tracks = [Track((), program=program) for program in [5, 6, 5, *range(20, 33), 50, 51]]

    assert assign_channels(tracks) == [0, 1, 0, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 0, 1]


def test_control_characters_leave_the_names():
    """A line break becomes a space, a bell nothing."""
    score = replace(
        ONE_NOTE, tracks=(replace(ONE_NOTE.tracks[0], name="Fl\n\x07ö\x00te "),), markers=((0, "a\tb"),)
    )

    read = read_score(score_to_bytes(score))

    assert (read.tracks[0].name, read.markers) == ("Fl öte", ((0, "a b"),))


@pytest.mark.parametrize(
    ("metre", "clocks"), [((4, 4), 24), ((2, 2), 48), ((6, 8), 36), ((3, 8), 12), ((3, 4), 24), ((7, 64), 1)]
)
def test_the_metronome_clicks_beats(metre, clocks):
    """A click is 24 clocks per quarter; compound metres click in dotted values."""
    score = replace(ONE_NOTE, metres=(Metre(0, *metre),))

    assert to_mido(score_to_bytes(score)).tracks[0][1].clocks_per_click == clocks


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"end_tick": 479}, r"Note\(start=0, end=480.*outside the piece, 0\.\.479", id="note-too-late"
        ),
        pytest.param({"markers": ((1921, "x"),)}, "marker at tick 1921 is outside", id="marker-too-late"),
        pytest.param({"tempi": (Tempo(-1, 5),)}, "set_tempo at tick -1 is outside", id="tempo-too-early"),
        pytest.param({"tracks": (Track((Note(5, 5, 60, 1),)),)}, "has no length", id="no-length"),
        pytest.param({"tracks": (Track((Note(0, 5, 60, 0),)),)}, "velocity 0, outside", id="velocity-0"),
        pytest.param(
            {"tracks": (Track((Note(0, 5, 60, 9), Note(4, 9, 60, 9))),)},
            "begins before the last",
            id="overlap",
        ),
        pytest.param({"tracks": (Track((Note(0, 5, 128, 9),)),)}, "0..127", id="pitch-128"),
    ],
)
def test_impossible_scores_are_a_value_error(change, message):
    """A programmer's mistake is not written to a file."""
    with pytest.raises(ValueError, match=message):
        score_to_bytes(replace(ONE_NOTE, **change))


def test_a_silence_too_long_for_midi_is_refused():
    """A file that was read at few ticks a quarter may not be written at many."""
    with pytest.raises(MidiError, match="268435456 ticks without an event"):
        score_to_bytes(replace(ONE_NOTE, end_tick=2**28))


def test_more_tracks_than_a_file_can_count_are_refused():
    """A score may come from several files."""
    with pytest.raises(MidiError, match="32767 tracks, more than the 32766 that are written"):
        score_to_bytes(replace(ONE_NOTE, tracks=ONE_NOTE.tracks * 32_767))


def test_files_are_not_overwritten_unasked(tmp_path):
    """The old file stays as it is until force is given."""
    path = tmp_path / "out.mid"
    path.write_bytes(b"precious")

    with pytest.raises(OutputError, match=r"out\.mid exists; .* --force"):
        write_score(ONE_NOTE, path)
    assert path.read_bytes() == b"precious"

    write_score(ONE_NOTE, path, force=True)
    assert read_score(path) == ONE_NOTE


def test_writing_leaves_nothing_else_behind(tmp_path):
    """The temporary file is gone, after success and after failure."""
    write_score(ONE_NOTE, tmp_path / "out.mid")
    (tmp_path / "folder").mkdir()

    with pytest.raises(OutputError, match="folder cannot be written"):
        write_score(ONE_NOTE, tmp_path / "folder", force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "out.mid"]


def test_a_missing_folder_is_said(tmp_path):
    """The folder is not made up."""
    with pytest.raises(OutputError, match=r"out\.mid cannot be written \(No such file or directory\)"):
        write_score(ONE_NOTE, tmp_path / "nowhere" / "out.mid")


def test_pretty_midi_gets_everything_it_can_hold():
    """Name, program, notes and resolution arrive."""
    score = Score((Track((Note(480, 960, 60, 100),), "Flöte", 73),), end_tick=1920)

    midi = to_pretty_midi(score)

    assert isinstance(midi, pretty_midi.PrettyMIDI)
    assert midi.resolution == 480
    assert [(part.name, part.program, len(part.notes)) for part in midi.instruments] == [("Flöte", 73, 1)]
    assert (midi.instruments[0].notes[0].start, midi.instruments[0].notes[0].end) == (0.5, 1.0)
