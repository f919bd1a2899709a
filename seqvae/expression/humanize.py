"""A human feel for stiff drums, and none for human ones.

Only the hits of drums change, and of them only velocity and time; none leaves its step. `humanize` plays them
as the model of expression does, with a feel of the model's own or that of another recording. `quantize` puts
each hit on its step at the median velocity of its class. Both go `amount` of the way from what was there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeAlias

import numpy as np

from seqvae.errors import ConfigError, TokenError
from seqvae.expression.grid import Grid, Playing, perform, read_grid
from seqvae.expression.report import Feel, HumanizeReport
from seqvae.midi.notes import TICKS_PER_QUARTER, Score
from seqvae.midi.origin import Input, Origin, Record, hash_music, write_record
from seqvae.midi.read import read_original
from seqvae.midi.resample import exact_score, resample_score
from seqvae.midi.text import clean_text
from seqvae.midi.write import score_to_bytes, to_pretty_midi, write_score
from seqvae.tokens.drum_decode import classes_of
from seqvae.tokens.drum_map import NUM_CLASSES, DrumMap
from seqvae.tokens.drums import DrumTokenizer
from seqvae.tokens.found import find_in
from seqvae.tokens.melody_decode import TICKS_PER_STEP

if TYPE_CHECKING:
    import pretty_midi

Music: TypeAlias = "str | Path | bytes | BinaryIO | pretty_midi.PrettyMIDI | Score"
Player: TypeAlias = Callable[[Grid], Sequence[Playing]]
DEFAULT_MODEL = "drums-expression"
DEFAULT_TEMPERATURE = 1.0
MAX_TEMPERATURE = 10
FILE_NAME = "played.mid"  # whatever it is called: the same seed is the same bytes


@dataclass(frozen=True, eq=False)
class Humanized:
    """A song played otherwise."""

    score: Score
    report: HumanizeReport
    origin: Origin  # how it was made

    def to_bytes(self) -> bytes:
        """Return the MIDI file, which tells at its head how it was made."""
        ticks_per_quarter = self.score.ticks_per_quarter
        return score_to_bytes(self.score, ticks_per_quarter=ticks_per_quarter, record=self._record())

    def to_pretty_midi(self) -> "pretty_midi.PrettyMIDI":
        """Return the song as a PrettyMIDI object."""
        return to_pretty_midi(self.score)

    def write(self, path: str | Path, *, force: bool = False) -> None:
        """Write the MIDI file; OutputError where it is there already or cannot be written."""
        ticks_per_quarter, record = self.score.ticks_per_quarter, self._record()
        write_score(self.score, path, ticks_per_quarter=ticks_per_quarter, record=record, force=force)

    def _record(self) -> str:
        return write_record(Record(FILE_NAME, self.score.ticks_per_quarter, self.origin))


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How songs are read."""

    track: int | str | None = None  # of the drums: a number from 1, a part of a name, or the rule
    drum_map: DrumMap | None = None  # of General MIDI
    strict: bool = False  # refuse files that break the MIDI standard

    def as_dict(self) -> dict[str, Any]:
        """Return every option under its name; plain JSON values."""
        kit = None if self.drum_map is None else self.drum_map.to_dict()
        return {"track": self.track, "drum_map": kit, "strict": self.strict}


class Heard(NamedTuple):
    """A song that was read."""

    grid: Grid
    source: Input


def humanize(
    song: Music,
    *,
    model: str | Path = DEFAULT_MODEL,
    amount: float = 1.0,
    temperature: float = DEFAULT_TEMPERATURE,
    seed: int = 0,
    feel: "Music | None" = None,
    reading: Reading | None = None,
) -> Humanized:
    """Play the drums of a song as people do, with the feel of another recording if one is given.

    At temperature 0 nothing is left to chance: a middling feel, each hit as it is most likely played.
    """
    from seqvae.expression.player import ModelPlayer  # torch, which quantize does without

    if not 0 <= temperature <= MAX_TEMPERATURE:
        raise ConfigError(f"temperature is {temperature:g}; choose 0 to {MAX_TEMPERATURE}")
    reading = reading or Reading()
    example = None if feel is None else _read(feel, replace(reading, track=None))
    player = ModelPlayer(model, temperature=temperature, seed=seed, example=example and example.grid)
    settings = {"command": "humanize", "model": str(model), "temperature": temperature, "seed": seed}
    settings["feel"] = str(feel) if isinstance(feel, (str, Path)) else None if feel is None else "given"
    played = _play(song, player, amount, reading, settings)
    inputs = played.origin.inputs + ((example.source,) if example else ())
    named = {**played.origin.settings, "model": Path(model).name, "feel": example and "given"}
    return replace(
        played, origin=replace(played.origin, settings=named, inputs=inputs, model_files=player.files)
    )


def quantize(song: Music, *, amount: float = 1.0, reading: Reading | None = None) -> Humanized:
    """Put each hit of the drums on its step, at the median velocity of its class."""
    return _play(song, play_stiffly, amount, reading or Reading(), {"command": "quantize"})


def play_stiffly(grid: Grid) -> list[Playing]:
    """Put hits on their steps, those of a class at their median velocity."""
    velocities = np.concatenate([clip.velocities for clip in grid.clips])
    columns = [column[column > 0] for column in velocities.T]
    medians = np.rint([np.median(column) if len(column) else 0 for column in columns])
    return [
        Playing(np.tile(medians, (len(clip.ids), 1)), np.zeros((len(clip.ids), NUM_CLASSES)))
        for clip in grid.clips
    ]


def _play(
    song: Music, player: Player, amount: float, reading: Reading, settings: dict[str, Any]
) -> Humanized:
    if not 0 <= amount <= 1:
        raise ConfigError(f"amount is {amount:g}; choose 0 to 1")
    grid, source = _read(song, reading)
    settings |= {"amount": amount, **reading.as_dict()}
    change = perform(grid, player(grid), amount)
    after = read_grid(change.score, DrumTokenizer(reading.drum_map), reading.track)
    report = HumanizeReport(
        settings=settings,
        track=grid.reason,
        found=find_in(grid.score, [bar for clip in grid.clips for bar in clip.bars], grid.tracks),
        num_bars=sum(len(clip.bars) for clip in grid.clips),
        bars_left_alone=grid.unfit_bars,
        num_hits=len(grid.notes),
        num_moved=change.num_moved,
        num_velocities=change.num_velocities,
        num_held=change.num_held,
        notes_left_alone=dict(grid.num_left),
        before=feel_of(grid),
        after=feel_of(after),
        repairs=grid.score.repairs,
        ignored=grid.score.ignored,
    )
    origin = Origin(settings=settings, model_files={}, inputs=(source,), num_clips=1)
    return Humanized(change.score, report, origin)


def feel_of(grid: Grid) -> Feel:
    """Tell how the hits of a score are played."""
    hits = np.concatenate([classes_of(clip.ids[:, 0]) for clip in grid.clips])
    velocities = np.concatenate([clip.velocities for clip in grid.clips])[hits].astype(np.float64)
    offsets = np.concatenate([clip.offsets for clip in grid.clips])[hits] * (100 / TICKS_PER_STEP)
    if not len(velocities):
        return Feel(0.0, 0.0, 0.0, 0.0)
    return Feel(*(float(f(values)) for values in (velocities, offsets) for f in (np.mean, np.std)))


def _read(song: Music, reading: Reading) -> Heard:
    """Find the hits of a song; TokenError, beginning with its name, where there are none to play."""
    original = read_original(song, strict=reading.strict)
    score = fine_enough(original)
    try:
        grid = read_grid(score, DrumTokenizer(reading.drum_map), reading.track)
        if not grid.notes:
            raise TokenError(
                "its drums hit no class in a bar that fits 16 sixteenths; name the kit's notes in a drum map"
            )
    except TokenError as error:
        name = f"{song}: " if isinstance(song, (str, Path)) else ""
        raise TokenError(f"{name}{error}") from error
    label = clean_text(Path(song).stem) if isinstance(song, (str, Path)) else ""
    return Heard(grid, Input(label, hash_music(exact_score(original, TICKS_PER_QUARTER))))


def fine_enough(score: Score) -> Score:
    """Return a score at its own resolution, or the least multiple of it that has 480 ticks per quarter.

    It ends on a bar line.
    """
    ends = [note.end for track in score.tracks for note in track.notes]
    whole = replace(score, end_tick=max([score.end_tick, *ends]))
    times = ceil(TICKS_PER_QUARTER / score.ticks_per_quarter)
    return _to_bar_line(resample_score(whole, times * score.ticks_per_quarter))


def _to_bar_line(score: Score) -> Score:
    """Let a score end on the next bar line."""
    start, numerator, denominator = [metre for metre in score.metres if metre.tick <= score.end_tick][-1]
    length = max(1, 4 * score.ticks_per_quarter * numerator // denominator)
    return replace(score, end_tick=score.end_tick + (start - score.end_tick) % length)
