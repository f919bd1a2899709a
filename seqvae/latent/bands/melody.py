"""A melody alone."""

from collections.abc import Sequence

from seqvae.latent.bands.base import (
    DEFAULT_TEMPI,
    Feel,
    Ids,
    Look,
    Taken,
    TrackWish,
    Written,
    look_of,
    settled,
)
from seqvae.latent.bands.feel import loudness
from seqvae.midi.notes import Score, Tempo
from seqvae.midi.quantize import Bar
from seqvae.tokens.meaning import MEANINGS
from seqvae.tokens.melody import MelodyClip, MelodyTokenizer
from seqvae.tokens.melody_report import DecodeReport


class MelodyBand:
    """One melodic line."""

    meaning = MEANINGS["melody"]
    nothing_mended = DecodeReport()

    def __init__(self, tokenizer: MelodyTokenizer) -> None:
        """Play what this tokenizer reads and writes."""
        self.tokenizer = tokenizer

    def take(self, score: Score, wish: TrackWish) -> Taken:
        """Encode the melody track."""
        index = self.tokenizer.choose_track(score, wish).track_index
        return Taken(self.tokenizer.encode(score, track=wish), ((index,),))

    def looks(self, clip: MelodyClip, label: str) -> tuple[Look | None, ...]:
        """Return name and program of the track."""
        return (Look(clip.track_name or label, clip.program),)

    def feel(self, clip: MelodyClip) -> Feel:
        """Return how loud each step is."""
        return {"velocities": loudness(clip.velocities)}

    def write(
        self,
        ids: Ids,
        *,
        looks: Sequence[Look | None] = (),
        bars: Sequence[Bar] | None = None,
        feel: Feel | None = None,
        tempi: tuple[Tempo, ...] = DEFAULT_TEMPI,
    ) -> Written:
        """Write one track."""
        melody = self.tokenizer.decode_melody(ids, bars=bars, **settled(feel))
        look = look_of(looks, 0, Look("Melody", 0))
        return Written(melody.to_score(**look._asdict(), tempi=tempi), melody.bars, melody.report)
