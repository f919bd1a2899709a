"""Music in any form to a clip that the model can take, and the user's own notes kept for the ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeAlias, TypeVar

from seqvae.errors import ConfigError, TokenError
from seqvae.latent.bands.base import Band, Clip, Look, TrackWish
from seqvae.latent.bands.choose import band_of
from seqvae.latent.songs.bars import WHOLE, BarsTaken, Piece, take_bars
from seqvae.latent.windows import Fit, fit_clip, repetitions
from seqvae.midi.changes import only_changes
from seqvae.midi.notes import TICKS_PER_QUARTER, Metre, Score, Track
from seqvae.midi.quantize import Bar, metres_of
from seqvae.midi.read import read_original
from seqvae.midi.resample import exact_score, resample_score
from seqvae.midi.text import clean_text
from seqvae.tokens.base import Tokenizer
from seqvae.tokens.melody_decode import TICKS_PER_STEP

if TYPE_CHECKING:
    import pretty_midi


Wish = TypeVar("Wish")


class Song(NamedTuple):
    """Music that has been read: a pipe gives its bytes only once."""

    name: str  # as the user wrote it, empty for music in memory
    label: str  # file name without ending, empty where there is none to speak of
    score: Score  # at 480 ticks per quarter, as the model hears it
    exact: Score  # at the multiple of 480 that moves no tick, as the user wrote it


Music: TypeAlias = "str | Path | bytes | BinaryIO | pretty_midi.PrettyMIDI | Score | Song"


@dataclass(frozen=True, slots=True, eq=False)
class SourceClip:
    """One input: the music as it came, and what the model takes of it on the grid."""

    label: str  # file name without ending, or name of the track
    score: Score  # as in Song, but for the bars left out
    exact: Score
    tracks: tuple[tuple[int, ...], ...]  # of each voice the places of its tracks; () where it is absent
    clip: Clip
    band: Band[Any]
    bars: BarsTaken

    @property
    def looks(self) -> tuple[Look | None, ...]:
        """The name and program of each voice in a DAW."""
        return self.band.looks(self.clip, self.label)


def read_song(source: Music, *, strict: bool = False) -> Song:
    """Read music from wherever it is; what has been read stays as it is. MidiError as `read_score`."""
    if isinstance(source, Song):
        return source
    original = read_original(source, strict=strict)
    score = resample_score(original, TICKS_PER_QUARTER)
    exact = exact_score(original, TICKS_PER_QUARTER)
    if not isinstance(source, (str, Path)):
        return Song("", "", score, exact)
    path = Path(source)  # the name of a pipe, /dev/fd/63, tells nothing
    return Song(str(source), clean_text(path.stem) if path.is_file() else "", score, exact)


def read_inputs(
    sources: Sequence[Music],
    tokenizer: Tokenizer,
    tracks: Sequence[TrackWish] = (),
    bars: Sequence[str] = (),
) -> list[SourceClip]:
    """Read each input; `tracks` and `bars` each hold no wish, one for all, or one for each."""
    wishes = zip(_for_each(sources, tracks, "tracks", None), bars_for_each(sources, bars), strict=True)
    inputs = enumerate(zip(sources, wishes, strict=True), 1)
    return [read_input(source, tokenizer, *wish, number=number) for number, (source, wish) in inputs]


def read_input(
    source: Music, tokenizer: Tokenizer, track: TrackWish = None, bars: str = WHOLE, *, number: int = 1
) -> SourceClip:
    """Read one input; TokenError, beginning with its name, where its music does not fit the grid.

    ConfigError where the bars are not there.
    """
    song, band = read_song(source), band_of(tokenizer)
    score, exact, taken = take_piece(song, bars, number)
    try:
        clip, tracks = band.take(score, track)
    except TokenError as error:
        place = f", bars {bars}" if bars != WHOLE else ""
        raise TokenError(f"{song.name or f'input {number}'}{place}: {error}") from error
    names = [score.tracks[index].name for indices in tracks for index in indices]
    label = song.label or next(filter(None, names), "") or f"input {number}"
    chosen = [index for indices in tracks for index in indices]
    return SourceClip(label, score, exact, tracks, clip, band, taken.of_tracks(chosen))


def take_piece(song: Song, bars: str = WHOLE, number: int = 1) -> Piece:
    """Take some bars of a song; ConfigError, beginning with its name, where they are not there."""
    try:
        return take_bars(song.score, song.exact, bars)
    except ConfigError as error:
        raise ConfigError(f"{song.name or f'input {number}'}: {error}") from error


def bars_for_each(sources: Sequence[Music], bars: Sequence[str]) -> list[str]:
    """Return the bars to take of each input; `bars` holds no wish, one for all, or one for each."""
    return _for_each(sources, bars, "ranges of bars", WHOLE)


def _for_each(sources: Sequence[Music], wishes: Sequence[Wish], what: str, default: Wish) -> list[Wish]:
    if len(wishes) not in {0, 1, len(sources)}:
        raise ConfigError(f"{len(wishes)} {what} named for {len(sources)} inputs; name one, or one for each")
    return list(wishes) if len(wishes) == len(sources) else [*wishes, default][:1] * len(sources)


def own_score(source: SourceClip, fit: Fit) -> tuple[Score, int]:
    """Return the user's own notes of the chosen tracks, untouched, at the length of a walk.

    Chords and timing are as they came, at the resolution of `source.exact`. The number is that of notes cut
    at a bar line: where a repetition breaks off, or a note sounds on past the last bar.
    """
    bars, walk = source.clip.bars, fit_clip(source.clip, fit, fit.path_bars).bars
    whole = source.exact
    scale = whole.ticks_per_quarter // TICKS_PER_QUARTER  # of the ticks of bars
    times = [
        (walk[first].start_tick * scale, _end_of(bars[count - 1]) * scale)
        for first, count in repetitions(fit)
    ]
    tempi = [
        tempo._replace(tick=tempo.tick + start)
        for start, limit in times
        for tempo in whole.tempi
        if tempo.tick < limit
    ]
    tracks = [
        _repeated(whole.tracks[index], look, times, is_drum=voice.first_set >= 0)
        for indices, look, voice in zip(source.tracks, source.looks, source.band.meaning.voices, strict=True)
        for index in indices
        if look is not None
    ]
    num_cut = sum(
        note.end > limit > note.start
        for indices in source.tracks
        for index in indices
        for _, limit in times
        for note in whole.tracks[index].notes
    )
    score = Score(
        tuple(tracks),
        tempi=only_changes(tempi),
        metres=tuple(Metre(tick * scale, *metre) for tick, *metre in metres_of(walk)),
        end_tick=_end_of(walk[-1]) * scale,
        ticks_per_quarter=whole.ticks_per_quarter,
    )
    return score, num_cut


def _repeated(track: Track, look: Look, times: Sequence[tuple[int, int]], *, is_drum: bool) -> Track:
    """Play a track again from each start, its notes up to the limit of that time."""
    notes = [
        note._replace(start=note.start + start, end=min(note.end, limit) + start)
        for start, limit in times
        for note in track.notes
        if note.start < limit
    ]
    return Track(tuple(notes), name=track.name or look.name, program=track.program, is_drum=is_drum)


def _end_of(bar: Bar) -> int:
    return bar.start_tick + bar.num_steps * TICKS_PER_STEP
