"""What a model is, and what a model would find in a MIDI file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqvae.config import ModelConfig
from seqvae.errors import TokenError
from seqvae.latent.inputs import Song, take_piece
from seqvae.latent.report import InputReport, align
from seqvae.latent.songs.bars import WHOLE
from seqvae.midi.counts import count_of, plain
from seqvae.midi.notes import Score, Track
from seqvae.midi.quantize import bars_of
from seqvae.tokens.melody import MelodyTokenizer
from seqvae.tokens.trio import TrioTokenizer

if TYPE_CHECKING:
    from seqvae.latent.fitted import LatentDensity

CARD_NAME = "README.md"


@dataclass(frozen=True, kw_only=True)
class Description:
    """Facts under their names, and texts that follow them."""

    facts: Mapping[str, Any]  # plain JSON values
    texts: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)  # what programs get beside or in place of facts

    def lines(self) -> list[str]:
        """Say it for people: one fact a line, names in a column."""
        return [*align([[name, value] for name, value in _flat(self.facts)]), *self.texts]

    def as_dict(self) -> dict[str, Any]:
        """Return facts and details, numbers as numbers."""
        return {**self.facts, **self.details}


def is_music(name_or_path: str) -> bool:
    """Tell a MIDI file or a pipe, there or not, from the name or the folder of a model."""
    path = Path(name_or_path)
    return (path.exists() and not path.is_dir()) or path.suffix.lower() in {".mid", ".midi"}


def describe_song(song: Song, bars: str = WHOLE, fit: InputReport | None = None) -> Description:
    """Describe some bars of a song, and how well a model knows them."""
    piece = take_piece(song, bars)
    found = describe_score(piece.score, song.name or "-")
    texts = (*piece.taken.lines(), *found.texts, *(("", *fit.lines()) if fit else ()))
    details = {**found.details, "bars_taken": piece.taken.as_dict()} | ({"fit": fit.as_dict()} if fit else {})
    return replace(found, texts=texts, details=details)


def describe_score(score: Score, name: str) -> Description:
    """Describe music: time, tracks, what a model would take of them and what it would lose."""
    bars = bars_of(score)
    metres = [f"{bar.metre.numerator}/{bar.metre.denominator}" for bar in bars]
    runs = [(metre, len(list(run))) for metre, run in groupby(metres)]
    facts: dict[str, Any] = {
        "file": name,
        "bars": len(bars),
        "metres": ", ".join(f"{metre} for {count}" for metre, count in runs) or "none",
        "quarters per minute": _tempi(score),
    }
    facts |= {f"track {number}": _track(track) for number, track in enumerate(score.tracks, 1)}
    facts |= {f"mended, {reason}": count for reason, count in score.repairs.items()}
    facts |= {f"ignored, {kind}": count for kind, count in score.ignored.items()}
    melody, texts = _what_fits(score)
    others, more_texts = _beside_the_melody(score)
    details = {
        "metres": [{"metre": metre, "bars": count} for metre, count in runs],
        "quarters per minute": [
            {"tick": tempo.tick, "tempo": 60e6 / tempo.microseconds_per_quarter} for tempo in score.tempi
        ],
        **{f"track {number}": _track_numbers(track) for number, track in enumerate(score.tracks, 1)},
        "melody": melody,
        **others,
    }
    return Description(facts=facts, texts=texts + more_texts, details=details)


def describe_model(name_or_path: str) -> Description:
    """Describe a model: its shape, what training noted, its card."""
    from seqvae.expression.storage import is_expression
    from seqvae.latent.fitted import fitted_to
    from seqvae.pretrained import load_pretrained, model_folder

    if is_expression(model_folder(name_or_path)):
        return _describe_expression(name_or_path)
    loaded = load_pretrained(name_or_path)
    config = loaded.config
    fitted = fitted_to(loaded)
    facts: dict[str, Any] = {
        "model": name_or_path,
        "ids": loaded.tokenizer.name,
        "window": _window(config),
        "parameters": f"{loaded.model.num_parameters:,}",
        "latent dimensions": config.latent_size,
        "decoder": config.decoder,
        "samples come from": _source_of_samples(config, fitted),
        **_beyond_the_shape(loaded.notes),
    }
    details = {"parameters": loaded.model.num_parameters}
    return Description(facts=facts, texts=_card(loaded.folder), details=details)


def _describe_expression(name_or_path: str) -> Description:
    from seqvae.expression.storage import load_expression

    loaded = load_expression(name_or_path)
    facts: dict[str, Any] = {
        "model": name_or_path,
        "ids": "drums, with velocity and timing",
        "window": "any number of bars of 16 steps",
        "parameters": f"{loaded.model.num_parameters:,}",
        "latent dimensions": loaded.model.config.feel_size,
        **loaded.notes,
    }
    details = {"parameters": loaded.model.num_parameters}
    return Description(facts=facts, texts=_card(loaded.folder), details=details)


def _card(folder: Path) -> tuple[str, ...]:
    card = folder / CARD_NAME
    return ("", card.read_text("utf-8", errors="replace")) if card.is_file() else ()


def _window(config: ModelConfig) -> str:
    if config.end_id < 0:
        return f"{count_of(config.bars, 'bars')} of {config.steps_per_bar} steps"
    sentence = f"a sentence of up to {config.steps_per_bar} ids of {config.vocab_size:,}, with its end"
    return sentence if config.bars == 1 else f"{config.bars} times {sentence}"


def _source_of_samples(config: ModelConfig, fitted: "LatentDensity | None") -> str:
    """Say where `sample` draws from unless it is told otherwise."""
    if config.end_id >= 0 and config.latent_dropout:
        return "sentences drafted without z"
    if fitted is None:
        return "N(0, I)"
    weights = getattr(fitted, "weights", None)  # of a mixture
    return "a learned prior" if weights is None else count_of(len(weights), "fitted Gaussians")


def _beyond_the_shape(notes: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what training notes of the model's sizes: a page of numbers that config.json holds too."""
    preset = notes.get("preset")
    if not isinstance(preset, Mapping):
        return dict(notes)
    return dict(notes) | {"preset": {name: part for name, part in preset.items() if name != "model"}}


def _what_fits(score: Score) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Say what the melody tokenizer takes, or why it takes nothing: for programs, and in words."""
    tokenizer = MelodyTokenizer()
    try:
        report = tokenizer.encode(score).report
    except TokenError as error:
        skipped = tokenizer.skipped_bars(score)
        bars = [f"does not fit: {count} of the bars, in {metre}" for metre, count in skipped.items()]
        return {"error": str(error), "skipped_bars": skipped}, (f"cannot be taken as it is: {error}", *bars)
    return report.as_dict(), tuple(report.lines())


def _beside_the_melody(score: Score) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Say which bass and drums a model of them would take, where there are some."""
    try:
        report = TrioTokenizer().encode(score).report
    except TokenError:
        return {}, ()
    lines = report.bass.lines_of("bass", kept_of_chord="lowest") if report.bass else []
    lines += report.drums.lines() if report.drums else []
    there = {"bass": report.bass, "drums": report.drums}
    return {voice: told.as_dict() for voice, told in there.items() if told}, tuple(lines)


def _tempi(score: Score) -> str:
    tempi = [60e6 / tempo.microseconds_per_quarter for tempo in score.tempi]
    if len(tempi) == 1:
        return plain(tempi[0])
    span = f"{plain(min(tempi))}..{plain(max(tempi))}"
    return f"{plain(tempi[0])}, {count_of(len(tempi) - 1, 'changes')} in {span}"


def _track(track: Track) -> str:
    pitches = [note.pitch for note in track.notes]
    kind = "drums" if track.is_drum else f"program {track.program}"
    name = f'"{track.name}"' if track.name else "without a name"
    span = f", pitches {min(pitches)} to {max(pitches)}" if pitches else ""
    return f"{name}, {kind}, {count_of(len(pitches), 'notes')}{span}"


def _track_numbers(track: Track) -> dict[str, Any]:
    pitches = [note.pitch for note in track.notes]
    numbers = {"name": track.name, "program": track.program, "is_drum": track.is_drum}
    extremes = [min(pitches), max(pitches)] if pitches else None
    return numbers | {"num_notes": len(pitches), "pitches": extremes}


def _flat(facts: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Turn nested facts into rows; an inner name follows its outer one."""
    rows: list[tuple[str, str]] = []
    for name, value in facts.items():
        rows += (
            _flat(value, f"{prefix}{name} ")
            if isinstance(value, Mapping)
            else [(prefix + name, _word(value))]
        )
    return rows


def _word(value: Any) -> str:
    if isinstance(value, float):
        return plain(value)
    return ", ".join(map(_word, value)) if isinstance(value, (list, tuple)) else str(value)
