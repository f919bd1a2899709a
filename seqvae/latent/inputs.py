"""Music in any form to a clip that the model can take, and the user's own notes kept for the ends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeAlias

from seqvae.errors import ConfigError, TokenError
from seqvae.export.arrangement import only_changes
from seqvae.latent.windows import Fit, fit_clip, repetitions
from seqvae.midi.notes import TICKS_PER_QUARTER, Note, Score, Tempo, Track
from seqvae.midi.quantize import Bar, metres_of
from seqvae.midi.read import read_original
from seqvae.midi.resample import num_rounded, resample_score
from seqvae.midi.text import clean_text
from seqvae.tokens.melody import MelodyClip, MelodyTokenizer
from seqvae.tokens.melody_decode import TICKS_PER_STEP

if TYPE_CHECKING:
    import pretty_midi


class Song(NamedTuple):
    """Music that has been read: a pipe gives its bytes only once."""

    name: str  # as the user wrote it, empty for music in memory
    label: str  # file name without ending, empty where there is none to speak of
    score: Score  # at 480 ticks per quarter
    num_rounded: tuple[int, ...]  # notes of each track that lay between those ticks


Music: TypeAlias = "str | Path | bytes | BinaryIO | pretty_midi.PrettyMIDI | Score | Song"
TrackWish: TypeAlias = int | str | None  # a number from 1, a part of a name, or the rule of the tokenizer


@dataclass(frozen=True, slots=True, eq=False)
class SourceClip:
    """One input: the music as it came, and its melody on the grid."""

    label: str  # file name without ending, or name of the track
    score: Score
    track_index: int
    clip: MelodyClip
    num_rounded: int  # own notes that lay between the ticks of the score

    @property
    def track_name(self) -> str:
        """The name for its notes in a DAW."""
        return self.clip.track_name or self.label


def read_song(source: Music) -> Song:
    """Read music from wherever it is; what has been read stays as it is. MidiError as `read_score`."""
    if isinstance(source, Song):
        return source
    original = read_original(source)
    score = resample_score(original, TICKS_PER_QUARTER)
    ticks = {"source": original.ticks_per_quarter, "target": TICKS_PER_QUARTER}
    rounded = tuple(num_rounded(track.notes, **ticks) for track in original.tracks)
    if not isinstance(source, (str, Path)):
        return Song("", "", score, rounded)
    path = Path(source)  # the name of a pipe, /dev/fd/63, tells nothing
    return Song(str(source), clean_text(path.stem) if path.is_file() else "", score, rounded)


def read_inputs(
    sources: Sequence[Music], tokenizer: MelodyTokenizer, tracks: Sequence[TrackWish] = ()
) -> list[SourceClip]:
    """Read each input; `tracks` holds no wish, one for all, or one for each."""
    if len(tracks) not in {0, 1, len(sources)}:
        raise ConfigError(f"{len(tracks)} tracks named for {len(sources)} inputs; name one, or one for each")
    wishes = tracks if len(tracks) == len(sources) else [*tracks, None][:1] * len(sources)
    pairs = zip(sources, wishes, strict=True)
    return [read_input(source, tokenizer, wish, number) for number, (source, wish) in enumerate(pairs, 1)]


def read_input(
    source: Music, tokenizer: MelodyTokenizer, track: TrackWish = None, number: int = 1
) -> SourceClip:
    """Read one input; TokenError, beginning with its name, where its melody does not fit the grid."""
    name, label, score, rounded = read_song(source)
    try:
        index = tokenizer.choose_track(score, track).track_index
        clip = tokenizer.encode(score, track=track)
    except TokenError as error:
        raise TokenError(f"{name or f'input {number}'}: {error}") from error
    return SourceClip(label or clip.track_name or f"input {number}", score, index, clip, rounded[index])


def own_score(source: SourceClip, fit: Fit) -> tuple[Score, int]:
    """Return the user's own notes of the chosen track, untouched, at the length of a walk.

    Chords and timing are as they came. The number is that of notes cut at a bar line: where a repetition
    breaks off, or a note sounds on past the last bar.
    """
    bars, walk = source.clip.bars, fit_clip(source.clip, fit, fit.path_bars).bars
    own = source.score.tracks[source.track_index]
    notes: list[Note] = []
    tempi: list[Tempo] = []
    num_cut = 0
    for first_bar, num_bars in repetitions(fit):
        limit, start = _end_of(bars[num_bars - 1]), walk[first_bar].start_tick
        played = [note for note in own.notes if note.start < limit]
        num_cut += sum(note.end > limit for note in played)
        notes += [n._replace(start=n.start + start, end=min(n.end, limit) + start) for n in played]
        tempi += [t._replace(tick=t.tick + start) for t in source.score.tempi if t.tick < limit]
    track = Track(tuple(notes), name=source.track_name, program=own.program)
    return Score(
        (track,), tempi=only_changes(tempi), metres=metres_of(walk), end_tick=_end_of(walk[-1])
    ), num_cut


def renamed(score: Score, name: str) -> Score:
    """Return a score whose tracks bear this name."""
    return replace(score, tracks=tuple(replace(track, name=name) for track in score.tracks))


def _end_of(bar: Bar) -> int:
    return bar.start_tick + bar.num_steps * TICKS_PER_STEP
