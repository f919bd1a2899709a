"""Melody, bass and drums together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seqvae.errors import TokenError
from seqvae.latent.bands.base import PLAIN, Feel, Ids, Look, Manner, Taken, Told, TrackWish, Written
from seqvae.latent.bands.drums import DRUMS
from seqvae.latent.bands.feel import loudness, loudness_of_classes, timing_of_classes
from seqvae.latent.bands.melody import MELODY
from seqvae.midi.notes import Score, Track
from seqvae.tokens.meaning import MEANINGS
from seqvae.tokens.trio import TrioClip, TrioTokenizer
from seqvae.tokens.trio_decode import FINGERED_BASS, VOICES, DecodedTrio

LOOKS = (MELODY, Look("Bass", FINGERED_BASS), DRUMS)
HOW_TO_WISH = "write it as melody=1,bass=Bass,drums=none"


@dataclass(frozen=True)
class TrioMended:
    """What had to be mended in each voice that is there."""

    voices: Mapping[str, Told]

    def lines(self) -> list[str]:
        """Say it in plain words, voice by voice."""
        return [f"{voice}: {line}" for voice, told in self.voices.items() for line in told.lines()]

    def as_dict(self) -> dict[str, Any]:
        """Return every count under its voice and name."""
        return {voice: told.as_dict() for voice, told in self.voices.items()}


class TrioBand:
    """Three voices, each of which may be absent."""

    meaning = MEANINGS["trio"]
    nothing_mended = TrioMended({})

    def __init__(self, tokenizer: TrioTokenizer) -> None:
        """Play what this tokenizer reads and writes."""
        self.tokenizer = tokenizer

    def take(self, score: Score, wish: TrackWish) -> Taken:
        """Encode the three voices; a wish names some of them, as in `bass=2,drums=none`."""
        wishes = read_wishes(wish)
        tracks = self.tokenizer.choose_tracks(score, wishes).tracks
        return Taken(self.tokenizer.encode(score, tracks=wishes), tuple(tracks[voice] for voice in VOICES))

    def looks(self, clip: TrioClip, label: str) -> tuple[Look | None, ...]:  # voices have names
        """Return name and program of the track of each voice."""
        pairs = zip(clip.tracks, LOOKS, strict=True)
        return tuple(
            Look(track.name or default.name, track.program) if track else None for track, default in pairs
        )

    def feel(self, clip: TrioClip) -> Feel:
        """Return how loud each step is, and of drums each class, with its timing.

        A voice that is not there is as loud as those that are, on average.
        """
        lines = [*clip.velocities.T, clip.drum_velocities.max(axis=1)]
        average = np.mean([loudness(line) for line in lines if line.any()] or [loudness(lines[0])], axis=0)
        melodic = [loudness(line) if line.any() else average for line in lines[:2]]
        drums = np.broadcast_to(average[:, None], clip.drum_velocities.shape)
        return {
            "velocities": np.stack(melodic, axis=1),
            "drum_velocities": loudness_of_classes(clip.drum_velocities) if lines[2].any() else drums,
            "drum_offsets": timing_of_classes(clip.drum_offsets, clip.drum_velocities > 0),
        }

    def write(self, ids: Ids, manner: Manner = PLAIN) -> Written:
        """Write a track for each voice that is there, in its order; silence is an empty melody."""
        trio = self.tokenizer.decode_trio(ids, bars=manner.bars, **manner.rounded_feel())
        melody, bass, drums = (manner.look_of(voice, default) for voice, default in enumerate(LOOKS))
        score = trio.to_score(
            programs=(melody.program, bass.program, drums.program),
            names=(melody.name, bass.name, drums.name),
            tempi=manner.tempi,
        )
        if not score.tracks:
            score = replace(score, tracks=(Track((), name=melody.name, program=melody.program),))
        is_there = [voice is not None for voice in (trio.melody, trio.bass, trio.drums)]
        voices = tuple(number for number, there in enumerate(is_there) if there) or (0,)
        return Written(score, trio.bars, _mended(trio), voices)


def read_wishes(wish: TrackWish) -> dict[str, int | str]:
    """Read `melody=1,bass=Bass,drums=none`; TokenError for anything else."""
    wishes: dict[str, int | str] = {}
    for part in str(wish).split(",") if wish is not None else ():
        voice, equals, track = (word.strip() for word in part.partition("="))
        if not equals or not track or voice not in VOICES:
            raise TokenError(f"track {wish!r} does not tell the voice of {part.strip()!r}; {HOW_TO_WISH}")
        wishes[voice] = int(track) if track.isdecimal() else track
    return wishes


def _mended(trio: DecodedTrio) -> TrioMended:
    voices = zip(VOICES, (trio.melody, trio.bass, trio.drums), strict=True)
    return TrioMended({name: voice.report for name, voice in voices if voice is not None})
