"""What may not change and what may not be written: locks and scales, kept while the model writes.

What stays is given to the model, so that what it writes besides hears it, and every choice keeps to the
scale; nothing is moved afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqvae.errors import ConfigError, TokenError
from seqvae.latent.bands.base import Clip, Ids, Written
from seqvae.latent.bounds_report import BoundsReport, Held
from seqvae.latent.codec import Drawing, decode_windows, free_choices
from seqvae.latent.ends import PathEnd, own_written
from seqvae.latent.locks import Cells, locked_cells, runs_of
from seqvae.latent.scales import AUTO, Scale, find_scale, read_scale
from seqvae.latent.splice import with_own_notes
from seqvae.latent.windows import Fit, join_windows, split_windows
from seqvae.midi.notes import Note
from seqvae.model.vae import SequenceVAE
from seqvae.tokens.meaning import Meaning
from seqvae.tokens.melody_decode import PAD, STEPS_PER_BAR

FREE, NO_HOLD = -1, -2  # stand for ids that are the model's choice, the second for all but a hold


class Wishes(NamedTuple):
    """What a user wants kept."""

    voices: tuple[str, ...] = ()  # that stay as in the first input
    bars: tuple[int, ...] = ()  # that do, from 1
    scale: str | None = None


class Locks(NamedTuple):
    """What stays of the first input."""

    cells: Cells  # (path_bars, voices)
    clip: Clip  # of path_bars bars; a note that sounds into a locked run begins there anew
    fit: Fit
    own: Written  # the user's own notes


class Decoded(NamedTuple):
    """What the model wrote."""

    ids: Ids  # (path_bars * 16, voices)
    num_turned: int  # choices that lay outside the scale, for which the next best was taken


@dataclass(frozen=True, kw_only=True, eq=False)
class Bounds:
    """What may be written where; nothing is forbidden by default."""

    meaning: Meaning
    vocab_size: int
    scale: Scale | None = None
    present: tuple[int, ...] = ()  # voices that may not be written as absent
    locks: Locks | None = None
    report: BoundsReport = field(default_factory=BoundsReport)

    @cached_property
    def allowed(self) -> Tensor | None:
        """The ids that may be written, `(windows or 1, time or 1, voices, vocab)`; None where all may."""
        may = self._in_scale.copy()
        for voice in self.present:
            may[voice, self.meaning.voices[voice].absent] = False
        if self.locks is None:
            return None if may.all() else torch.from_numpy(may)[None, None]
        may[:, PAD] = False  # bars are known, and padding is given
        marks = self._marks(self.locks)  # (windows, time, voices)
        is_given = (marks >= 0)[..., None]
        own = marks[..., None] == np.arange(self.vocab_size)
        is_new_hold = (marks == NO_HOLD)[..., None] & (
            np.arange(self.vocab_size) == self.meaning.holds[:, None]
        )
        return torch.from_numpy(np.where(is_given, own, may & ~is_new_hold))

    def adopt(self, ends: Sequence[PathEnd]) -> list[PathEnd]:
        """Let every input take over what stays of the first, so that z need not move for it."""
        if self.locks is None:
            return list(ends)
        _check_bars_alike(ends)
        return [ends[0], *(_adopt(end, self.locks) for end in ends[1:])]

    def decode(
        self, model: SequenceVAE, points: Tensor, fit: Fit, drawing: Drawing | None = None
    ) -> list[Decoded]:
        """Decode `(clips, windows, latent)` within the bounds and join the windows of each clip."""
        windows = decode_windows(model, points.flatten(0, 1), drawing, self.allowed)
        by_clip = windows.reshape(len(points), -1, *windows.shape[1:])
        joined = [join_windows(clip, fit, self.meaning) for clip in by_clip]
        if self.scale is None:
            return [Decoded(ids, 0) for ids in joined]
        wished = free_choices(model, points.flatten(0, 1), windows, drawing).reshape(by_clip.shape)
        return [Decoded(ids, self._count_turned(one, fit)) for ids, one in zip(joined, wished, strict=True)]

    def finish(self, written: Written, num_turned: int = 0) -> Written:
        """Put the user's own notes where they stay, and tell what the bounds took."""
        if self.locks is None and self.scale is None:
            return written
        score, num_cut = written.score, 0
        voices = written.voices
        if self.locks:
            score, voices, num_cut = with_own_notes(written, self.locks.own, self.locks.cells)
        return Written(score, written.bars, Held(written.mended, num_turned, num_cut), voices)

    @property
    def _in_scale(self) -> NDArray[np.bool_]:
        """Tell which ids keep to the scale, `(voices, vocab)`."""
        may = np.ones((len(self.meaning.voices), self.vocab_size), dtype=bool)
        for row, voice in zip(may, self.meaning.voices, strict=True):
            low, high = voice.pitches
            if self.scale is not None:
                row[low:high] = [self.scale.holds(pitch) for pitch in range(high - low)]
        return may

    def _count_turned(self, wished: Ids, fit: Fit) -> int:
        """Count the choices `(windows, time, voices)` outside the scale in the bars of a clip."""
        is_out = ~np.take_along_axis(self._in_scale.T, wished.reshape(-1, wished.shape[-1]), axis=0)
        if self.locks:
            is_out &= (self._marks(self.locks) < 0).reshape(is_out.shape)
        by_bar = is_out.reshape(-1, STEPS_PER_BAR * is_out.shape[-1]).sum(axis=1)
        _, firsts = np.unique(fit.window_plan, return_index=True)  # windows that overlap tell a bar twice
        return int(by_bar[firsts][: fit.path_bars].sum())

    def _marks(self, locks: Locks) -> Ids:
        """Say what is given in every window: an id, FREE, or NO_HOLD, `(windows, time, voices)`."""
        own, is_locked = locks.clip.ids, np.repeat(locks.cells, STEPS_PER_BAR, axis=0)
        marks = np.where(is_locked, own, FREE).astype(np.int16)
        for voice, holds in enumerate(self.meaning.holds.tolist()):
            ends = [end * STEPS_PER_BAR for _, end in runs_of(locks.cells[:, voice])]
            for step in (step for step in ends if step < len(marks)):
                marks[step, voice] = FREE if own[step, voice] == holds else NO_HOLD
        marks = np.where((own == PAD).all(axis=1, keepdims=True), PAD, marks)
        return split_windows(replace(locks.clip, ids=marks), locks.fit)  # type: ignore[type-var]


def bounds_of(ends: Sequence[PathEnd], vocab_size: int, wishes: Wishes) -> Bounds:
    """Return the bounds of a walk between inputs; ConfigError or TokenError where a wish cannot be."""
    meaning, first = ends[0].source.band.meaning, ends[0]
    cells = locked_cells(wishes.bars, wishes.voices, meaning, first.fit.path_bars)
    names = [voice.name for voice in meaning.voices]
    for voice in wishes.voices:
        if not first.source.tracks[names.index(voice)]:
            raise TokenError(f"{first.source.label} has no {voice} to keep; choose another voice")
    scale = _choose_scale(wishes.scale, meaning, ends)
    return Bounds(
        meaning=meaning,
        vocab_size=vocab_size,
        scale=scale,
        locks=locks_of(first, cells) if cells.any() else None,
        report=BoundsReport(
            label=first.source.label,
            voices=wishes.voices,
            bars=wishes.bars,
            scale=scale.name if scale else None,
            is_found=wishes.scale == AUTO,
            outside=tuple((end.source.label, _num_outside(end, scale)) for end in ends) if scale else (),
        ),
    )


def scale_bounds(meaning: Meaning, vocab_size: int, name: str | None) -> Bounds:
    """Return the bounds of music out of nothing: a scale by its name, or none."""
    scale = _choose_scale(name, meaning, ())
    report = BoundsReport(scale=scale.name if scale else None)
    return Bounds(meaning=meaning, vocab_size=vocab_size, scale=scale, report=report)


def locks_of(end: PathEnd, cells: Cells) -> Locks:
    """Lock cells `(path_bars, voices)` of an input."""
    whole = replace(end.fit, own_bars=end.fit.path_bars)
    ids = end.clip.ids.copy()
    for voice, meant in enumerate(end.source.band.meaning.voices):
        for first, _ in runs_of(cells[:, voice]):
            step = first * STEPS_PER_BAR
            if meant.hold >= 0 and ids[step, voice] == meant.hold:
                ids[step, voice] = _sounding(ids[:step, voice], meant.hold, meant.rest)
    opened = replace(end.clip, ids=ids)  # type: ignore[type-var]
    return Locks(cells, opened, whole, own_written(end))


def _sounding(ids: NDArray[np.int16], hold: int, rest: int) -> int:
    """Return the id that sounds behind `(steps,)` of one voice."""
    begun = np.flatnonzero(ids != hold)
    return int(ids[begun[-1]]) if len(begun) else rest


def _adopt(end: PathEnd, locks: Locks) -> PathEnd:
    is_locked = np.repeat(locks.cells, STEPS_PER_BAR, axis=0)
    clip = replace(end.clip, ids=np.where(is_locked, locks.clip.ids, end.clip.ids))  # type: ignore[type-var]
    return replace(end, clip=clip, windows=split_windows(clip, locks.fit))


def _check_bars_alike(ends: Sequence[PathEnd]) -> None:
    first = ends[0]
    for other in ends[1:]:
        for number, (one, two) in enumerate(zip(first.clip.bars, other.clip.bars, strict=True), 1):
            if one.num_steps != two.num_steps:
                raise ConfigError(
                    f"bar {number} has {one.num_steps} sixteenths in {first.source.label} and"
                    f" {two.num_steps} in {other.source.label}; what is kept needs songs of one metre"
                )


def _choose_scale(name: str | None, meaning: Meaning, ends: Sequence[PathEnd]) -> Scale | None:
    if name is None:
        return None
    if not any(high > low for low, high in (voice.pitches for voice in meaning.voices)):
        raise ConfigError("drums have no pitches; leave the scale out")
    if name != AUTO:
        return read_scale(name)
    notes = [note for end in ends for note in _pitched(end)]
    if not notes:
        raise ConfigError(f"{AUTO} finds a scale in the notes of an input, and there are none; name a scale")
    return find_scale(notes)


def _pitched(end: PathEnd) -> list[Note]:
    """Return the user's own notes of the voices that move with the key."""
    pairs = zip(end.source.tracks, end.source.band.meaning.voices, strict=True)
    indices = [index for indices, voice in pairs if voice.pitches[1] for index in indices]
    return [note for index in indices for note in end.source.exact.tracks[index].notes]


def _num_outside(end: PathEnd, scale: Scale) -> int:
    return sum(not scale.holds(note.pitch) for note in _pitched(end))
