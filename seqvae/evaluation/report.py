"""An evaluation as a dict for programs and as tables for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from textwrap import wrap
from typing import Any

from seqvae.evaluation.measure import GUESSES, HISTORIES
from seqvae.evaluation.metrics import CORPUS_MEAN, TOGETHER, Metrics

HISTORY_TITLES = {
    "teacher_forced": "teacher-forced",
    "free_running": "free-running",
    "sampled": "sampled T=1",
    "teacher_forced_at_mu": "t.-f. at mu",
    "free_running_at_mu": "f.-r. at mu",
    "majority": "majority",
    "constant": "constant",
}
ACCURACY_ROWS = {
    "accuracy": "accuracy, padding left out",
    "accuracy_with_padding": "accuracy including padding",
    "onset_precision": "onset precision",
    "onset_recall": "onset recall",
    "onset_f1": "onset F1",
    "onset_place_f1": "onset F1, place alone",
    "pitch_accuracy": "pitch, where an onset is placed right",
    "pitch_when_due": "pitch, told that an onset is due",
    "bars_exact": "bars exact",
    "windows_exact": "windows exact",
    "metre_accuracy": "bars in the right metre",
}
CORPUS_ROWS = {
    "teacher_forced.accuracy": "teacher-forced accuracy",
    "free_running.accuracy": "free-running accuracy",
    "gap": "gap between the two",
    "sampled.accuracy": "sampled accuracy",
    "majority.accuracy": "majority baseline",
    "teacher_forced.onset_f1": "teacher-forced onset F1",
    "free_running.onset_f1": "free-running onset F1",
    "teacher_forced.bars_exact": "teacher-forced bars exact",
    "free_running.bars_exact": "free-running bars exact",
    "kl_bits": "KL, bits",
    "reconstruction_nats": "reconstruction, nats",
    "elbo_nats": "ELBO, nats",
    "elbo_bits": "ELBO, bits",
    "elbo_bits_per_step": "ELBO, bits a step",
    "bound_nats": "IW bound, nats",
    "bound_elbo_nats": "ELBO of the same windows",
    "bound_windows": "windows of the IW bound",
    "active_units": "active units",
    "active_share": "active units, share",
    "windows": "windows",
    "pieces": "pieces",
}
NONE = (None, None)  # no interval
WHOLE_NUMBERS = {"active_units", "windows", "pieces", "bound_windows"}
NOTES = (
    "z is drawn from the posterior; 'at mu' takes its mean.",
    "The ids before a step are the true ones (teacher-forced), the model's best ones (free-running) or ones"
    " it drew (sampled T=1).",
    "No accuracy counts a step whose target is padding; bars and windows are exact padding included.",
    "An onset is right at the right step with the right pitch.",
    "Majority: the most frequent id of the train split at each step of the window, by length of the bar;"
    " constant: the most frequent id of all; both know where bars end.",
    "Together: every step of every window counts alike; corpus mean: every corpus does.",
    "After ±: half a 95 % interval over pieces drawn anew.",
    "ELBO and IW bound are log-likelihoods: higher is better; a step is one that is not padding.",
)


@dataclass(frozen=True)
class Evaluation:
    """Metrics, and what they were measured on."""

    facts: Mapping[str, Any]  # model, shards, split, seed ... as plain JSON values
    metrics: Metrics

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; None stands for what could not be measured."""
        return {
            **self.facts,
            "metrics": {
                group: {name: _json(value) for name, value in values.items()}
                for group, values in self.metrics.values.items()
            },
            "intervals": {
                group: {name: [_json(low), _json(high)] for name, (low, high) in intervals.items()}
                for group, intervals in self.metrics.intervals.items()
            },
        }

    def lines(self) -> list[str]:
        """Return the facts, a table by history, a table by corpus, and what the words mean."""
        facts = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.facts.items())
        return [
            facts,
            "",
            *_history_table(self.metrics),
            "",
            *_corpus_table(self.metrics),
            "",
            *wrap(" ".join(NOTES), 104),
        ]


def align(rows: Sequence[Sequence[str]]) -> list[str]:
    """Pad the cells of a table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]


def _history_table(metrics: Metrics) -> list[str]:
    values = metrics.values[TOGETHER]
    columns = (*HISTORIES, *GUESSES)
    rows = [["together", *(HISTORY_TITLES[name] for name in columns)]]
    for metric, title in ACCURACY_ROWS.items():
        cells = [values.get(f"{name}.{metric}") for name in columns]
        rows.append([title, *("" if value is None else format_value(value, metric) for value in cells)])
    return align(rows)


def _corpus_table(metrics: Metrics) -> list[str]:
    corpora = [group for group in metrics.values if group not in (TOGETHER, CORPUS_MEAN)]
    groups = [TOGETHER, CORPUS_MEAN, *corpora]
    rows = [["", *(group.replace("_", " ") for group in groups)]]
    for name, title in CORPUS_ROWS.items():
        cells = [
            (metrics.values[group].get(name), metrics.intervals[group].get(name, NONE)) for group in groups
        ]
        rows.append([title, *(format_interval(value, bounds, name) for value, bounds in cells)])
    return align(rows)


def format_interval(value: float | None, bounds: Sequence[float | None], name: str) -> str:
    """Write a metric and half its interval, where there is one."""
    low, high = bounds
    text = format_value(value, name)
    if low is None or high is None or not isfinite(high - low):
        return text
    return f"{text} ±{format_value((high - low) / 2, name)}"


def format_value(value: float | None, name: str) -> str:
    """Write a metric with the digits that suit its name."""
    if value is None or not isfinite(value):
        return "-"
    if name in WHOLE_NUMBERS:
        return f"{value:.0f}" if value == round(value) else f"{value:.1f}"
    if "_nats" in name or "_bits" in name:
        return f"{value:.3f}" if name.endswith("_per_step") else f"{value:.2f}"
    return f"{value:.4f}"


def _json(value: float) -> float | None:
    return value if isfinite(value) else None
