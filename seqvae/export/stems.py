"""One instrument of a Score as a Score of its own, in the same time."""

from dataclasses import replace

from seqvae.midi.notes import Score


def split_stems(score: Score) -> dict[str, Score]:
    """Return a score per track, each with all tempi, metres and markers, under a name for its file."""
    width = max(2, len(str(len(score.tracks))))
    return {
        "-".join(filter(None, (f"stem-{number:0{width}}", _file_word(track.name)))): replace(
            score, tracks=(track,)
        )
        for number, track in enumerate(score.tracks, 1)
    }


def _file_word(name: str) -> str:
    """Keep of a name what every file system takes."""
    kept = "".join(letter if letter.isalnum() else " " for letter in name)
    return "-".join(kept.split())[:40].strip("-")
