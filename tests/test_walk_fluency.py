"""The script that compares walks that read well with what stands on the path."""

from scripts.walk_fluency import main
from tests.evaluation.text.making import text_model, text_shards

SMALL = ["model.decoder_size=12", "model.embedding_size=8", "model.dropout=0.0", "train.batch_size=16"]


def test_table_has_both_ways_to_walk(tmp_path, capsys):
    """Both are of the same pairs, under the same judge, so their ends are equally likely."""
    shards = text_shards(tmp_path)
    loaded = text_model(shards, tmp_path / "vae")
    settings = [word for setting in SMALL for word in ("--set", setting)]
    counts = ["--sentences", "20", "--steps", "2", "--pairs", "3", "--size", "4"]
    main([str(loaded.folder), str(shards.folder), *counts, *settings])
    printed = capsys.readouterr().out

    plain, fluent = ([cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines()[2:4])
    assert (plain[0], fluent[0]) == ("on the path", "that read well")
    assert plain[3] == fluent[3]
    assert all(1 <= int(row[1]) <= 4 and 0 <= float(row[4]) <= float(row[5]) <= 1 for row in (plain, fluent))
    assert "3 walks of 4 steps between test sentences" in printed
