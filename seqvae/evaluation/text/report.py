"""An evaluation of sentences as a dict for programs, as tables for people with formulas beside figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from textwrap import wrap
from typing import Any, NamedTuple

from seqvae.evaluation.metrics import CORPUS_MEAN, TOGETHER, Metrics
from seqvae.evaluation.report import NONE, align
from seqvae.latent.decoding.rules import SAMPLING


class Row(NamedTuple):
    """One line of a table."""

    name: str
    title: str
    formula: str
    digits: int = 4


LIKELIHOOD = (
    Row("elbo_nats", "ELBO, nats", "E_q[log p(x|z)] - KL, a sentence", 2),
    Row("elbo_perplexity", "perplexity per word, ELBO", "exp(-sum ELBO / sum (words + 1))", 2),
    Row("elbo_bits_per_character", "bits per character, ELBO", "-sum ELBO / ln 2 / sum (characters + 1)", 3),
    Row("bound_nats", "IW bound, nats", "log mean_k p(x|z_k) p(z_k) / q(z_k|x), K samples", 2),
    Row("bound_perplexity", "perplexity per word, IW", "exp(-sum IW / sum (words + 1))", 2),
    Row("bound_bits_per_character", "bits per character, IW", "-sum IW / ln 2 / sum (characters + 1)", 3),
    Row(
        "bound_elbo_perplexity",
        "perplexity of the same, ELBO",
        "as above, of those sentences",
        2,
    ),
    Row("bound_windows", "sentences of the IW bound", "drawn at random", 0),
    Row("reconstruction_nats", "reconstruction, nats", "-log p(x|z), z ~ q(z|x), a sentence", 2),
    Row("reconstruction_nats_at_mu", "reconstruction at mu, nats", "-log p(x|mu), a sentence", 2),
)
LATENT = (
    Row("kl_nats", "KL, nats", "KL(q(z|x) || N(0, I)), a sentence", 2),
    Row("kl_bits", "KL, bits", "nats / ln 2", 2),
    Row("active_units", "active units", "variance of mu over the set >= 0.01", 0),
    Row("active_share", "active units, share", "of the latent size"),
    Row("information_nats", "I(x; z), nats", "mean_i log q(z_i|x_i) / mean_j q(z_i|x_j), N sentences", 2),
    Row("information_cap_nats", "its cap, nats", "ln N", 2),
    Row("information_windows", "N", "up to 2,000 drawn at random", 0),
)
REBUILT = (
    Row("teacher_forced.accuracy", "token accuracy, teacher-forced", "argmax ids right / ids, z ~ q(z|x)"),
    Row("free_running.accuracy", "token accuracy, greedy", "ids right at their place / ids"),
    Row("free_running.exact", "exact match", "texts equal / sentences"),
    Row("free_running.bleu", "BLEU-4", "corpus BLEU of words and marks, not smoothed, 0..1"),
    Row("teacher_forced_at_mu.accuracy", "token accuracy at mu, t.-f.", "the same, z = mu(x)"),
    Row("free_running_at_mu.accuracy", "token accuracy at mu, greedy", ""),
    Row("free_running_at_mu.exact", "exact match at mu", ""),
    Row("free_running_at_mu.bleu", "BLEU-4 at mu", ""),
)
SHORT = tuple(row._replace(name=f"short.{row.name}", formula="") for row in REBUILT)
SIZES = (
    Row("windows", "sentences", "", 0),
    Row("pieces", "templates", "", 0),
    Row("short.windows", "sentences of at most 12 pieces", "", 0),
)
GROUPS = {
    "likelihood": LIKELIHOOD,
    "latent space": LATENT,
    "reconstruction": REBUILT,
    "at most 12 pieces": (SIZES[2], *SHORT),
    "sizes": SIZES[:2],
}
SAMPLES = (
    Row("texts", "texts", "", 0),
    Row("distinct_share", "distinct", "different texts / texts"),
    Row("self_bleu", "self-BLEU-4", "BLEU-4 of each, all others its references"),
    Row("mean_words", "words", "mean"),
    Row("in_train_share", "found in train", "equal to a sentence of the train split / texts"),
    Row(
        "forward_perplexity",
        "forward perplexity",
        "exp(-sum log p / sum (words + 1)), language model",
        2,
    ),
    Row("texts_judged", "texts it could read", "", 0),
    Row(
        "reverse_perplexity",
        "reverse perplexity",
        "of the held-out text after learning from these texts alone; last column: from as many of train",
        2,
    ),
)
WALKS = (
    Row("walks", "walks", "slerp between mu of sentences of two templates, greedy, as by --no-fluent", 0),
    Row("steps", "steps", "both ends among them", 0),
    Row("median_distinct", "distinct texts, median", "different texts of a walk", 1),
    Row("mean_distinct", "distinct texts, mean", "", 2),
    Row("neighbour_distance", "distance of neighbours", "word edits / words of the longer, mean"),
    Row("largest_distance", "largest of a walk", "mean over walks"),
    Row("forward_perplexity_ends", "forward perplexity, ends", "under the language model", 2),
    Row("forward_perplexity_between", "forward perplexity, between", "", 2),
)
FORMULA = "formula"
SAMPLE_TITLES = {
    "greedy": "greedy",
    "usual": f"T = {SAMPLING.temperature:g}",
    "sampled": "T = 1",
    "held_out": "held-out text",
}
NOTES = (
    "Words are what stands between spaces, characters all there are; + 1 is the end of the line, which",
    "counts in every likelihood. Ids are pieces and the end.",
    "Together: every sentence counts alike; corpus mean: every corpus does.",
    "After ±: half a 95 % interval over templates drawn anew.",
    "z ~ q(z|x) unless 'at mu' stands there. ELBO and IW bound are bounds on log p(x): higher is better;",
    "their perplexities are upper bounds.",
    "BLEU-4 is that of Papineni et al. 2002 over the set, case counts. For a tokenizer of whole words its",
    "words are those; else an apostrophe inside belongs to its word, and other marks are words.",
)


@dataclass(frozen=True)
class TextEvaluation:
    """Metrics, and what they were measured on."""

    facts: Mapping[str, Any]  # model, split, seed, K ... as plain JSON values
    metrics: Metrics
    samples: Mapping[str, Mapping[str, float]]  # greedy, sampled, held_out; empty where none were asked for
    walks: Mapping[str, Mapping[str, float]]  # together and by corpus; empty where none were asked for

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; None stands for what could not be measured."""
        return {
            **self.facts,
            "metrics": {group: _finite(values) for group, values in self.metrics.values.items()},
            "intervals": {
                group: {name: [_json(low), _json(high)] for name, (low, high) in intervals.items()}
                for group, intervals in self.metrics.intervals.items()
            },
            "samples": {name: _finite(values) for name, values in self.samples.items()},
            "walks": {group: _finite(values) for group, values in self.walks.items()},
            "formulas": {row.name: row.formula for row in all_rows() if row.formula},
        }

    def lines(self) -> list[str]:
        """Return the facts, a table by corpus, samples, walks, and what the words mean."""
        facts = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.facts.items())
        parts = [wrap(facts, 104), _beside(corpus_rows(self.metrics))]
        if self.samples:
            parts.append(
                ["z of samples: " + str(self.facts["sample_source"]), *_beside(sample_rows(self.samples))]
            )
        if self.walks:
            parts.append(_beside(walk_rows(self.walks)))
        parts.append(wrap(" ".join(NOTES), 104))
        return [line for part in parts for line in (*part, "")][:-1]


def all_rows() -> list[Row]:
    """List the rows of all tables."""
    return [row for rows in (*GROUPS.values(), SAMPLES, WALKS) for row in rows]


def corpus_rows(metrics: Metrics) -> list[list[str]]:
    """Tabulate all metrics by corpus, in groups, with intervals; formulas in the last column."""
    corpora = [group for group in metrics.values if group not in (TOGETHER, CORPUS_MEAN)]
    groups = [TOGETHER, CORPUS_MEAN, *corpora] if len(corpora) > 1 else [TOGETHER]
    rows = [["", *(group.replace("_", " ") for group in groups), FORMULA]]
    for title, members in GROUPS.items():
        rows.append([title.upper(), *[""] * len(groups), ""])
        rows += [
            [row.title, *(corpus_cell(metrics, group, row) for group in groups), row.formula]
            for row in members
        ]
    return rows


def corpus_cell(metrics: Metrics, group: str, row: Row) -> str:
    """Write a value of a group and half its interval."""
    return format_cell(metrics.values[group].get(row.name), metrics.intervals[group].get(row.name, NONE), row)


def sample_rows(samples: Mapping[str, Mapping[str, float | None]]) -> list[list[str]]:
    """Tabulate samples beside held-out sentences; formulas in the last column."""
    present = [row for row in SAMPLES if any(row.name in values for values in samples.values())]
    return [
        ["samples", *(SAMPLE_TITLES[name] for name in samples), FORMULA],
        *[
            [
                row.title,
                *(format_figure(values.get(row.name), row) for values in samples.values()),
                row.formula,
            ]
            for row in present
        ],
    ]


def walk_rows(walks: Mapping[str, Mapping[str, float | None]]) -> list[list[str]]:
    """Tabulate what lies between sentences of any and of one corpus; formulas in the last column."""
    present = [row for row in WALKS if any(row.name in values for values in walks.values())]
    return [
        ["interpolation", *(group.replace("_", " ") for group in walks), FORMULA],
        *[
            [row.title, *(format_figure(values.get(row.name), row) for values in walks.values()), row.formula]
            for row in present
        ],
    ]


def format_cell(value: float | None, bounds: Sequence[float | None], row: Row) -> str:
    """Write a value and half its interval, where there is one."""
    low, high = bounds
    text = format_figure(value, row)
    if low is None or high is None or not isfinite(high - low):
        return text
    return f"{text} ±{format_figure((high - low) / 2, row)}"


def format_figure(value: float | None, row: Row) -> str:
    """Write a value with the digits of its row; with a power of ten where it is huge."""
    if value is None or not isfinite(value):
        return "-"
    return f"{value:.{row.digits}f}" if abs(value) < 1e6 else f"{value:.1e}"


def _beside(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align a table with the formulas behind its lines."""
    figures = align([row[:-1] for row in rows])
    return [f"{line}  {row[-1]}".rstrip() for line, row in zip(figures, rows, strict=True)]


def _finite(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _json(value) for name, value in values.items()}


def _json(value: float) -> float | None:
    return value if isfinite(value) else None
