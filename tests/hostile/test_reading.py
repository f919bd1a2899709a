"""Files made to do harm: each is music, mended and counted, or one line that names file and reason."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from seqvae.errors import MidiError, SeqvaeError
from seqvae.midi.counts import count_of
from seqvae.midi.notes import Score
from seqvae.midi.read import BREACHES, read_score
from seqvae.midi.write import score_to_bytes
from tests.hostile.files import GOOD, READ, REFUSED, mac_binary, mutate, named, riff
from tests.hostile.strategies import files

CLIPS = Path(__file__).parent.parent.parent / "data" / "clips"
SEEDS = {**{name: data for name, (data, _) in READ.items() if len(data) < 5000}, "twinkle": GOOD}
ONE_LINE = r"^the MIDI bytes: [^\n]+; [^\n]+$"
CLEAN_NAMES = {
    "name with path separators": "../../etc/passwd\\..\\C:",
    "name of escape codes": "]0;title[2J31m",
    "name that turns its direction": "gnpgpj.exe",
    "name of a megabyte": "A" * 1024,
    "surrogates and zeros": "\u00ed",
}


def outcome(data: bytes) -> Score | str:
    """Read and write again, or give the message; anything else that is raised fails the test."""
    try:
        score = read_score(data)
        assert read_score(score_to_bytes(score)) == score
    except MidiError as error:
        return str(error)
    return score


@pytest.mark.parametrize(("data", "repairs"), READ.values(), ids=READ)
def test_what_can_be_mended_is_mended_and_counted(data, repairs):
    """Wrappers are opened, strange chunks skipped, lies seen through; what broke the standard is counted."""
    score = read_score(data)

    assert score.repairs == repairs
    assert sum(len(track.notes) for track in score.tracks) > 0
    assert read_score(score_to_bytes(score)) == score


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_mended_is_one_line(data, words):
    """The line begins with the name, tells the reason and ends with what to do."""
    with pytest.raises(MidiError, match=ONE_LINE) as caught:
        read_score(data)
    assert words in str(caught.value)


@pytest.mark.parametrize(("data", "repairs"), READ.values(), ids=READ)
def test_strict_refuses_what_breaks_the_standard(data, repairs):
    """With strict nothing is mended but notes, and the line counts what is broken."""
    breaches = set(repairs) & set(BREACHES)
    if not breaches:
        assert read_score(data, strict=True) == read_score(data)
        return
    with pytest.raises(MidiError, match=r"^the MIDI bytes: breaks the standard \(\d+ ") as caught:
        read_score(data, strict=True)
    assert all(count_of(repairs[reason], reason) in str(caught.value) for reason in breaches)


@pytest.mark.parametrize("wrap", [riff, mac_binary], ids=["RIFF RMID", "MacBinary"])
@pytest.mark.parametrize("path", sorted(CLIPS.glob("*.mid")), ids=lambda path: path.stem)
def test_a_wrapper_changes_nothing(wrap, path):
    """Music in a wrapper is the music."""
    data = path.read_bytes()

    assert read_score(wrap(data)) == read_score(data)


@pytest.mark.parametrize("case", CLEAN_NAMES)
def test_names_obey_nobody(case):
    """What stays of a hostile name has no control characters and is short."""
    assert [track.name for track in read_score(READ[case][0]).tracks] == [CLEAN_NAMES[case]]


def test_a_long_name_is_cut_between_characters():
    """UTF-8 stays UTF-8 where a name is cut, and a Latin-1 name keeps its last letter."""
    (long,) = read_score(named("é".encode() * 1000 + b"!")).tracks
    (short,) = read_score(named("Café".encode("latin-1"))).tracks

    assert (long.name, short.name) == ("é" * 512, "Café")


@given(files())
def test_any_mixture_of_chunks_is_read_or_refused(data):
    """Files that begin like MIDI and go on as they like end in music or in one line."""
    assert outcome(data)


@pytest.mark.parametrize("name", SEEDS)
def test_mutations_are_read_or_refused(name):
    """Whatever bytes of a file change, the outcome is music or one line, and the music can be written."""
    generator = np.random.default_rng(list(name.encode()))

    assert all(outcome(mutate(SEEDS[name], generator)) for _ in range(20))


class Broken(io.RawIOBase):
    """A stream whose disk has gone."""

    def read(self, _: int = -1) -> bytes:
        """Fail."""
        raise OSError(5, "Input/output error")


def test_a_stream_that_fails_is_named():
    """What a stream raises becomes one line."""
    with pytest.raises(MidiError, match=r"^the MIDI stream: cannot be read \(Input/output error\)"):
        read_score(Broken())


def test_a_device_without_end_is_refused(monkeypatch):
    """A file that tells no size is read up to the limit and no further."""
    monkeypatch.setattr("seqvae.midi.read.LARGEST_FILE", 1000)

    with pytest.raises(MidiError, match=r"^/dev/zero: larger than"):
        read_score("/dev/zero")


@pytest.mark.parametrize(
    "changes", [{"start": float("nan")}, {"pitch": 1000}, {"velocity": -1}, {"end": 1e30}], ids=str
)
def test_a_foreign_object_is_refused_by_name(changes):
    """A PrettyMIDI object with impossible notes is refused like a file."""
    import pretty_midi

    midi = pretty_midi.PrettyMIDI(resolution=480)
    midi.instruments.append(pretty_midi.Instrument(0))
    midi.instruments[0].notes.append(
        pretty_midi.Note(**{"velocity": 80, "pitch": 60, "start": 0.0, "end": 1.0} | changes)
    )

    with pytest.raises(SeqvaeError, match=r"^[^\n]+$"):
        read_score(midi)
