import pytest

from seqvae.dataset.recognise import recognise
from seqvae.errors import DataError


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        pytest.param(["a.mid"], "melody", id="midi"),
        pytest.param(["b/c.MIDI", "readme.md"], "melody", id="midi below"),
        pytest.param(["a.txt"], "text", id="text"),
        pytest.param(["b/c.TXT", "readme.md"], "text", id="text below"),
        pytest.param(["readme.md"], "melody", id="neither"),
    ],
)
def test_a_folder_says_what_it_is(tmp_path, names, kind):
    """The names of the files decide, whatever lies beside them."""
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert recognise([tmp_path]) == kind


def test_a_mixture_is_refused(tmp_path):
    """Whoever has both must say which is meant, in one folder or in two."""
    for name in ("a.mid", "b.txt"):
        (tmp_path / name).touch()

    for paths in ([tmp_path], [tmp_path / "a.mid", tmp_path / "b.txt"]):
        with pytest.raises(DataError, match=r"MIDI files and \.txt files; choose one with --tokenizer"):
            recognise(paths)
