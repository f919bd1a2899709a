#!/usr/bin/env python3
"""Write the sample clips of data/clips from the tunes below; the same files to the byte each time.

The tunes are in the public domain (data/README.md says where each comes from) and noted here from memory in a
small part of the ABC notation: a letter is a pitch (C is middle C, c the octave above, a comma or an
apostrophe an octave down or up), ^ and _ are sharp and flat for that one note, z is a rest, a number is the
length in units, a hyphen ties a note to the next, a bar ends with |. The basses and drums of the band clips
are our own; in a bar of drums each character is a sixteenth: x a hit, X a loud one, o a ghost, a dot none.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from seqvae.midi.notes import Metre, Note, Score, Tempo, Track
from seqvae.midi.write import write_score

TICKS_PER_STEP = 120  # a sixteenth at 480 ticks per quarter
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SYMBOL = re.compile(r"(?P<accidental>[\^_]?)(?P<letter>[A-Ga-gz])(?P<octave>[,']*)(?P<units>\d*)(?P<tie>-?)")


@dataclass(frozen=True, kw_only=True)
class Clip:
    """One tune and how it is played."""

    name: str  # of the file
    title: str  # of the track
    tune: str
    metre: tuple[int, int] = (4, 4)
    quarters_per_minute: int = 120
    program: int = 0  # 0..127, General MIDI
    steps_per_unit: int = 1
    loudness: tuple[int, ...] = field(
        default=(80,)
    )  # velocities spread evenly over the clip, lines between them
    accent: int = 0  # added to the velocity at the bar line, half of it at the middle of the bar


CLIPS = (
    Clip(
        name="ode-to-joy",
        title="Ode to Joy",
        tune="""E4E4F4G4|G4F4E4D4|C4C4D4E4|E6D2D8|E4E4F4G4|G4F4E4D4|C4C4D4E4|D6C2C8|
                D4D4E4C4|D4E2F2E4C4|D4E2F2E4D4|C4D4G,8|E4E4F4G4|G4F4E4D4|C4C4D4E4|D6C2C8|""",
        loudness=(72, 84, 72, 96, 88),
        accent=12,
    ),
    Clip(
        name="greensleeves",
        title="Greensleeves",
        tune="""c4d2e3^fe2|d4B2G3AB2|c4A2A3^GA2|B4^G2E4A2|c4d2e3^fe2|d4B2G3AB2|c3BA2^G3^F^G2|A6A6|
                g6g3^fe2|d4B2G3AB2|c4A2A3^GA2|B4^G2E6|g6g3^fe2|d4B2G3AB2|c3BA2^G3^F^G2|A12|""",
        metre=(6, 8),
        quarters_per_minute=84,
        program=73,  # flute
        loudness=(64, 76, 64, 100, 60),
        accent=8,
    ),
    Clip(
        name="when-the-saints",
        title="When the Saints",
        tune="""z4C4E4F4|G16|z4C4E4F4|G16|z4C4E4F4|G8E8|C8E8|D16|
                z4E4E4D4|C12C4|E8G8|G4F12|z8E4F4|G8E8|C8D8|C16|""",
        quarters_per_minute=184,
        program=56,  # trumpet
        loudness=(96, 104),
    ),
    Clip(
        name="amazing-grace",
        title="Amazing Grace",
        tune="""z8D4|G8B2G2|B8A4|G8E4|D8D4|G8B2G2|B8A4|d12-|d8B4|
                d6B2d2B2|G8D4|E6G2G2E2|D8D4|G8B2G2|B8A4|G12|""",
        metre=(3, 4),
        quarters_per_minute=80,
        program=40,  # violin
        loudness=(56, 100, 56),
    ),
    Clip(
        name="auld-lang-syne",
        title="Auld Lang Syne",
        tune="z12C4|F6F2F4A4|G6F2G4A4|F6F2A4c4|d12d4|c6A2A4F4|G6F2G4A4|F6D2D4C4|F12z4|",
        quarters_per_minute=100,
        program=22,  # harmonica
        loudness=(70, 92, 70),
        accent=6,
    ),
    Clip(
        name="irish-washerwoman",
        title="The Irish Washerwoman",
        tune="""BGGDGG|BGBdcB|cAAEAA|cAcedc|BGGDGG|BGBdcB|cBcAdc|BGGGe^f|
                gdggdg|gdgbag|^fd^f^fd^f|^fd^fag^f|eggdgg|cggBgg|cBcAdc|BGGG3|""",
        metre=(6, 8),
        quarters_per_minute=174,
        program=110,  # fiddle
        steps_per_unit=2,
        loudness=(84,),
        accent=20,
    ),
    Clip(
        name="twinkle",
        title="Twinkle, Twinkle, Little Star",
        tune="c4c4g4g4|a4a4g8|",
        quarters_per_minute=96,
        program=10,  # music box
    ),
    Clip(
        name="frere-jacques",
        title="Frère Jacques",
        tune="F4G4A4F4|A4_B4c8|",
        quarters_per_minute=132,
        program=71,  # clarinet
        loudness=(104, 64),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Groove:
    """Drums in 4/4: bars by letter, and the letters in order."""

    bars: Mapping[str, Mapping[str, str]]  # letter -> drum -> sixteen characters
    order: str
    loudness: int = 84  # of a plain hit
    late: Mapping[int, int] = field(default_factory=dict)  # sixteenth of a beat -> ticks, below 0 early


@dataclass(frozen=True, kw_only=True)
class BandClip:
    """Several tracks that are played together."""

    name: str  # of the file
    quarters_per_minute: int
    lines: tuple[Clip, ...] = ()
    groove: Groove


DRUMS = {"kick": 36, "snare": 38, "hat": 42, "open": 46, "tom": 45, "crash": 49, "ride": 51}
HIT_LOUDNESS = {"x": 0, "X": 20, "o": -44}  # beside that of the groove
HIT_TICKS = 60
BACKBEAT = {"kick": "x.......x.x.....", "snare": "....x.......x..."}
SWING = {"ride": "x...x..xx...x..x", "snare": "....o.......o...", "kick": "x.......x......."}
TUNES = {clip.name: clip for clip in CLIPS}
BANDS = (
    BandClip(
        name="pocket-groove",
        quarters_per_minute=92,
        groove=Groove(
            bars={
                "A": {"kick": "X......x..x.....", "snare": "....X..o.o..X...", "hat": "x.x.x.x.x.x.x.x."},
                "B": {
                    "kick": "X..x......x..x..",
                    "snare": "....X..o....X.ox",
                    "hat": "x.x.x.x.x.x.x...",
                    "open": "..............x.",
                },
            },
            order="AB",
            late={1: 14, 2: 9, 3: 22},
        ),
    ),
    BandClip(
        name="ode-to-joy-trio",
        quarters_per_minute=116,
        lines=(
            replace(TUNES["ode-to-joy"], program=61),  # brass section
            Clip(
                name="bass",
                title="Bass",
                tune="""C,,4C,,4G,,4E,,4|G,,4G,,4B,,4G,,4|C,,4C,,4E,,4C,,4|G,,8G,,4F,,4|
                        E,,4C,,4G,,4E,,4|G,,4G,,4B,,4G,,4|C,,4C,,4E,,4C,,4|G,,8C,,8|
                        G,,4G,,4C,,4C,,4|G,,4G,,4C,,4E,,4|G,,4G,,4E,,4^G,,4|A,,4D,,4G,,8|
                        C,,4C,,4G,,4E,,4|G,,4G,,4B,,4G,,4|C,,4C,,4E,,4C,,4|G,,8C,,8|""",
                program=33,  # fingered bass
                loudness=(86, 92, 86),
                accent=6,
            ),
        ),
        groove=Groove(
            bars={
                "A": {**BACKBEAT, "hat": "x.x.x.x.x.x.x.x."},
                "C": {**BACKBEAT, "crash": "x...............", "hat": "..x.x.x.x.x.x.x."},
                "F": {
                    "kick": "x.......x.......",
                    "snare": "....x...x.xxx.xx",
                    "hat": "x.x.x.x.........",
                    "tom": "..........x.....",
                },
            },
            order="CAAAAAAFCAAFCAAF",
        ),
    ),
    BandClip(
        name="when-the-saints-trio",
        quarters_per_minute=176,
        lines=(
            replace(TUNES["when-the-saints"], program=65),  # alto saxophone
            Clip(
                name="bass",
                title="Walking Bass",
                tune="""z16|C,,4E,,4G,,4A,,4|C,4A,,4G,,4E,,4|C,,4E,,4G,,4A,,4|
                        C,4A,,4G,,4E,,4|C,,4D,,4E,,4G,,4|A,,4G,,4E,,4C,,4|G,,4A,,4B,,4G,,4|
                        G,,4F,,4E,,4D,,4|C,,4E,,4G,,4E,,4|C,,4E,,4G,,4_B,,4|F,,4A,,4C,4A,,4|
                        F,,4A,,4C,4^F,,4|G,,4E,,4C,,4E,,4|G,,4B,,4D,4G,,4|C,,4G,,4C,,8|""",
                program=32,  # acoustic bass
                loudness=(80, 90, 84),
                accent=4,
            ),
        ),
        groove=Groove(
            bars={
                "P": {"snare": "............x.xx"},
                "A": SWING,
                "F": {**SWING, "snare": "....o...x...x..x", "ride": "x...x..x........"},
                "E": {"ride": "x...x..x........", "kick": "x.......x.......", "crash": "........x......."},
            },
            order="PAAAAAAFAAAFAAAE",
            loudness=78,
            late={3: -40},  # the last of three triplets
        ),
    ),
)


def steps_per_bar(clip: Clip) -> int:
    """Count the sixteenths of a bar."""
    return clip.metre[0] * 16 // clip.metre[1]


def pitch_of(symbol: re.Match[str]) -> int:
    """Return the MIDI pitch of a note symbol."""
    octaves = symbol["letter"].islower() + symbol["octave"].count("'") - symbol["octave"].count(",")
    accidental = {"^": 1, "_": -1, "": 0}[symbol["accidental"]]
    return 60 + SEMITONES[symbol["letter"].upper()] + 12 * octaves + accidental


def velocity_at(clip: Clip, step: int, num_steps: int) -> int:
    """Return the loudness at a step: the line between the clip's points, and its accents."""
    points = clip.loudness
    segment, into = divmod(step * (len(points) - 1), num_steps)
    after = points[min(segment + 1, len(points) - 1)]
    accents = {0: clip.accent, steps_per_bar(clip) // 2: clip.accent // 2}
    return (
        points[segment]
        + (after - points[segment]) * into // num_steps
        + accents.get(step % steps_per_bar(clip), 0)
    )


def notes_of(clip: Clip) -> tuple[Note, ...]:
    """Read the tune; a bar that is too short or too long stops the script."""
    bars = clip.tune.split("|")[:-1]
    num_steps = len(bars) * steps_per_bar(clip)
    notes: list[Note] = []
    step, tied = 0, False
    for number, bar in enumerate(bars, 1):
        for symbol in SYMBOL.finditer(bar):
            until = step + int(symbol["units"] or 1) * clip.steps_per_unit
            end = until * TICKS_PER_STEP
            if tied:
                notes[-1] = notes[-1]._replace(end=end)
            elif symbol["letter"] != "z":
                velocity = velocity_at(clip, step, num_steps)
                notes.append(Note(step * TICKS_PER_STEP, end, pitch_of(symbol), velocity))
            step, tied = until, bool(symbol["tie"])
        if step != number * steps_per_bar(clip):
            raise SystemExit(
                f"{clip.name}: bar {number} ends at step {step}, not {number * steps_per_bar(clip)}"
            )
    return tuple(notes)


def score_of(clip: Clip) -> Score:
    """Return the clip as music, ending on its last bar line."""
    num_bars = clip.tune.count("|")
    return Score(
        tracks=(Track(notes_of(clip), name=clip.title, program=clip.program),),
        tempi=(Tempo(0, round(60_000_000 / clip.quarters_per_minute)),),
        metres=(Metre(0, *clip.metre),),
        end_tick=num_bars * steps_per_bar(clip) * TICKS_PER_STEP,
    )


def hits_of(groove: Groove) -> tuple[Note, ...]:
    """Read the bars of a groove in their order."""
    notes = []
    for bar, letter in enumerate(groove.order):
        for drum, steps in groove.bars[letter].items():
            for step, character in enumerate(steps):
                if character != ".":
                    start = (16 * bar + step) * TICKS_PER_STEP + groove.late.get(step % 4, 0)
                    velocity = groove.loudness + HIT_LOUDNESS[character]
                    notes.append(Note(start, start + HIT_TICKS, DRUMS[drum], velocity))
    return tuple(sorted(notes))


def score_of_band(band: BandClip) -> Score:
    """Return all tracks together, ending on the last bar line."""
    lines = [Track(notes_of(line), name=line.title, program=line.program) for line in band.lines]
    return Score(
        tracks=(*lines, Track(hits_of(band.groove), name="Drums", is_drum=True)),
        tempi=(Tempo(0, round(60_000_000 / band.quarters_per_minute)),),
        metres=(Metre(0, 4, 4),),
        end_tick=len(band.groove.order) * 16 * TICKS_PER_STEP,
    )


def main(folder: Path) -> None:
    """Write every clip to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    scores = {clip.name: score_of(clip) for clip in CLIPS}
    scores |= {band.name: score_of_band(band) for band in BANDS}
    for name, score in scores.items():
        write_score(score, folder / f"{name}.mid", force=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "data" / "clips")
