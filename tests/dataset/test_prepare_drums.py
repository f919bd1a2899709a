import csv

import numpy as np
import pytest

from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import open_shards
from seqvae.dataset.summary import summary_lines
from seqvae.dataset.windows import NO_RANGE
from seqvae.errors import DataError
from seqvae.midi.read import read_score
from seqvae.tokens.drum_decode import classes_of
from seqvae.tokens.drum_map import DrumMap
from seqvae.tokens.drums import DrumTokenizer
from tests.dataset.drum_making import drum_track, line_track, write_drums, write_music
from tests.dataset.making import bytes_of

DRUMS = PrepareSettings(tokenizer=DrumTokenizer(), valid_share=0.25, test_share=0.25)


@pytest.fixture
def corpus(tmp_path):
    """Eight drum tracks, and one file without drums."""
    for seed in range(8):
        write_drums(tmp_path / "kits" / f"{seed}.mid", seed)
    write_music(tmp_path / "kits" / "flute.mid", (line_track(1, 8, 60, "Flute"),), 8)
    return tmp_path / "kits"


def write_table(path, rows, header=("midi_filename", "split")):
    """Write a table of files."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def test_velocity_and_timing_stand_beside_the_ids(corpus, tmp_path):
    """Every window can be played back as it was played, and nothing else of it is stored."""
    prepare_corpus([corpus], tmp_path / "out", DRUMS)
    shards = open_shards(tmp_path / "out")
    train = shards.split("train")
    everything = np.arange(len(train))
    ids, played = train.windows(everything), train.expressions(everything)

    assert ids.shape[1:] == (32, 1)
    assert np.array_equal(classes_of(ids[..., 0]), played.velocities > 0)
    assert (played.velocities.dtype, played.offsets.dtype) == (np.uint8, np.int8)
    piece = shards.manifest.pieces[int(train.pieces[0])]
    clip = DrumTokenizer().encode(read_score(corpus / piece.name))
    assert np.array_equal(played.velocities[0], clip.velocities[:32])
    assert np.array_equal(played.offsets[0], clip.offsets[:32])
    assert np.abs(clip.offsets).max() > 5
    shards.verify()


def test_drums_have_no_key(corpus, tmp_path):
    """There is no range to transpose in, and files without drums are told."""
    manifest = prepare_corpus([corpus], tmp_path / "out", DRUMS)
    train = open_shards(tmp_path / "out").split("train")

    assert (train.ranges == NO_RANGE).all()
    assert manifest.bad_files == {"no drums to encode": 1}
    assert manifest.tokenizer == {"name": "drums", "map": DrumMap().to_dict()}
    assert manifest.repairs["drums"]["num_kept"] > 0


def test_what_is_no_class_is_counted(tmp_path):
    """Cowbells of all pieces are summed up by note."""
    for seed in range(2):
        track = drum_track(seed, 4)
        cowbells = tuple(note._replace(pitch=56) for note in track.notes if note.pitch == 36)
        notes = tuple(sorted((*track.notes, *cowbells)))
        write_music(tmp_path / "kits" / f"{seed}.mid", (type(track)(notes, is_drum=True),), 4)

    manifest = prepare_corpus([tmp_path / "kits"], tmp_path / "out", DRUMS)

    assert set(manifest.repairs["drum notes left out"]) == {"56"}


def test_broken_expression_is_refused(corpus, tmp_path):
    """Arrays that do not lie beside the ids are no shards."""
    prepare_corpus([corpus], tmp_path / "out", DRUMS)
    np.save(tmp_path / "out" / "train.offset.npy", np.zeros((5, 9), dtype=np.int8))

    with pytest.raises(DataError, match=r"train\.offset\.npy: holds \|i1 \(5, 9\), expected"):
        open_shards(tmp_path / "out").split("train")


def test_shards_of_drums_and_melodies_replace_one_another(corpus, tmp_path):
    """With force any shards give way, and no array of the old ones stays."""
    prepare_corpus([corpus], tmp_path / "out", DRUMS)
    prepare_corpus([corpus], tmp_path / "out", PrepareSettings(), force=True)

    assert "train.velocity.npy" not in bytes_of(tmp_path / "out")


def test_an_official_split_is_kept(corpus, tmp_path):
    """A table in the folder decides, whatever its words for validation; other files are split as ever."""
    rows = [["0.mid", "test"], ["1.mid", "Validation"], *[[f"{seed}.mid", "train"] for seed in range(2, 8)]]
    write_table(corpus / "info.csv", rows)

    manifest = prepare_corpus([corpus], tmp_path / "out", DRUMS)

    split_of = {piece.name: piece.split for piece in manifest.pieces}
    assert split_of == {"0.mid": "test", "1.mid": "valid", **{f"{seed}.mid": "train" for seed in range(2, 8)}}
    assert manifest.official == ("kits",)
    assert "kits keeps the split that it brings along" in summary_lines(manifest)
    assert open_shards(tmp_path / "out").manifest == manifest


def test_a_copy_follows_the_official_one(corpus, tmp_path):
    """What another corpus has of the official test set is not trained on."""
    write_table(corpus / "info.csv", [[f"{seed}.mid", "test" if seed == 3 else "train"] for seed in range(8)])
    write_drums(tmp_path / "others" / "copy.mid", 3)

    manifest = prepare_corpus([corpus, tmp_path / "others"], tmp_path / "out", DRUMS)

    assert {piece.split for piece in manifest.pieces if piece.name in ("3.mid", "copy.mid")} == {"test"}


def test_official_pieces_stay_where_they_are_and_lead_the_others(tmp_path):
    """Of copies of one groove the table puts two into test, one into train; those it does not list follow."""
    for number, name in enumerate(["a", "b", "c", "loose", "d", "e", "f", "g"]):
        write_drums(tmp_path / "kits" / f"{name}.mid", 3 if number < 4 else number)
    write_table(tmp_path / "kits" / "info.csv", [["a.mid", "test"], ["b.mid", "train"], ["c.mid", "test"]])
    write_drums(tmp_path / "others" / "copy.mid", 3)
    write_table(tmp_path / "others" / "info.csv", [["elsewhere.mid", "test"]])

    manifest = prepare_corpus([tmp_path / "kits", tmp_path / "others"], tmp_path / "out", DRUMS)
    split_of = {piece.name: piece.split for piece in manifest.pieces}

    assert [split_of[f"{name}.mid"] for name in ("a", "b", "c")] == ["test", "train", "test"]
    assert split_of["loose.mid"] == split_of["copy.mid"] == "test"
    assert manifest.official == ("kits",)  # the table of the others lists nothing that is there


def test_other_tables_say_nothing(corpus, tmp_path):
    """A table without files or without splits is no split."""
    write_table(corpus / "tempi.csv", [["0.mid", "120"]], header=("file", "bpm"))
    write_table(corpus / "shares.csv", [["test", "5"]], header=("split", "percent"))

    assert prepare_corpus([corpus], tmp_path / "out", DRUMS).official == ()


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"a.csv": [["0.mid", "holdout"]]}, r"a\.csv, line 2: unknown split 'holdout'; choose train, valid"),
        ({"a.csv": [["0.mid"]]}, r"a\.csv, line 2: unknown split ''"),
        ({"a.csv": [["0.mid", "test"]], "b.csv": [["0.mid", "train"]]}, r"both a\.csv and b\.csv split"),
    ],
    ids=["word", "missing", "two tables"],
)
def test_a_wrong_table_is_told(corpus, tmp_path, tables, message):
    """Nobody wants an official split to be ignored in silence."""
    for name, rows in tables.items():
        write_table(corpus / name, rows)

    with pytest.raises(DataError, match=message):
        prepare_corpus([corpus], tmp_path / "out", DRUMS)


def test_a_table_that_is_no_text_is_told(corpus, tmp_path):
    """Bytes that are no UTF-8 are the user's to mend."""
    (corpus / "info.csv").write_bytes(b"file,split\n\xff\xfe,test\n")

    with pytest.raises(DataError, match=r"info\.csv: cannot be read as a table"):
        prepare_corpus([corpus], tmp_path / "out", DRUMS)
