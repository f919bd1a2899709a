import pytest

from seqvae.dataset.recognise import recognise
from seqvae.errors import DataError


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        pytest.param(["a.mid"], "melody", id="midi"),
        pytest.param(["b/c.MIDI", "readme.md"], "melody", id="midi below"),
        pytest.param(["songs/c.mid", "songs/LICENSE.txt", "README.txt"], "melody", id="midi and licences"),
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


def test_a_missing_text_file_is_asked_for_as_text(tmp_path):
    """So that the error is of a file that is not there, and not of a folder of music."""
    assert recognise([tmp_path / "tales.txt"]) == "text"


def test_a_mixture_is_refused(tmp_path):
    """Whoever names both music and text must say which is meant, as files or as folders."""
    for name in ("music/a.mid", "music/LICENSE.txt", "text/b.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    for names in (("music", "text"), ("music/a.mid", "text/b.txt")):
        with pytest.raises(DataError, match=r"MIDI files and \.txt files; choose one with --tokenizer"):
            recognise([tmp_path / name for name in names])
