import contextlib
import io
from collections import Counter
from itertools import pairwise

import mido
import pretty_midi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import MidiError
from seqvae.midi.chunks import WRONG_COUNT
from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.read import read_score
from seqvae.midi.repair import mend_notes, pair_notes
from seqvae.midi.resample import resample_score, scale_tick
from seqvae.midi.text import clean_text, decode_text
from seqvae.midi.write import score_to_bytes, to_pretty_midi
from tests.midi.building import END, MIDDLE_C, scores, smf, texts

RESOLUTIONS = st.integers(24, 30720)


def read_notes(*tracks: str, **header: int) -> list[tuple[Note, ...]]:
    """Read tracks given as hex, at the resolution of the file."""
    return [track.notes for track in read_score(smf(*tracks, **header), ticks_per_quarter=96).tracks]


def read_repairs(*tracks: str) -> dict[str, int]:
    """Read what had to be mended in tracks given as hex."""
    return dict(read_score(smf(*tracks)).repairs)


@given(st.integers(0, 10**7), RESOLUTIONS, RESOLUTIONS)
def test_a_tick_moves_by_at_most_half_a_new_tick(tick, source, target):
    """Between any two resolutions, in exact arithmetic."""
    assert 2 * abs(scale_tick(tick, source=source, target=target) * source - tick * target) <= source


@given(scores(), RESOLUTIONS)
def test_resampling_keeps_every_start_in_place(score, resolution):
    """Starts are scaled one by one, so that the last note has drifted no further than the first."""
    resampled = resample_score(score, resolution)

    for old, new in zip(score.tracks, resampled.tracks, strict=True):
        expected = {(scale_tick(note.start, source=480, target=resolution), note.pitch) for note in old.notes}
        assert {(note.start, note.pitch) for note in new.notes} == expected


@given(scores(), RESOLUTIONS)
def test_resampled_scores_can_be_written(score, resolution):
    """No resolution makes notes overlap, lose their length or leave the piece."""
    resampled = resample_score(score, resolution)

    assert read_score(score_to_bytes(resampled), ticks_per_quarter=480) == resample_score(resampled, 480)


@given(scores(), st.sampled_from([960, 1920, 30720]))
def test_a_finer_resolution_loses_nothing(score, resolution):
    """There and back is the same score at a multiple of 480."""
    assert read_score(read_score(score, ticks_per_quarter=resolution)) == score


@pytest.mark.parametrize("division", [24, 37, 89, 600, 15360, 30720])
def test_odd_resolutions_do_not_drift(division):
    """A thousand notes a quarter apart lie on the quarters, whatever the resolution of the file."""
    track = mido.MidiTrack()
    for _ in range(1000):
        track.append(mido.Message("note_on", note=60, time=0))
        track.append(mido.Message("note_off", note=60, time=division))
    buffer = io.BytesIO()
    mido.MidiFile(type=1, ticks_per_beat=division, tracks=[track]).save(file=buffer)

    notes = read_score(buffer.getvalue()).tracks[0].notes

    assert [note.start for note in notes] == [480 * index for index in range(1000)]


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
    with pytest.raises(MidiError, match="cannot be read"):
        read_score("\0.mid")


def test_large_files_are_not_opened(tmp_path):
    """The size is looked at before the content."""
    path = tmp_path / "large.mid"
    with path.open("wb") as file:
        file.truncate(20 * 2**20 + 1)

    with pytest.raises(MidiError, match=r"large\.mid: larger than 20 MiB"):
        read_score(path)


def test_all_kinds_of_source_give_the_same_score(tmp_path):
    """Path, string, bytes, open file, Score and PrettyMIDI are one."""
    data = smf(MIDDLE_C + END)
    path = tmp_path / "c.mid"
    path.write_bytes(data)
    expected = Score((Track((Note(0, 480, 60, 100),)),), end_tick=480)

    assert read_score(data) == expected
    assert read_score(path) == expected
    assert read_score(str(path)) == expected
    assert read_score(io.BytesIO(data)) == expected
    assert read_score(expected) is expected
    assert read_score(pretty_midi.PrettyMIDI(io.BytesIO(data))) == expected


def test_other_objects_are_a_type_error():
    """A list is a programmer's mistake, not a user's."""
    with pytest.raises(TypeError, match="no music in a list"):
        read_score([60, 62])


def test_type_0_comes_apart_by_channel():
    """One Score track for each channel, drums on channel 10, all under the name of the track."""
    track = (
        "00 ff 03 04 53 6f 6e 67"  # track name "Song"
        "00 c1 21  00 c0 05"  # program 33 on channel 2, program 5 on channel 1
        "00 99 24 64  00 91 24 50  00 90 3c 64"  # kick, bass, melody
        "60 89 24 00  00 81 24 00  00 80 3c 00" + END
    )

    score = read_score(smf(track, file_type=0))

    assert [(part.name, part.program, part.is_drum) for part in score.tracks] == [
        ("Song", 5, False),
        ("Song", 33, False),
        ("Song", 0, True),
    ]


def test_the_program_in_force_at_the_first_note_counts():
    """An early change in another track holds, the track's own wins, a later one changes nothing."""
    setup = "00 c0 05  00 c1 06  60 c0 09" + END
    own = "00 c1 07  00 91 3c 64  60 81 3c 00  00 c1 08" + END

    tracks = read_score(smf(setup, MIDDLE_C + END, own)).tracks

    assert [track.program for track in tracks] == [5, 7]


def test_maps_are_merged_from_all_tracks():
    """Tempi and metres may stand anywhere; the last at a tick wins; something holds from tick 0."""
    first = "60 ff 51 03 06 1a 80  00 ff 58 04 03 02 18 08" + END  # at tick 96: 400000 us, 3/4
    second = "60 ff 51 03 05 16 15  60 ff 58 04 06 03 18 08" + END  # 333333 us, and at tick 192: 6/8

    score = read_score(smf(first, second), ticks_per_quarter=96)

    assert score.tempi == (Tempo(0, 500_000), Tempo(96, 333_333))
    assert score.metres == (Metre(0, 4, 4), Metre(96, 3, 4), Metre(192, 6, 8))


def test_impossible_tempi_and_metres_are_counted():
    """A tempo of 0, a tempo without a value, 0/4 and 4/128 leave the defaults."""
    track = "00 ff 51 03 00 00 00  00 ff 51 00  00 ff 58 04 00 02 18 08  00 ff 58 04 04 07 18 08" + END

    score = read_score(smf(track))

    assert (score.tempi, score.metres) == ((Tempo(0, 500_000),), (Metre(0, 4, 4),))
    assert score.repairs == {"impossible tempi": 2, "impossible metres": 2}


def test_names_of_mixed_encodings_are_read():
    """UTF-8 where it is valid, Latin-1 otherwise, without control characters."""
    utf8 = "00 ff 03 06 46 6c c3 b6 74 65" + MIDDLE_C + END
    latin1 = "00 ff 03 07 46 6c f6 74 65 0a 00" + MIDDLE_C + END

    assert [track.name for track in read_score(smf(utf8, latin1)).tracks] == ["Flöte", "Flöte"]


@given(texts)
def test_clean_text_survives_encoding(text):
    """What was cleaned once comes back the same from UTF-8."""
    assert decode_text(text.encode()) == clean_text(text) == text


def test_markers_come_in_order():
    """Markers of all tracks, sorted by tick; empty ones are dropped."""
    score = read_score(
        smf("60 ff 06 01 42" + END, "00 ff 06 01 41  00 ff 06 01 00" + END), ticks_per_quarter=96
    )

    assert score.markers == ((0, "A"), (96, "B"))


def test_the_piece_ends_with_its_last_track():
    """Rests at the end count, of whichever track."""
    assert read_score(smf(MIDDLE_C + END, "83 00 ff 2f 00"), ticks_per_quarter=96).end_tick == 384


@pytest.mark.parametrize(
    ("track", "notes", "repairs"),
    [
        pytest.param(
            "00 90 3c 40  10 90 3c 41  10 80 3c 00  10 80 3c 00" + END,
            [(0, 16, 60, 64), (16, 48, 60, 65)],
            {"overlapping notes of one pitch": 1},
            id="overlap",
        ),
        pytest.param(
            "00 90 3c 40  10 90 3c 41  10 80 3c 00" + END,
            [(0, 16, 60, 64), (16, 32, 60, 65)],
            {"overlapping notes of one pitch": 1},
            id="never-ended-before-another",
        ),
        pytest.param(
            "00 90 3c 40  10 90 3c 41  00 80 3c 00  10 90 3c 42  00 80 3c 00  10 ff 2f 00",
            [(0, 16, 60, 64), (16, 32, 60, 65), (32, 48, 60, 66)],
            {"notes never ended": 1},
            id="on-before-off-and-the-last-off-missing",
        ),
        pytest.param(
            "00 80 3c 00  10 90 3c 40  10 80 3c 00  10 80 3c 00" + END,
            [(16, 32, 60, 64)],
            {"note-offs without a note": 2},
            id="stray-offs",
        ),
        pytest.param(
            "00 90 3c 40  10 90 3c 41  00 80 3c 00  10 80 3c 00" + END,
            [(0, 16, 60, 64), (16, 32, 60, 65)],
            {},
            id="on-before-off-in-one-tick",
        ),
        pytest.param(
            "00 90 3c 40  00 90 3c 41  10 80 3c 00  00 80 3c 00" + END,
            [(0, 16, 60, 65)],
            {"overlapping notes of one pitch": 1},
            id="twice-the-same",
        ),
        pytest.param(
            "00 90 3c 40  10 ff 2f 00", [(0, 16, 60, 64)], {"notes never ended": 1}, id="never-ended"
        ),
        pytest.param(
            "00 90 3e 40  10 80 3e 40  00 90 3c 40" + END,
            [(0, 16, 62, 64)],
            {"notes never ended": 1, "zero-length notes": 1},
            id="begins-at-the-end",
        ),
        pytest.param("00 90 3c 40  00 80 3c 00" + END, [], {"zero-length notes": 1}, id="zero-length"),
        pytest.param(
            "00 99 24 40  00 89 24 00" + END, [(0, 1, 36, 64)], {"zero-length notes": 1}, id="drum-hit"
        ),
        pytest.param("00 90 3c 40  10 90 3c 00" + END, [(0, 16, 60, 64)], {}, id="velocity-0-ends"),
        pytest.param(
            "00 80 3c 00  00 90 3c 40  10 3c 00" + END,
            [(0, 16, 60, 64)],
            {"note-offs without a note": 1},
            id="running-status",
        ),
        pytest.param(
            "00 90 3c 40  10 80 3c 40", [(0, 16, 60, 64)], {"tracks without an end mark": 1}, id="no-end"
        ),
        pytest.param(
            "00 90 3c 90  10 80 3c 00" + END, [(0, 16, 60, 127)], {"data bytes above 127": 1}, id="clipped"
        ),
        pytest.param(
            "00 ff 59 02 20 41  00 f0 02 01 f7  00 ff 08 01 41  00 b0 07 64  00 d0 01  00 e0 00 40  00 f8"
            "00 90 3c 40  10 80 3c 00" + END,
            [(0, 16, 60, 64)],
            {},
            id="bad-key-sysex-and-controllers",
        ),
        pytest.param(
            "10 ff 08 01 41  00 90 3c 40  10 80 3c 00" + END,
            [(16, 32, 60, 64)],
            {},
            id="time-before-unknown-meta",
        ),
        pytest.param("00 90 3c 40  10 80 3c 00" + END + MIDDLE_C, [(0, 16, 60, 64)], {}, id="after-the-end"),
    ],
)
def test_odd_notes_follow_the_rule_and_are_counted(track, notes, repairs):
    """The rules of repair.py, one by one."""
    assert [tuple(note) for part in read_notes(track) for note in part] == notes
    assert read_repairs(track) == repairs


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=1, max_size=12))
def test_each_end_stays_with_its_note(spans):
    """However notes of one pitch overlap, from files and from objects they are mended alike."""
    last = max(start + length for start, length in spans)
    starts = sorted({start for start, _ in spans})
    ends = sorted(start + length for start, length in dict(spans).items())  # a note for each start
    events = sorted([(tick, 1, 0x90, 60, 64) for tick in starts] + [(tick, 0, 0x80, 60, 0) for tick in ends])
    repairs, expected = Counter[str](), Counter[str]()

    notes = pair_notes(
        [(event[0], *event[2:]) for event in events], end_tick=last, is_drum=False, repairs=repairs
    )

    in_order = [Note(start, end, 60, 64) for start, end in zip(starts, ends, strict=True)]
    assert notes == mend_notes(in_order, is_drum=False, repairs=expected)
    assert +repairs == +expected


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=16))
def test_every_event_of_a_note_is_accounted_for(steps):
    """Ons and offs in any order: each on is a note, a repair or a double; no note overlaps the next."""
    events, tick = [], 0
    for rest, is_on in steps:
        tick += rest
        events.append((tick, 0x90 if is_on else 0x80, 60, 64))
    repairs = Counter[str]()

    notes = pair_notes(events, end_tick=tick + 1, is_drum=False, repairs=repairs)

    assert all(note.end <= following.start for note, following in pairwise(notes))
    assert min(repairs.values(), default=0) >= 0
    assert {note.start for note in notes} <= {tick for tick, status, *_ in events if status == 0x90}
    assert repairs["note-offs without a note"] <= sum(status == 0x80 for _, status, *_ in events)


def test_many_overlaps_are_all_counted():
    """Sixteen notes of one pitch, each almost three times as long as the way to the next."""
    events = [(240 * i, 0x90, 60, 80) for i in range(16)] + [(240 * i + 700, 0x80, 60, 0) for i in range(16)]
    repairs = Counter[str]()

    notes = pair_notes(sorted(events), end_tick=4300, is_drum=False, repairs=repairs)

    assert [note.end - note.start for note in notes] == [240] * 15 + [700]
    assert +repairs == {"overlapping notes of one pitch": 15}


def test_what_a_score_has_no_place_for_is_counted():
    """Controllers, bends, changes of program, messages and words are read over, each under its kind."""
    track = (
        "00 c0 05  00 b0 40 7f  00 b0 43 7f  00 b0 07 64  00 b1 0a 40"  # two pedals, volume, pan
        "00 a0 3c 10  00 d0 10  00 e0 00 50  00 e0 00 40"  # aftertouch twice, bends
        "00 ff 59 02 00 00  00 ff 05 02 6c 61  00 f0 02 01 f7"  # key, lyric, a message
        + MIDDLE_C
        + "00 c0 05  00 c0 06"  # the same program again, and another
        + MIDDLE_C
        + "00 c0 07"  # behind the last note
        + END
    )

    assert read_score(smf(track)).ignored == {
        "pedal events": 2,
        "other controllers": 2,
        "aftertouch": 2,
        "pitch bends": 2,
        "key signatures": 1,
        "lyrics": 1,
        "system exclusive messages": 1,
        "program changes inside a track": 1,
    }


def test_a_change_in_a_track_of_its_own_is_counted():
    """A track without programs of its own is played with those of its channel."""
    assert read_score(smf("60 c0 05" + END, MIDDLE_C * 3 + END)).ignored == {
        "program changes inside a track": 1
    }


@given(scores())
def test_files_of_ours_hold_nothing_that_is_ignored(score):
    """What we write is what a Score says."""
    assert read_score(score_to_bytes(score, record="how it was made")).ignored == {}


def test_a_pretty_midi_tells_what_is_ignored():
    """The same file as bytes and as an object."""
    data = smf("00 b0 40 7f  00 b0 07 64  00 e0 00 50  00 ff 59 02 00 00" + MIDDLE_C + END)

    assert read_score(pretty_midi.PrettyMIDI(io.BytesIO(data))).ignored == read_score(data).ignored


def test_foreign_chunks_are_skipped():
    """A chunk that is not MTrk is nobody's business."""
    header, track = smf(MIDDLE_C + END)[:14], smf(MIDDLE_C + END)[14:]

    assert read_score(header + b"XFIH\0\0\0\2ab" + track) == read_score(header + track)


@pytest.mark.parametrize("charset", ["latin1", "utf-8"])
@pytest.mark.parametrize("name", ["Flöte", "尺八", "Lead", "½ Ã"])
def test_a_pretty_midi_keeps_names(name, charset):
    """pretty_midi reads names as Latin-1 unless told otherwise; files hold UTF-8."""
    data = score_to_bytes(Score((Track((Note(0, 480, 60, 80),), name=name),), end_tick=480))

    assert read_score(pretty_midi.PrettyMIDI(io.BytesIO(data), charset=charset)).tracks[0].name == name


def test_a_pretty_midi_with_odd_notes_is_mended():
    """Overlaps, double notes and notes without length follow the same rules as in files."""
    midi = pretty_midi.PrettyMIDI(resolution=480)
    instrument = pretty_midi.Instrument(program=5, name="Lead")
    for start, end in [(0.0, 1.0), (0.5, 1.5), (0.5, 2.0), (3.0, 3.0)]:
        instrument.notes.append(pretty_midi.Note(100, 60, start, end))
    midi.instruments.append(instrument)

    score = read_score(midi)

    assert score.tracks == (Track((Note(0, 480, 60, 100), Note(480, 1920, 60, 100)), "Lead", 5),)
    assert score.repairs == {"overlapping notes of one pitch": 2, "zero-length notes": 1}


@pytest.mark.parametrize("microseconds", [250_000, 333_333, 461_538, 500_000, 983_607])
def test_pretty_midi_objects_lose_no_time(microseconds):
    """Out to PrettyMIDI and back, ticks and tempi are the same."""
    notes = tuple(Note(37 * index, 37 * index + 31, 60, 90) for index in range(200))
    score = Score(
        (Track(notes, "Flöte", 73), Track(notes[:5], "Kit", 0, True)),
        tempi=(Tempo(0, microseconds), Tempo(960, 400_000)),
        metres=(Metre(0, 3, 4), Metre(1440, 6, 8)),
        end_tick=notes[-1].end,
    )

    assert read_score(to_pretty_midi(score)) == score


def test_the_repairs_travel_between_processes():
    """A worker can hand a Score back: its counts are a plain dict."""
    assert type(read_score(smf(MIDDLE_C + END)).repairs) is dict
