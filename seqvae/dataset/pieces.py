"""One MIDI file becomes a piece: its ids and all that the corpus must know of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import file_digest, sha256
from typing import NamedTuple

import numpy as np

from seqvae.dataset.journal import StoppedError
from seqvae.dataset.places import Place
from seqvae.dataset.reasons import reason_of
from seqvae.dataset.remote import RemotePath
from seqvae.dataset.settings import Clip, PrepareSettings
from seqvae.dataset.windows import (
    Ids,
    Keys,
    WindowFacts,
    cut,
    describe,
    grams_of,
    identity_of,
    near_empty,
    window_starts,
)
from seqvae.errors import SeqvaeError, TokenError
from seqvae.midi.notes import Score
from seqvae.midi.read import LARGEST_FILE, read_score
from seqvae.tokens.drums import DrumClip, Expression


class Source(NamedTuple):
    """One file of a corpus."""

    corpus: str
    name: str  # path inside the corpus, with forward slashes
    path: Place
    split: str = ""  # that of a corpus which brings its own


@dataclass(frozen=True, slots=True)
class Piece:
    """The music of one file: spans of whole bars, one after another."""

    source: Source
    sha256: str  # of the file
    ids: Ids  # (steps, voices)
    num_bars: int
    facts: WindowFacts  # the windows worth keeping, before anything is known of other pieces
    num_near_empty: int
    identity: int
    grams: Keys
    repairs: Mapping[str, Mapping[str, int]]  # what reading and encoding mended and left out
    expression: Expression | None = None  # drums only


class BadFile(NamedTuple):
    """A file that gave no music."""

    source: Source
    reason: str  # a class of faults, the same words for every file
    detail: str  # the whole message


def encode_file(source: Source, settings: PrepareSettings) -> Piece | BadFile:
    """Read and encode one file; whatever is wrong with it is returned, never raised.

    StoppedError where it lies behind a URL that does not answer: that is no fault of the file.
    """
    try:
        return _read_piece(source, settings)
    except StoppedError:
        raise
    except (SeqvaeError, OSError) as error:
        return BadFile(source, *reason_of(error, source.path))
    except Exception as error:  # noqa: BLE001  # one file in 100,000 must not cost the run, whatever it hits
        return BadFile(source, f"unexpected {type(error).__name__}", str(error))


def _read_piece(source: Source, settings: PrepareSettings) -> Piece:
    score, digest = _read(source.path, strict=settings.strict)
    clips = settings.tokenizer.encode_spans(score)
    skipped_bars = settings.tokenizer.skipped_bars(score)
    if not clips:
        raise TokenError(f"no bar in a metre that fits; found {', '.join(skipped_bars)}")
    counts = [clip.report.counts() for clip in clips]
    repairs = {"reading": score.repairs, "bars left out": skipped_bars}
    repairs |= {"ignored": score.ignored} if score.ignored else {}
    for kind in sorted({kind for count in counts for kind in count}):
        repairs[kind] = add_counts(count.get(kind, {}) for count in counts)
    piece = describe_piece(source, digest, [clip.ids for clip in clips], settings, repairs)
    return replace(piece, expression=_expression(clips))


def _read(path: Place, *, strict: bool) -> tuple[Score, str]:
    """Return the music of a file and its sha256; what lies behind a URL is fetched once."""
    if isinstance(path, RemotePath):
        content = path.read(LARGEST_FILE + 1)
        return read_score(content, strict=strict), sha256(content).hexdigest()
    score = read_score(path, strict=strict)
    with path.open("rb") as file:
        return score, file_digest(file, "sha256").hexdigest()


def describe_piece(
    source: Source,
    digest: str,
    spans: Sequence[Ids],
    settings: PrepareSettings,
    repairs: Mapping[str, Mapping[str, int]],
) -> Piece:
    """Gather what is known of a piece by itself from its spans of `(steps, voices)` ids."""
    ids = np.concatenate(spans).astype(np.int16, copy=False)
    span_steps = [len(span) for span in spans]
    meaning, steps_per_bar, length = settings.meaning, settings.steps_per_bar, settings.steps_per_window
    starts = window_starts(span_steps, length=length, hop=steps_per_bar)
    empty = near_empty(cut(ids, starts, length), meaning, bars=settings.bars)
    return Piece(
        source=source,
        sha256=digest,
        ids=ids,
        num_bars=len(ids) // steps_per_bar,
        facts=describe(ids, starts[~empty], length, meaning),
        num_near_empty=int(empty.sum()),
        identity=identity_of(ids, meaning, steps_per_bar=steps_per_bar),
        grams=grams_of(ids, span_steps, meaning, steps_per_bar=steps_per_bar),
        repairs=repairs,
    )


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
