"""One MIDI file becomes music as ids, or the reason why it does not."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from seqvae.dataset.journal import StoppedError
from seqvae.dataset.places import Place
from seqvae.dataset.reasons import reason_of
from seqvae.dataset.remote import RemotePath
from seqvae.dataset.settings import Clip, PrepareSettings
from seqvae.dataset.windows import Ids
from seqvae.errors import SeqvaeError, TokenError
from seqvae.midi.notes import Score
from seqvae.midi.quantize import Bar, bars_of
from seqvae.midi.read import LARGEST_FILE, read_bytes, read_score
from seqvae.tokens.bars import count_unfit_bars
from seqvae.tokens.drums import DrumClip, Expression
from seqvae.tokens.trio import TrioTokenizer
from seqvae.tokens.trio_track import NONE, TrackWish, other_melodies

MOST_MELODIES = 32  # of a file, beside its own: each takes the room of a whole piece


class Source(NamedTuple):
    """One file of a corpus."""

    corpus: str
    name: str  # path inside the corpus, with forward slashes
    path: Place
    split: str = ""  # that of a corpus which brings its own


@dataclass(frozen=True, slots=True)
class Music:
    """The music of one file."""

    source: Source
    sha256: str  # of the file
    spans: tuple[Ids, ...]  # of whole bars, `(steps, voices)` each
    repairs: Mapping[str, Mapping[str, int]]  # what reading and encoding mended and left out
    expression: Expression | None = None  # drums only
    more_spans: tuple[Ids, ...] = ()  # the same piece with other tracks as its melody


class BadFile(NamedTuple):
    """A file that gave no music."""

    source: Source
    reason: str  # a class of faults, the same words for every file
    detail: str  # the whole message


def encode_file(source: Source, settings: PrepareSettings) -> Music | BadFile:
    """Read and encode one file; whatever is wrong with it is returned, never raised.

    StoppedError where it lies behind a URL that does not answer: that is no fault of the file.
    """
    try:
        return _read_music(source, settings)
    except StoppedError:
        raise
    except (SeqvaeError, OSError) as error:
        return BadFile(source, *reason_of(error, source.path))
    except Exception as error:  # noqa: BLE001  # one file in 100,000 must not cost the run, whatever it hits
        return BadFile(source, f"unexpected {type(error).__name__}", str(error))


def _read_music(source: Source, settings: PrepareSettings) -> Music:
    score, digest = _read(source.path, strict=settings.strict)
    bars = cache(lambda: bars_of(score))
    clips = settings.tokenizer.encode_spans(score, bars=bars)
    skipped_bars = count_unfit_bars(bars())
    if not clips:
        raise TokenError(f"no bar in a metre that fits; found {', '.join(skipped_bars)}")
    counts = [clip.report.counts() for clip in clips]
    repairs = {"reading": score.repairs, "bars left out": skipped_bars}
    repairs |= {"ignored": score.ignored} if score.ignored else {}
    for kind in sorted({kind for count in counts for kind in count}):
        repairs[kind] = add_counts(count.get(kind, {}) for count in counts)
    spans = tuple(clip.ids for clip in clips)
    more: list[Ids] = []
    if settings.more_voices and isinstance(settings.tokenizer, TrioTokenizer):
        tracks = other_melodies(score, settings.tokenizer.choose_tracks(score))
        more = _other_melodies(score, tracks[:MOST_MELODIES], settings.tokenizer, spans, bars)
        if len(tracks) > MOST_MELODIES:
            repairs["more voices"] = {"melodies left out": len(tracks) - MOST_MELODIES}
    return Music(source, digest, spans, repairs, _expression(clips), tuple(more))


def _other_melodies(
    score: Score,
    tracks: Sequence[int],
    tokenizer: TrioTokenizer,
    spans: Sequence[Ids],
    bars: Callable[[], Sequence[Bar]],
) -> list[Ids]:
    """Put each of these tracks in place of the melody of a trio; bass and drums stay."""
    others = []
    for track in tracks:
        alone: dict[str, TrackWish] = {"melody": track + 1, "bass": NONE, "drums": NONE}
        for span, clip in zip(spans, tokenizer.encode_spans(score, tracks=alone, bars=bars), strict=True):
            others.append(np.concatenate([clip.ids[:, :1], span[:, 1:]], axis=1))
    return others


def _read(path: Place, *, strict: bool) -> tuple[Score, str]:
    """Return the music of a file and its sha256; it is read once."""
    content = path.read(LARGEST_FILE + 1) if isinstance(path, RemotePath) else read_bytes(path)
    return read_score(content, strict=strict), sha256(content).hexdigest()


def add_counts(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Sum counts name by name."""
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(total)


def _expression(clips: Sequence[Clip]) -> Expression | None:
    """Join what stands beside the ids of drums."""
    drums = [clip for clip in clips if isinstance(clip, DrumClip)]
    if not drums:
        return None
    return Expression(
        np.concatenate([clip.velocities for clip in drums]), np.concatenate([clip.offsets for clip in drums])
    )
