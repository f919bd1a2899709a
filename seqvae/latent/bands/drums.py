"""Drums alone."""

from seqvae.latent.bands.base import PLAIN, Feel, Ids, Look, Manner, Taken, TrackWish, Written
from seqvae.latent.bands.feel import loudness_of_classes, timing_of_classes
from seqvae.midi.notes import Score
from seqvae.tokens.drum_report import DrumDecodeReport
from seqvae.tokens.drums import DrumClip, DrumTokenizer
from seqvae.tokens.meaning import MEANINGS

DRUMS = Look("Drums", 0)


class DrumBand:
    """Nine classes of drums on channel 10."""

    meaning = MEANINGS["drums"]
    nothing_mended = DrumDecodeReport()

    def __init__(self, tokenizer: DrumTokenizer) -> None:
        """Play what this tokenizer reads and writes."""
        self.tokenizer = tokenizer

    def take(self, score: Score, wish: TrackWish) -> Taken:
        """Encode the drum tracks together."""
        indices = self.tokenizer.choose_track(score, wish).track_indices
        return Taken(self.tokenizer.encode(score, track=wish), (indices,))

    def looks(self, clip: DrumClip, label: str) -> tuple[Look | None, ...]:
        """Return name and program of the first drum track."""
        return (Look(clip.track_name or label, clip.program),)

    def feel(self, clip: DrumClip) -> Feel:
        """Return how loud each class is at each step, and how far off it."""
        return {
            "velocities": loudness_of_classes(clip.velocities),
            "offsets": timing_of_classes(clip.offsets, clip.velocities > 0),
        }

    def write(self, ids: Ids, manner: Manner = PLAIN) -> Written:
        """Write one drum track."""
        drums = self.tokenizer.decode_drums(ids, bars=manner.bars, **manner.rounded_feel())
        look = manner.look_of(0, DRUMS)
        return Written(drums.to_score(**look._asdict(), tempi=manner.tempi), drums.bars, drums.report)
