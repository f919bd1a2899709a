"""Which files clips become: MIDI, stems, a DAWproject, sound, a picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Literal, get_args

from seqvae.errors import ConfigError
from seqvae.export.arrangement import arrange
from seqvae.export.audio import find_player, wav_bytes
from seqvae.export.dawproject import dawproject_bytes
from seqvae.export.picture import picture_bytes
from seqvae.export.stems import split_stems
from seqvae.midi.notes import TICKS_PER_QUARTER, Score
from seqvae.midi.quantize import STEPS_PER_QUARTER, Bar, bars_of, metre_of_steps
from seqvae.midi.write import HIGHEST_RESOLUTION, LOWEST_RESOLUTION, score_to_bytes

Format = Literal["mid", "dawproject", "wav", "png"]
FORMATS: tuple[Format, ...] = get_args(Format)
ARRANGEMENT = "arrangement"


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """What to write of clips."""

    formats: tuple[Format, ...] = ("mid",)  # mid: each clip and all in a row; the others: all in one file
    stems: bool = False  # beside them a MIDI file per instrument of all in a row
    ticks_per_quarter: int = TICKS_PER_QUARTER

    def __post_init__(self) -> None:
        """Check the names of the formats."""
        unknown = [name for name in self.formats if name not in FORMATS]
        if unknown or not self.formats:
            raise ConfigError(f"unknown format {''.join(unknown[:1])!r}; choose from {', '.join(FORMATS)}")


def check_export(options: ExportOptions) -> None:
    """Raise OutputError where a format needs a program that is not installed."""
    if "wav" in options.formats:
        find_player()


def check_bar_lines(scores: Sequence[Score], ticks_per_quarter: int) -> None:
    """Raise ConfigError where a bar of a score is no whole number of ticks."""
    quarters = {bar: _quarters(bar) for score in scores for bar in bars_of(score)}
    divisor = lcm(*(length.denominator for length in quarters.values()))
    if ticks_per_quarter % divisor == 0:
        return
    bar = next(bar for bar, length in quarters.items() if ticks_per_quarter % length.denominator)
    below = ticks_per_quarter // divisor * divisor
    fits = [ppq for ppq in (below, below + divisor) if LOWEST_RESOLUTION <= ppq <= HIGHEST_RESOLUTION]
    metre = metre_of_steps(bar.num_steps) if bar.is_cut_short else bar.metre
    raise ConfigError(
        f"{ticks_per_quarter} ticks per quarter put a bar line of {metre.numerator}/{metre.denominator}"
        f" between ticks; choose a multiple of {divisor}, such as {' or '.join(map(str, fits))}"
    )


def _quarters(bar: Bar) -> Fraction:
    """Return the length of a bar in quarter notes."""
    full = Fraction(4 * bar.metre.numerator, bar.metre.denominator)
    return Fraction(bar.num_steps, STEPS_PER_QUARTER) if bar.is_cut_short else full


def file_names(names: Sequence[str], options: ExportOptions) -> list[str]:
    """Return the files that clips of these names become, but for stems, whose names depend on the music."""
    clips = [f"{name}.mid" for name in names] if "mid" in options.formats else []
    return [*clips, *(f"{ARRANGEMENT}.{ending}" for ending in FORMATS if ending in options.formats)]


def no_record(_: str) -> str:
    """Leave a file without the text that tells how it was made."""
    return ""


def export_files(
    scores: Sequence[Score],
    names: Sequence[str],
    labels: Sequence[str],
    options: ExportOptions,
    *,
    record_of: Callable[[str], str] = no_record,
) -> dict[str, bytes]:
    """Return file names and contents; OutputError and MidiError as the writers of each format.

    ConfigError where a bar of a MIDI file would be no whole number of ticks.
    `record_of` gives each MIDI file, by its name, the text at its head.
    """

    def midi(name: str, score: Score) -> bytes:
        return score_to_bytes(
            score, ticks_per_quarter=options.ticks_per_quarter, record=record_of(f"{name}.mid")
        )

    if "mid" in options.formats or options.stems:
        check_bar_lines(scores, options.ticks_per_quarter)
    whole = arrange(scores, labels)
    files: dict[str, bytes] = {}
    if "mid" in options.formats:
        every = zip((*names, ARRANGEMENT), (*scores, whole), strict=True)
        files |= {f"{name}.mid": midi(name, score) for name, score in every}
    if options.stems:
        files |= {f"{name}.mid": midi(name, score) for name, score in split_stems(whole).items()}
    if "dawproject" in options.formats:
        files[f"{ARRANGEMENT}.dawproject"] = dawproject_bytes(scores, labels)
    if "wav" in options.formats:
        files[f"{ARRANGEMENT}.wav"] = wav_bytes(whole)
    if "png" in options.formats:
        files[f"{ARRANGEMENT}.png"] = picture_bytes(scores, labels)
    return files
