"""The card of a model of expression."""

import json

from scripts.expression_card import main
from scripts.model_card import read_corpora
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.expression.evaluate import ExpressionEvaluation, Guess, Spread
from seqvae.tokens.drums import DrumTokenizer
from tests.dataset.drum_making import write_drums
from tests.expression.making import save_small_model

FOUND = ExpressionEvaluation(
    num_windows=7,
    num_hits=99,
    kl_per_window=3.25,
    guesses=(Guess("counts", 8.5, 20.0, 10.0), Guess("model", None, 15.0, 9.0)),
    spreads=(Spread("the recordings", 30.0, 20.0, 12.0, 9.0, 0.5),),
)


def test_card_tells_data_licence_tables_and_weaknesses(tmp_path):
    """Everything a reader must know stands in the card, and the tables are those that were measured."""
    for seed in range(2):
        write_drums(tmp_path / "gmd" / f"{seed}.mid", seed)
    settings = PrepareSettings(tokenizer=DrumTokenizer(), valid_share=0.5, test_share=0.0)
    prepare_corpus([tmp_path / "gmd"], tmp_path / "shards", settings)
    folder = save_small_model(tmp_path / "toy")
    (tmp_path / "found.json").write_text(json.dumps(FOUND.as_dict()))
    (tmp_path / "weak.md").write_text("- It rushes.\n")
    paths = [str(path) for path in (folder, tmp_path / "found.json", tmp_path / "shards")]
    main([*paths, "--weaknesses-file", str(tmp_path / "weak.md")])
    card = (folder / "README.md").read_text(encoding="utf-8")

    for part in (*read_corpora()["gmd"], "# toy", "- It rushes.", "KL 3.2 nats a window", *FOUND.lines()):
        assert part in card
