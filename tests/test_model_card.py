"""The script that writes model cards."""

import json

import pytest

from scripts import model_card
from scripts.model_card import main, read_corpora
from seqvae.dataset.prepare import prepare_corpus
from seqvae.dataset.settings import PrepareSettings
from seqvae.evaluation.evaluate import evaluate_model
from seqvae.evaluation.measure import MeasureSettings
from seqvae.evaluation.metrics import compute_metrics
from seqvae.evaluation.report import Evaluation
from seqvae.evaluation.text.evaluate import TextSettings
from tests.dataset.making import write_corpus
from tests.evaluation.test_metrics import CORPORA, measured
from tests.evaluation.text.making import text_model, text_shards

FACTS = {
    "parameters": 1234567,
    "latent_size": 64,
    "bars": 2,
    "split": "test",
    "windows": 60,
    "windows_in_split": 60,
    "seed": 0,
    "bound_samples": 50,
}


@pytest.fixture
def written(tmp_path) -> list[str]:
    """Lay out what the script reads, and return its arguments."""
    prepare_corpus([write_corpus(tmp_path / "folk", num_tunes=2)], tmp_path / "shards", PrepareSettings())
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "config.json").write_text(json.dumps({"notes": {"seed": 7}}))
    evaluation = Evaluation(FACTS, compute_metrics(measured(), CORPORA, seed=0))
    (tmp_path / "evaluation.json").write_text(json.dumps(evaluation.to_dict()))
    (tmp_path / "weak.md").write_text("It cannot swing.\n")
    paths = [str(tmp_path / name) for name in ("toy", "evaluation.json", "shards")]
    return [*paths, "--budget", "a coffee", "--weaknesses-file", str(tmp_path / "weak.md")]


def test_card_tells_data_budget_metrics_and_weaknesses(written, tmp_path):
    """Everything a reader must know stands in the card, licences first."""
    main(written)
    card = (tmp_path / "toy" / "README.md").read_text(encoding="utf-8")
    licence = read_corpora()["folk"][1]

    for part in ("# toy", "1,234,567", licence, "Budget: a coffee", '"seed": 7', "It cannot swing."):
        assert part in card
    assert all(f"`{name}`" in card for name in ("sampled.accuracy_with_padding", "elbo_nats_per_step"))
    assert "    seqvae evaluate toy SHARDS --split test --seed 0" in card


def test_card_tells_what_refining_gives(written, tmp_path):
    """A second evaluation has a section of its own, with how to repeat it; without one there is none."""
    facts = FACTS | {"refine_steps": 40, "refine_beta": 0.2, "windows": 31}
    refined = Evaluation(facts, compute_metrics(measured(), CORPORA, seed=0))
    (tmp_path / "refined.json").write_text(json.dumps(refined.to_dict()))
    main(written)
    plain = (tmp_path / "toy" / "README.md").read_text(encoding="utf-8")
    main([*written, "--refined", str(tmp_path / "refined.json")])
    card = (tmp_path / "toy" / "README.md").read_text(encoding="utf-8")
    section = card.split("## Refined")[1].split("\n## ")[0]

    assert "## Refined" not in plain
    assert "--limit 31 --seed 0 --samples 0 --refine 40 --refine-beta 0.2" in section
    assert "31 windows of the test split, each with a posterior that took 40 gradient steps" in section
    assert "+ 0.2 KL:" in section
    (tmp_path / "refined.json").write_text(json.dumps(refined.to_dict() | {"refine_prior": "fitted"}))
    main([*written, "--refined", str(tmp_path / "refined.json")])
    fitted = (tmp_path / "toy" / "README.md").read_text(encoding="utf-8")
    assert "--refine 40 --refine-beta 0.2 --refine-prior fitted" in fitted
    assert "+ 0.2 KL to the fitted prior:" in fitted
    for row in ("teacher-forced accuracy", "free-running onset F1", "KL, bits", "ELBO, nats"):
        assert f"| {row} |" in section
    assert "IW bound" not in section


def test_card_tells_of_how_many_windows_the_bound_is(written, tmp_path):
    """Fewer than usual are asked for in the command that prints the card's figures again."""
    evaluation = json.loads((tmp_path / "evaluation.json").read_text())
    evaluation["metrics"]["together"]["bound_windows"] = 7.0
    (tmp_path / "evaluation.json").write_text(json.dumps(evaluation))
    main(written)

    card = (tmp_path / "toy" / "README.md").read_text(encoding="utf-8")
    assert "--split test --bound-windows 7 --seed 0" in card


def test_corpus_without_a_licence_is_refused(written, monkeypatch):
    """No card is written for data whose licence nobody noted."""
    monkeypatch.setattr(model_card, "read_corpora", dict)

    with pytest.raises(SystemExit, match="no licence for corpus folk; add it to data/README"):
        main(written)


def test_every_corpus_of_the_table_has_a_licence():
    """The table of data/README.md is read whole."""
    corpora = read_corpora()

    assert {"folk", "openewld", "lieder", "free_multitrack"} <= set(corpora)
    assert all(what and licence for what, licence in corpora.values())


@pytest.fixture
def text_written(tmp_path) -> list[str]:
    """Lay out the same for a model of sentences."""
    shards = text_shards(tmp_path)
    loaded = text_model(shards, tmp_path / "words")
    settings = MeasureSettings(bound_samples=2, bound_windows=4)
    text = TextSettings(num_samples=6, num_pairs=2)
    evaluation = evaluate_model(loaded, shards, settings, text=text, limit=30)
    (tmp_path / "evaluation.json").write_text(json.dumps(evaluation.to_dict()))
    paths = [str(tmp_path / name) for name in ("words", "evaluation.json", "shards")]
    return [*paths, "--budget", "a tea", "--weaknesses", "It repeats itself."]


def test_text_card_shows_formulas_and_what_nobody_chose(text_written, tmp_path, monkeypatch):
    """Figures with formulas, twenty samples and reconstructions, walks, licences, weaknesses; no base64."""
    licences = {"tales": ("Tales", "CC BY 2.0; attribution: example.org"), "birds": ("Birds", "CC0")}
    monkeypatch.setattr(model_card, "read_corpora", lambda: licences)
    main(text_written)
    card = (tmp_path / "words" / "README.md").read_text(encoding="utf-8")
    sections = {part.splitlines()[0]: part for part in card.split("\n## ")}

    for part in ("# words", "CC BY 2.0; attribution: example.org", "Budget: a tea", "It repeats itself."):
        assert part in card
    assert "exp(-sum IW / sum (words + 1))" in sections["Measured"]
    assert sections["Samples"].count("\n- ") == 20
    assert sections["Reconstructions"].count("\n| ") == 22  # with the head
    assert "Drawn by seed 0, not chosen" in sections["Interpolations"]
    assert '"tokenizer": "\'text\' (' in sections["Training"]
    command = "    seqvae evaluate words SHARDS --split test --limit 30 --bound-windows 4 --seed 0"
    assert command in sections["Held out"]
    assert len(card) < 40_000


def test_text_card_is_the_same_again(text_written, tmp_path, monkeypatch):
    """The seed of the evaluation decides."""
    monkeypatch.setattr(model_card, "read_corpora", lambda: dict.fromkeys(("tales", "birds"), ("x", "CC0")))
    cards = []
    for _ in range(2):
        main(text_written)
        cards.append((tmp_path / "words" / "README.md").read_bytes())

    assert cards[0] == cards[1]


def test_corpora_of_text_have_their_attribution():
    """Tatoeba's licence asks to be attributed."""
    corpora = read_corpora()

    assert corpora["common_voice_en"][1] == "CC0"
    assert "CC BY 2.0" in corpora["tatoeba_en"][1]
    assert "tatoeba.org" in corpora["tatoeba_en"][1]
