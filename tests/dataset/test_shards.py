import json

import numpy as np
import pytest

from seqvae.dataset.manifest import Manifest, PieceRecord
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.dataset.shards import open_shards, open_verified
from seqvae.errors import DataError
from seqvae.tokens.melody import MelodyTokenizer
from tests.dataset.making import melody_ids, write_corpus, write_tune


@pytest.fixture
def folder(tmp_path):
    """Shards of one tune of five bars: four windows to train on, nothing held out."""
    write_tune(tmp_path / "tunes" / "tune.mid", 1, num_bars=5)
    prepare_corpus([tmp_path / "tunes"], tmp_path / "out", PrepareSettings())
    return tmp_path / "out"


def change(folder, **fields):
    """Overwrite fields of the manifest."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def npy(header: bytes) -> bytes:
    """Write an array file of any header."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


BROKEN = {
    "empty": b"",
    "cut off": b"\x93NUMPY",
    "missing": None,
    "header without an end": npy(b"{'descr': '<i2', 'shape': (\n"),
    "header of brackets": npy(b"(" * 9000),
    "header of signs": npy(b"-" * 9000 + b"1"),
    "header of an odd shape": npy(b"{'descr': '<i2', 'fortran_order': False, 'shape': (1e9, 'x')}"),
    "header of a huge shape": npy(
        b"{'descr': '<i2', 'fortran_order': False, 'shape': (2, 9" + b"9" * 70 + b")}\n"
    ),
}


def test_windows_are_the_ids_of_the_tune(folder):
    """Window n is bars n and n + 1, as encoded."""
    train = open_shards(folder).split("train")
    ids = melody_ids(1, 5)

    assert len(train) == 4
    assert train.windows(np.array([3, 0])).shape == (2, 32, 1)
    for number in range(4):
        expected = ids[16 * number : 16 * number + 32]
        assert train.window(number).dtype == np.int16
        assert np.array_equal(train.window(number), expected)
        assert tuple(train.ranges[number]) == MelodyTokenizer().pitch_range(expected)


def test_ids_stay_on_disk(folder):
    """Opening shards maps the ids and reads none."""
    assert isinstance(open_shards(folder).split("train").ids, np.memmap)


def test_an_empty_split_opens(folder):
    """Nothing held out is no error here: training decides whether that will do."""
    test = open_shards(folder).split("test")

    assert (len(test), test.ids.shape, test.ranges.shape) == (0, (0, 1), (0, 2))


def test_the_manifest_survives_the_round_trip(tmp_path):
    """Reading what was written gives the same manifest and the same text."""
    manifest = prepare_corpus([write_corpus(tmp_path / "tunes")], tmp_path / "out", PrepareSettings())

    assert Manifest.from_json(manifest.to_json()) == manifest
    assert (tmp_path / "out" / "manifest.json").read_text() == manifest.to_json()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"format_version": 99}, "format version 99 where 1 is read", id="version"),
        pytest.param({"format_version": None}, "format version None", id="no version"),
        pytest.param({"bars": 4, "surprise": 1}, "unknown or of another type", id="unknown field"),
        pytest.param({"counts": 3}, "unknown or of another type", id="counts"),
        pytest.param({"counts": {}}, "the counts are not those of train, valid, test", id="no counts"),
        pytest.param({"steps_per_window": "32"}, "a size is not a whole number", id="size"),
        pytest.param({"bars": 2.0}, "a size is not a whole number", id="bars"),
        pytest.param(
            {"bars": 10**9},
            "windows are of 1 to 1024 bars",
            id="many bars",
        ),
        pytest.param({"bars": 0}, "windows of 0 bars", id="no bars"),
        pytest.param({"bars": 3}, "windows of 3 bars and 32 steps", id="uneven bars"),
        pytest.param({"pieces": [1]}, "unknown or of another type", id="pieces"),
        pytest.param({"arrays": {}}, "the list of arrays is not complete", id="arrays"),
        pytest.param({"tokenizer": "melody"}, "the tokenizer is no object", id="tokenizer"),
        pytest.param({"corpora": [[]]}, "the name of a corpus no string", id="corpus"),
        pytest.param({"official": [1]}, "the name of a corpus no string", id="official"),
        pytest.param(
            {"pieces": [dict.fromkeys(PieceRecord._fields, 0)]}, "a name that is no string", id="piece"
        ),
        pytest.param({"corpora": []}, "unknown corpus 'tunes'", id="corpora"),
    ],
)
def test_a_broken_manifest_is_refused(folder, fields, message):
    """Whatever a manifest says that cannot be, the file and the fault are named."""
    change(folder, **fields)

    with pytest.raises(DataError, match=rf"manifest\.json: .*{message}"):
        open_shards(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "\udcff", "[" * 100_000], ids=repr)
def test_a_file_that_is_no_manifest_is_refused(folder, text):
    """Any other content ends as one error."""
    (folder / "manifest.json").write_bytes(text.encode(errors="surrogateescape"))

    with pytest.raises(DataError, match=r"manifest\.json: "):
        open_shards(folder)


def test_a_folder_without_shards_is_refused(tmp_path):
    """The remedy is named."""
    with pytest.raises(
        DataError, match=r"no shards, manifest\.json is missing; make them with seqvae prepare"
    ):
        open_shards(tmp_path)


def test_an_unknown_split_is_refused(folder):
    """The choices are named."""
    with pytest.raises(DataError, match="no split 'dev'; choose from train, valid, test"):
        open_shards(folder).split("dev")


@pytest.mark.parametrize("kind", ["ids", "windows", "pieces", "range"])
@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_array_is_refused(folder, kind, content):
    """An array that cannot be read is named."""
    path = folder / f"train.{kind}.npy"
    path.unlink() if content is None else path.write_bytes(content)

    with pytest.raises(DataError, match=rf"train\.{kind}\.npy: cannot be read"):
        open_shards(folder).split("train")


def test_an_array_of_objects_is_never_unpickled(folder):
    """A pickle in the place of an array is refused unread."""
    np.save(folder / "train.windows.npy", np.array([{}], dtype=object), allow_pickle=True)

    with pytest.raises(DataError, match="cannot be read"):
        open_shards(folder).split("train")


def test_an_array_of_another_size_is_refused(folder):
    """A longer array than was prepared is not of these shards."""
    np.save(folder / "train.windows.npy", np.zeros(9, dtype="<i8"))

    with pytest.raises(DataError, match=r"holds <i8 \(9,\), expected <i8 \(4,\)"):
        open_shards(folder).split("train")


@pytest.mark.parametrize(("kind", "value"), [("windows", 49), ("windows", -1), ("pieces", 1)])
def test_places_outside_the_arrays_are_refused(folder, kind, value):
    """A window beyond the ids or a piece beyond the list would read foreign memory."""
    path = folder / f"train.{kind}.npy"
    array = np.load(path)
    array[2] = value
    np.save(path, array)

    with pytest.raises(DataError, match="the arrays of train contradict one another"):
        open_shards(folder).split("train")


@pytest.mark.parametrize(
    ("kind", "value"), [("ids", 131), ("ids", -1), ("range", [200, 255]), ("range", [60, 59])]
)
def test_foreign_ids_and_pitches_are_refused(folder, kind, value):
    """Whoever writes shards for others can sign them, too: what no tokenizer writes is refused."""
    path = folder / f"train.{kind}.npy"
    array = np.load(path)
    array[2] = value
    np.save(path, array)

    with pytest.raises(DataError, match="the arrays of train contradict one another"):
        open_shards(folder).split("train")


def test_verify_finds_one_changed_byte(folder):
    """The sha256 of the manifest is compared on request."""
    shards = open_shards(folder)
    shards.verify()
    data = bytearray((folder / "train.ids.npy").read_bytes())
    data[-1] ^= 1
    (folder / "train.ids.npy").write_bytes(data)

    with pytest.raises(DataError, match=r"train\.ids\.npy: the content is not what was prepared"):
        shards.verify()
    with pytest.raises(DataError, match=r"train\.ids\.npy: the content is not what was prepared"):
        open_verified(folder)


def test_verify_names_an_array_that_is_gone(folder):
    """What cannot be read cannot be compared."""
    (folder / "test.range.npy").unlink()

    with pytest.raises(DataError, match=r"test\.range\.npy: cannot be read \(No such file"):
        open_verified(folder)
