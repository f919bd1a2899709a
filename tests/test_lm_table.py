"""The script that compares language model, VAE and autoencoder."""

import pytest

from scripts.lm_table import main, number, scaled
from seqvae.presets import preset
from tests.dataset.text.making import lines, write_text

SMALL = ["model.decoder_size=16", "model.embedding_size=8", "model.encoder_size=8", "train.batch_size=16"]


@pytest.fixture
def treebank(tmp_path):
    """Write a tiny corpus in the layout of the Penn Treebank."""
    words = [line.replace(".", "").replace("nothing", "<unk>") for line in lines()]
    folder = tmp_path / "ptb"
    for split, part in (("train", words[:150]), ("valid", words[150:170]), ("test", words[170:])):
        write_text(folder / f"ptb.{split}.txt", [f" {line} " for line in part])
    return folder


def call(treebank, tmp_path, *options: str) -> None:
    """Run the script with small models for a few steps."""
    settings = [word for setting in SMALL for word in ("--set", setting)]
    main([str(treebank), str(tmp_path / "work"), "--steps", "4", "--samples", "3", *settings, *options])


def test_table_has_a_row_per_model_word_by_word(treebank, tmp_path, capsys):
    """Models are trained alike and measured by the word; a second call reads what the first wrote."""
    call(treebank, tmp_path, "--presets", "language-model", "lm")
    printed = capsys.readouterr().out
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines()[2:4]]

    assert [row[0] for row in rows] == ["language-model", "lm"]
    assert rows[0][3] == "1.000"
    assert rows[0][rows_title(printed, "KL nats")] == "0.00"
    assert rows[1][rows_title(printed, "active units")].endswith("of 32")
    assert "over 40 of 40 test sentences, IW with 3 samples" in printed
    assert "Published for the Penn Treebank" in printed
    call(treebank, tmp_path, "--presets", "language-model", "lm")
    assert capsys.readouterr().out == printed
    with pytest.raises(SystemExit, match=r"language-model\.json: samples was 3, now it is 5; choose another"):
        call(treebank, tmp_path, "--presets", "language-model", "lm", "--samples", "5")


def rows_title(printed: str, title: str) -> int:
    """Find the column of a title."""
    return [cell.strip() for cell in printed.splitlines()[0].split("|")[1:-1]].index(title)


def test_folder_without_text_ends_in_one_line(tmp_path):
    """What is no corpus is told as by the command line."""
    with pytest.raises(SystemExit, match=r"Error: .*nowhere: no such file or folder"):
        main([str(tmp_path / "nowhere"), str(tmp_path / "work")])


def test_schedules_keep_their_place_in_a_shorter_run():
    """A tenth of the steps: phases, ramp and reset of the decoder come at a tenth, never before step 1."""
    (first, short_first), (full, short) = (
        (preset(name), scaled(preset(name), preset(name).train.num_steps // 10))
        for name in ("lm", "lm-reset")
    )

    assert short_first.train.language_model_steps == first.train.language_model_steps // 10
    assert short.objective.beta_ramp_steps == full.objective.beta_ramp_steps // 10
    assert short.train.reset_decoder_step == full.train.reset_decoder_step // 10
    assert scaled(full, 3).train.reset_decoder_step == 1
    assert scaled(full, full.train.num_steps) == full


@pytest.mark.parametrize(("value", "text"), [(None, "-"), (99.5, "99.50"), (1e9, "1.0e+09")])
def test_huge_and_missing_figures(value, text):
    """The perplexity of an autoencoder needs a power of ten."""
    assert number(value, "{:.2f}") == text


def test_table_of_another_text_is_refused(treebank, tmp_path):
    """A folder of work belongs to one text."""
    call(treebank, tmp_path, "--presets", "language-model")
    (treebank / "ptb.test.txt").write_text("another text\n")

    with pytest.raises(SystemExit, match="holds the table of another text; choose another folder"):
        call(treebank, tmp_path, "--presets", "language-model")
