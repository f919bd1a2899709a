"""Clips as one picture: a piano roll per clip, one below the other, on common axes of time and pitch.

Colour runs from the first clip to the last, and loud notes are darker. Where a clip has several tracks each
has a pair of colours of its own. Bars are numbered where their lines change from one row to the next.
"""

import io
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from seqvae.midi.counts import count_of
from seqvae.midi.notes import Note, Score
from seqvae.midi.quantize import bars_of
from seqvae.midi.text import clean_text

MAX_ROWS = 60  # of a longer walk as many rows, evenly spread
LABEL_WIDTH, MARGIN, GAP, NUMBER_HEIGHT = 240, 24, 14, 18  # pixels, as everything below
ROW_HEIGHT, LEAST_WIDTH, WIDEST, BAR_WIDTH = 144, 640, 4000, 96
SEMITONE_HEIGHTS = (3, 9)

Colour = tuple[int, int, int]

PAPER, ROW, OTHER_BAR, LINE = (255, 255, 255), (247, 248, 250), (238, 241, 245), (214, 219, 227)
INK, PALE_INK = (31, 41, 55), (122, 132, 148)
PATHS = (  # from the first clip to the last, for each track
    ((24, 104, 204), (222, 52, 76)),
    ((20, 134, 109), (146, 72, 166)),
    ((108, 117, 125), (90, 72, 50)),
)


class Scale(NamedTuple):
    """How music becomes pixels in every row."""

    lowest: int  # pitch
    highest: int
    semitone: int  # pixels
    roll_width: int
    end_tick: int

    @property
    def roll_height(self) -> int:
        """The height of a row."""
        return (self.highest - self.lowest + 1) * self.semitone

    def x(self, tick: int) -> int:
        """Where a tick lies, from the left edge of the picture."""
        return MARGIN + LABEL_WIDTH + round(tick * self.roll_width / self.end_tick)

    def y(self, pitch: int) -> int:
        """Where the upper edge of a pitch lies, from the top of its row."""
        return (self.highest - pitch) * self.semitone


def picture_bytes(scores: Sequence[Score], labels: Sequence[str]) -> bytes:
    """Return the clips, of one resolution, as a PNG."""
    shown = _spread(len(scores))
    rows = [scores[index] for index in shown]
    scale = _scale_of(rows)
    tops, height = _tops(rows, scale)
    note = f"{len(shown)} of {len(scores)}, evenly spread" if len(shown) < len(scores) else ""
    width = scale.x(scale.end_tick) + MARGIN
    image = Image.new("RGB", (width, height + MARGIN * bool(note)), PAPER)
    draw = ImageDraw.Draw(image)
    for number, (index, score, top) in enumerate(zip(shown, rows, tops, strict=True)):
        numbered = number == 0 or _bar_ticks(rows[number - 1]) != _bar_ticks(score)
        _draw_grid(draw, score, scale, top, numbered=numbered)
        fraction = index / max(1, len(scores) - 1)
        for voice, track in enumerate(score.tracks):
            _draw_notes(draw, track.notes, scale, top, _blend(*PATHS[voice % len(PATHS)], fraction))
        _draw_label(draw, score, labels[index], scale, top)
    if note:
        draw.text((MARGIN, height - MARGIN // 2), note, PALE_INK, _font(15))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _spread(count: int) -> list[int]:
    """Return which clips are shown, both ends among them."""
    if count <= MAX_ROWS:
        return list(range(count))
    return [round(row * (count - 1) / (MAX_ROWS - 1)) for row in range(MAX_ROWS)]


def _scale_of(scores: Sequence[Score]) -> Scale:
    pitches = [note.pitch for score in scores for track in score.tracks for note in track.notes] or [60, 72]
    lowest, highest = min(pitches) - 1, max(pitches) + 1
    least, most = SEMITONE_HEIGHTS
    semitone = max(least, min(most, ROW_HEIGHT // (highest - lowest + 1)))
    num_bars = max(len(_bar_ticks(score)) - 1 for score in scores)
    width = max(LEAST_WIDTH, min(WIDEST, num_bars * BAR_WIDTH))
    end_tick = max(_bar_ticks(score)[-1] for score in scores)
    return Scale(lowest, highest, semitone, width, max(1, end_tick))


def _tops(scores: Sequence[Score], scale: Scale) -> tuple[list[int], int]:
    """Return where each row begins, and where the last one ends."""
    tops, y = [], MARGIN
    for number, score in enumerate(scores):
        y += NUMBER_HEIGHT * (number == 0 or _bar_ticks(scores[number - 1]) != _bar_ticks(score))
        tops.append(y)
        y += scale.roll_height + GAP
    return tops, y - GAP + MARGIN


def _bar_ticks(score: Score) -> list[int]:
    """Return the ticks of all bar lines, that of the end included."""
    return [*(bar.start_tick for bar in bars_of(score)), score.end_tick]


def _draw_grid(draw: ImageDraw.ImageDraw, score: Score, scale: Scale, top: int, *, numbered: bool) -> None:
    lines = [scale.x(tick) for tick in _bar_ticks(score)]
    bottom = top + scale.roll_height - 1
    every = -(-28 // max(1, (lines[-1] - lines[0]) // max(1, len(lines) - 1)))  # room for three digits
    for index, (left, right) in enumerate(pairwise(lines)):
        draw.rectangle((left, top, right - 1, bottom), OTHER_BAR if index % 2 else ROW)
        if numbered and index % every == 0:
            draw.text((left + 3, top - NUMBER_HEIGHT), str(index + 1), PALE_INK, _font(13))
    for pitch in range(-(-scale.lowest // 12) * 12, scale.highest + 1, 12):
        y = top + scale.y(pitch) + scale.semitone - 1
        draw.line((lines[0], y, lines[-1] - 1, y), LINE)
        draw.text((lines[0] - 8, y), f"C{pitch // 12 - 1}", PALE_INK, _font(12), anchor="rm")


def _draw_notes(
    draw: ImageDraw.ImageDraw, notes: Sequence[Note], scale: Scale, top: int, colour: Colour
) -> None:
    """Draw the notes of a track; a pixel at the end of each keeps repeated ones apart."""
    for note in notes:
        left, right = scale.x(note.start), scale.x(note.end) - 2
        upper = top + scale.y(note.pitch)
        box = (left, upper, max(left, right), upper + scale.semitone - 1)
        draw.rounded_rectangle(box, min(2, scale.semitone // 3), _blend(PAPER, colour, _weight(note)))


def _draw_label(draw: ImageDraw.ImageDraw, score: Score, label: str, scale: Scale, top: int) -> None:
    """Write the name of a row, and below it what it holds."""
    middle = top + scale.roll_height // 2
    num_notes = sum(len(track.notes) for track in score.tracks)
    bpm = 60e6 / score.tempi[0].microseconds_per_quarter
    room = LABEL_WIDTH - 48
    draw.text((MARGIN, middle - 1), _fitting(clean_text(label), _font(18), room), INK, _font(18), anchor="ls")
    told = f"{count_of(num_notes, 'notes')}, {bpm:.0f} bpm"
    draw.text((MARGIN, middle + 4), told, PALE_INK, _font(14), anchor="la")


def _fitting(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, room: int) -> str:
    """Cut a text to a width."""
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _weight(note: Note) -> float:
    return 0.4 + 0.6 * note.velocity / 127


def _blend(start: Colour, end: Colour, fraction: float) -> Colour:
    red, green, blue = (round(a + (b - a) * fraction) for a, b in zip(start, end, strict=True))
    return red, green, blue
