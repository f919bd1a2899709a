"""Which tracks of a score are its drums: those asked for, those on channel 10, or those that clearly are.

All tracks on channel 10 play together. Without one, a track counts as drums when its name says so, its
program is no pitched percussion (timpani, 113..120), at least 90 % of its notes are of the drum map, and kick
or snare is among them.
"""

import re
from typing import NamedTuple

import numpy as np

from seqvae.errors import TokenError
from seqvae.midi.notes import Score, Track
from seqvae.tokens.drum_map import CLASSES, UNMAPPED, DrumMap
from seqvae.tokens.track_words import listing, matching_tracks, quoted

DRUM_WORDS = re.compile(r"\b(drums?|drm|dr|kit|percussion|perc|beats?)(?![a-z])|drum ?(kit|set)")
PITCHED_PROGRAMS = {47, *range(112, 120)}  # timpani, bells, taiko ...
MIN_MAPPED = 0.9


class DrumChoice(NamedTuple):
    """Drum tracks by their places in `score.tracks`, and in words why they were chosen."""

    track_indices: tuple[int, ...]  # from 0
    reason: str


def choose_drums(score: Score, drum_map: DrumMap, track: int | str | None = None) -> DrumChoice:
    """Choose the drum tracks: a number from 1, a part of a name, or None for the rule; TokenError without."""
    choice = find_drums(score, drum_map, track)
    if choice is None:
        raise TokenError(
            f"no drums to encode: no track on channel 10 and none that is clearly drums among"
            f" {listing(score, range(len(score.tracks))) or 'no tracks'}"
        )
    return choice


def find_drums(score: Score, drum_map: DrumMap, track: int | str | None = None) -> DrumChoice | None:
    """Choose as `choose_drums` does, but return None when the rule finds no drums."""
    playable = [index for index, found in enumerate(score.tracks) if found.notes]
    if track is not None:
        return _sentence(score, _asked_for(score, playable, track), "asked for")
    on_channel = [index for index in playable if score.tracks[index].is_drum]
    if on_channel:
        return _sentence(score, on_channel, "channel 10")
    named = [index for index in playable if _is_clearly_drums(score.tracks[index], drum_map)]
    return _sentence(score, named, "name and notes say drums") if named else None


def _asked_for(score: Score, playable: list[int], track: int | str) -> list[int]:
    usable = [index for index in matching_tracks(score, track) if index in playable]
    if not usable:
        raise TokenError(
            f"track {track!r} does not exist or is empty; choose from {listing(score, playable)}"
        )
    return usable


def _is_clearly_drums(track: Track, drum_map: DrumMap) -> bool:
    name = re.sub(r"[\d_]+", " ", track.name.casefold())
    if not DRUM_WORDS.search(name) or track.program in PITCHED_PROGRAMS:
        return False
    classes = drum_map.class_of_note[[note.pitch for note in track.notes]]
    has_core = np.isin(classes, (CLASSES.index("kick"), CLASSES.index("snare"))).any()
    return bool(has_core and (classes != UNMAPPED).mean() >= MIN_MAPPED)


def _sentence(score: Score, indices: list[int], why: str) -> DrumChoice:
    names = ", ".join(f"{index + 1} {quoted(score.tracks[index])}" for index in indices)
    word = "track" if len(indices) == 1 else "tracks"
    return DrumChoice(tuple(indices), f"{word} {names} of {len(score.tracks)}: {why}")
