"""A melody alone."""

from seqvae.latent.bands.base import PLAIN, Feel, Ids, Look, Manner, Taken, TrackWish, Written
from seqvae.latent.bands.feel import loudness
from seqvae.midi.notes import Score
from seqvae.tokens.meaning import MEANINGS
from seqvae.tokens.melody import MelodyClip, MelodyTokenizer
from seqvae.tokens.melody_report import DecodeReport

MELODY = Look("Melody", 0)


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

    def write(self, ids: Ids, manner: Manner = PLAIN) -> Written:
        """Write one track."""
        melody = self.tokenizer.decode_melody(ids, bars=manner.bars, **manner.rounded_feel())
        look = manner.look_of(0, MELODY)
        return Written(melody.to_score(**look._asdict(), tempi=manner.tempi), melody.bars, melody.report)
