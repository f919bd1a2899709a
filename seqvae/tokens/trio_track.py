"""Which tracks of a score are its melody, bass and drums, and which of the three it does not have.

Tracks asked for come first; "none" leaves a voice out. Then the drums are chosen by their own rule. The bass
is chosen among the other tracks that can be one:
    - marked by name (bass, contrabass, tuba) or program (a bass, contrabass, tuba), not by name a melody, and
      with a mean pitch of 60 at most; or
    - unmarked, with a mean pitch of 48 at most and one note at once in 80 % of its time, beside another track
      that can be the melody.
It scores +2 if marked, +3 * the share of its time with one note, -1 for every half octave of its mean pitch
above 48, +2 * the share of the bars in which it plays; among equals the first wins. The melody is the best of
what is left by the rule for melodies.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqvae.errors import TokenError
from seqvae.midi.notes import Score, Track
from seqvae.midi.quantize import bars_of
from seqvae.tokens.drum_map import DrumMap
from seqvae.tokens.drum_track import find_drums
from seqvae.tokens.melody_track import MELODY_WORDS, Traits, best_track, traits_of
from seqvae.tokens.track_words import listing, matching_tracks, quoted
from seqvae.tokens.trio_decode import VOICES

BASS_WORDS = re.compile(r"\b(bass(?!oon)|bas\b|[ck]ontrabass(?!oon)|tuba)")
BASS_PROGRAMS = {*range(32, 40), 43, 58}
HIGHEST_MARKED, HIGHEST_UNMARKED = 60, 48  # mean pitches
MIN_SINGLE = 0.8
NONE = "none"

TrackWish = int | str


@dataclass(frozen=True)
class TrioChoice:
    """The tracks of each voice by their places in `score.tracks`, none where it is absent, and why."""

    tracks: Mapping[str, tuple[int, ...]]
    reasons: Mapping[str, str]


def choose_trio(score: Score, drum_map: DrumMap, tracks: Mapping[str, TrackWish] | None = None) -> TrioChoice:
    """Choose the three voices; `tracks` asks for some by name, number or "none". TokenError without any."""
    wishes = dict(tracks or {})
    unknown = sorted(set(wishes) - set(VOICES))
    if unknown:
        raise TokenError(f"no voice {unknown[0]!r} in a trio; choose from {', '.join(VOICES)}")
    found: dict[str, tuple[tuple[int, ...], str]] = {}
    for voice, wish in wishes.items():
        found[voice] = _asked_for(score, voice, wish, drum_map)
    if "drums" not in found:
        found["drums"] = _drums(score, drum_map, _taken(found))
    free = [i for i, track in enumerate(score.tracks) if track.notes and not track.is_drum]
    if "bass" not in found:
        found["bass"] = _bass(score, [i for i in free if i not in _taken(found)])
    if "melody" not in found:
        found["melody"] = _melody(score, [i for i in free if i not in _taken(found)])
    if not _taken(found):
        names = listing(score, range(len(score.tracks)))
        raise TokenError(f"no melody, bass or drums to encode; the tracks are {names or 'none'}")
    return TrioChoice(
        {voice: found[voice][0] for voice in VOICES}, {voice: found[voice][1] for voice in VOICES}
    )


def other_melodies(score: Score, choice: TrioChoice) -> list[int]:
    """Return the places of the tracks that no voice has and that play one note at once in 80 % of time."""
    taken = {index for indices in choice.tracks.values() for index in indices}
    free = [i for i, track in enumerate(score.tracks) if track.notes and not track.is_drum and i not in taken]
    if not choice.tracks["melody"] or not free:
        return []
    bar_starts: NDArray[np.int64] = np.array([bar.start_tick for bar in bars_of(score)], dtype=np.int64)
    return [i for i in free if 1 - traits_of(score.tracks[i], bar_starts).polyphony >= MIN_SINGLE]


def _taken(found: Mapping[str, tuple[tuple[int, ...], str]]) -> set[int]:
    return {index for indices, _ in found.values() for index in indices}


def _asked_for(score: Score, voice: str, wish: TrackWish, drum_map: DrumMap) -> tuple[tuple[int, ...], str]:
    if isinstance(wish, str) and wish.strip().casefold() == NONE:
        return (), "none asked for"
    if voice == "drums":
        drums = find_drums(score, drum_map, wish)
        return (drums.track_indices, drums.reason) if drums else ((), "")
    playable = [i for i, track in enumerate(score.tracks) if track.notes and not track.is_drum]
    usable = [i for i in matching_tracks(score, wish) if i in playable]
    if not usable:
        choices = listing(score, playable) or "none, all are drums or empty"
        raise TokenError(f"track {wish!r} cannot be the {voice}; choose from {choices}")
    return (usable[0],), f"{_place(score, usable[0])}: asked for"


def _drums(score: Score, drum_map: DrumMap, taken: Collection[int]) -> tuple[tuple[int, ...], str]:
    choice = find_drums(score, drum_map)
    if choice is None or set(choice.track_indices) & set(taken):
        return (), "none: no track on channel 10 and none that is clearly drums"
    return choice.track_indices, choice.reason


def _bass(score: Score, free: list[int]) -> tuple[tuple[int, ...], str]:
    if not free:
        return (), "none: no track left"
    bar_starts: NDArray[np.int64] = np.array([bar.start_tick for bar in bars_of(score)], dtype=np.int64)
    traits = {i: traits_of(score.tracks[i], bar_starts) for i in free}
    fit = [i for i in free if _can_be_bass(score.tracks[i], traits[i], is_alone=len(free) == 1)]
    if not fit:
        return (), "none: no track is low enough and plays one note at once"
    best = max(fit, key=lambda i: _bass_points(score.tracks[i], traits[i]))
    why = "its name or program says bass, " if _is_marked(score.tracks[best]) else ""
    return (best,), f"{_place(score, best)}: {why}mean pitch {traits[best].mean_pitch:.0f}"


def _melody(score: Score, free: list[int]) -> tuple[tuple[int, ...], str]:
    if not free:
        return (), "none: no track left"
    choice = best_track(score, free)
    return (choice.track_index,), choice.reason


def _can_be_bass(track: Track, traits: Traits, *, is_alone: bool) -> bool:
    if _is_marked(track):
        return traits.mean_pitch <= HIGHEST_MARKED
    is_single = 1 - traits.polyphony >= MIN_SINGLE
    return not is_alone and is_single and traits.mean_pitch <= HIGHEST_UNMARKED and traits.name <= 0


def _bass_points(track: Track, traits: Traits) -> float:
    too_high = max(0.0, traits.mean_pitch - HIGHEST_UNMARKED) / 6
    return 2 * _is_marked(track) + 3 * (1 - traits.polyphony) - too_high + 2 * traits.coverage


def _is_marked(track: Track) -> bool:
    name = re.sub(r"[\d_]+", " ", track.name.casefold())
    says_bass = bool(BASS_WORDS.search(name)) or track.program in BASS_PROGRAMS
    return says_bass and not MELODY_WORDS.search(name)


def _place(score: Score, index: int) -> str:
    return f"track {index + 1} of {len(score.tracks)}, {quoted(score.tracks[index])}"
