"""An evaluation as a dict for programs and as tables for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from textwrap import wrap
from typing import Any

from seqvae.evaluation.measure import GUESSES, HISTORIES
from seqvae.evaluation.metrics import CORPUS_MEAN, TOGETHER, Metrics, voices_among

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
    "presence_accuracy": "voices rightly there or absent",
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
    "normal_kl_bits": "KL to N(0, I), bits",
    "fitted_kl_bits": "KL to the fitted prior, bits",
    "fitted_elbo_nats": "ELBO with the fitted prior, nats",
    "bound_nats": "IW bound, nats",
    "bound_elbo_nats": "ELBO of the same windows",
    "bound_windows": "windows of the IW bound",
    "active_units": "active units",
    "active_share": "active units, share",
    "windows": "windows",
    "pieces": "pieces",
}
VOICE_ROWS = {  # beside CORPUS_ROWS, of each of several voices
    "teacher_forced.accuracy": "teacher-forced accuracy",
    "free_running.accuracy": "free-running accuracy",
    "majority.accuracy": "majority baseline",
    "teacher_forced.onset_f1": "teacher-forced onset F1",
    "free_running.onset_f1": "free-running onset F1",
    "majority.onset_f1": "majority onset F1",
    "free_running.bars_exact": "free-running bars exact",
}
NONE = (None, None)  # no interval
OF_FITTED = ("normal_kl_bits", "fitted_kl_bits", "fitted_elbo_nats")  # where a prior was learned or fitted
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
FITTED_NOTES = (
    "KL is that to N(0, I), of which the model was trained; the fitted prior is the distribution that samples"
    " are drawn from, fitted to train alone, and the KL to it is estimated at the z that was drawn.",
)
LEARNED_NOTES = (
    "KL is that to the prior that was learned with the model and that samples are drawn from, estimated at"
    " the z that was drawn, and so it is in ELBO and IW bound; the KL to N(0, I) stands beside it.",
)
DRUM_NOTES = (
    "Of drums an onset is a pair of step and class: of three classes hit at once each counts; the accuracy of"
    " a step asks for the whole set. Place alone: as many hits at the step, whatever the classes.",
)
TRIO_NOTES = (
    "Of several voices all figures are sums over their steps. Steps at which a voice is absent are left out"
    " of accuracies, of its own and of the total, as padding is; a note or hit written there counts against"
    " precision and F1, and 'voices rightly there or absent' tells how many steps of music agree on that.",
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
            *wrap(" ".join(notes_for(self.metrics.values[TOGETHER])), 104),
        ]


def notes_for(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the words of a report mean, as far as its metrics need it."""
    voices = voices_of(values)
    is_drums = not voices and "free_running.pitch_accuracy" not in values
    learned = LEARNED_NOTES if "normal_kl_bits" in values else ()
    fitted = FITTED_NOTES if "fitted_kl_bits" in values else ()
    return (
        NOTES
        + learned
        + fitted
        + (DRUM_NOTES if is_drums or "drums" in voices else ())
        + (TRIO_NOTES if voices else ())
    )


def voices_of(values: Mapping[str, Any]) -> list[str]:
    """List the voices that have metrics of their own, none where there is one voice."""
    return voices_among(values, "free_running.accuracy")


def rows_by_history(values: Mapping[str, float | None], together: str) -> list[list[str]]:
    """Tabulate every accuracy by history, then that of each voice; rows without figures are left out."""
    columns = (*HISTORIES, *GUESSES)
    rows = [[together, *(HISTORY_TITLES[name] for name in columns)]]
    for voice in ("", *voices_of(values)):
        for metric, title in ACCURACY_ROWS.items():
            names = [f"{voice}.{name}.{metric}" if voice else f"{name}.{metric}" for name in columns]
            cells = ["" if n not in values else format_value(values[n], metric) for n in names]
            rows += [[f"{voice}: {title}" if voice else title, *cells]] if any(cells) else []
    return rows


def titles_by_corpus(values: Mapping[str, Any]) -> dict[str, str]:
    """Name the rows of a table by corpus: metric -> title, those of each voice last."""
    own = {
        f"{voice}.{name}": f"{voice}: {title}"
        for voice in voices_of(values)
        for name, title in VOICE_ROWS.items()
    }
    own = CORPUS_ROWS | own
    return {name: title for name, title in own.items() if name in values or name not in OF_FITTED}


def align(rows: Sequence[Sequence[str]]) -> list[str]:
    """Pad the cells of a table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]


def _history_table(metrics: Metrics) -> list[str]:
    return align(rows_by_history(metrics.values[TOGETHER], "together"))


def _corpus_table(metrics: Metrics) -> list[str]:
    corpora = [group for group in metrics.values if group not in (TOGETHER, CORPUS_MEAN)]
    groups = [TOGETHER, CORPUS_MEAN, *corpora]
    rows = [["", *(group.replace("_", " ") for group in groups)]]
    for name, title in titles_by_corpus(metrics.values[TOGETHER]).items():
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
