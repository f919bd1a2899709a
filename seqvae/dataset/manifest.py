"""The description of a folder of shards, to and from JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from seqvae.config import MOST_BARS
from seqvae.errors import DataError

FORMAT_VERSION = 1
Kind = Literal["music", "text"]


class PieceRecord(NamedTuple):
    """Where a piece came from and where it went; its place in the list is its index in the shards."""

    name: str  # path inside the corpus
    corpus: str
    split: str
    group: int  # index of the first piece of its group
    windows: int  # kept in the shards
    sha256: str  # of the file


class ArrayRecord(NamedTuple):
    """One array file of the shards."""

    dtype: str
    shape: tuple[int, ...]
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What lies in the shards, how it was made, and what was left out and why."""

    tokenizer: Mapping[str, Any]  # its configuration
    bars: int
    steps_per_window: int
    voices: int
    seed: int
    shares: Mapping[str, float]  # valid_share, test_share, same_music_share
    corpora: tuple[str, ...]
    num_files: int
    num_groups: int
    largest_group: int  # pieces
    bad_files: Mapping[str, int]  # files that gave no piece, by reason
    skipped_pieces: Mapping[str, int]  # pieces that gave no window, by reason
    dropped_windows: Mapping[str, int]  # by reason
    repairs: Mapping[str, Mapping[str, int]]  # what reading and encoding mended and left out, over all pieces
    counts: Mapping[str, Mapping[str, Mapping[str, int]]]  # split -> corpus -> pieces, windows
    arrays: Mapping[str, ArrayRecord]  # file name -> what it holds
    pieces: Sequence[PieceRecord]
    kind: Kind = "music"
    text: Mapping[str, Any] = field(
        default_factory=dict
    )  # text only: longest sentence, vocabulary, templates
    official: tuple[str, ...] = ()  # corpora that bring their own split
    strict: bool = False  # files that break the MIDI standard were left out
    more_voices: bool = False  # train has lone voices too, and other tracks as melodies
    format_version: int = FORMAT_VERSION

    def num_windows(self, split: str) -> int:
        """Count the windows of a split over all corpora."""
        return sum(count["windows"] for count in self.counts[split].values())

    def num_pieces(self, split: str) -> int:
        """Count the pieces of a split that gave at least one window."""
        return sum(count["pieces"] for count in self.counts[split].values())

    def to_json(self) -> str:
        """Write the manifest; equal manifests give equal text."""
        return "".join(self.json_parts())

    def json_parts(self) -> Iterator[str]:
        """Write the manifest piece by piece."""
        fields = dict(vars(self))
        if self.kind == "music":  # as written before there was text
            del fields["kind"], fields["text"]
        if not self.official:
            del fields["official"]
        if not self.strict:
            del fields["strict"]
        if not self.more_voices:
            del fields["more_voices"]
        fields["arrays"] = {name: record._asdict() for name, record in self.arrays.items()}
        del fields["pieces"]
        yield json.dumps(fields, indent=1, sort_keys=True).removesuffix("\n}")
        yield ',\n "pieces": [\n  '
        for place, record in enumerate(self.pieces):
            yield ",\n  " * (place > 0) + json.dumps(record._asdict())
        yield "\n ]\n}\n"

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read a manifest back; DataError says what is wrong with it."""
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DataError(f"not JSON ({error})") from error
        if not isinstance(fields, dict) or "format_version" not in fields:
            raise DataError("not a manifest of shards, format_version is missing")
        if fields["format_version"] != FORMAT_VERSION:
            raise DataError(
                f"format version {fields['format_version']!r} where {FORMAT_VERSION} is read; "
                "prepare the corpus again"
            )
        try:
            fields["pieces"] = tuple(PieceRecord(**record) for record in fields["pieces"])
            fields["arrays"] = {name: _array_record(record) for name, record in fields["arrays"].items()}
            fields["corpora"] = tuple(fields["corpora"])
            fields["official"] = tuple(fields.get("official", ()))
            manifest = cls(**fields)
            sizes: list[Any] = [
                manifest.bars,
                manifest.steps_per_window,
                manifest.voices,
                *map(manifest.num_windows, manifest.counts),
            ]
        except (TypeError, KeyError, AttributeError) as error:
            raise DataError(f"a field is missing, unknown or of another type ({error})") from error
        names = [manifest.tokenizer, *manifest.corpora, *manifest.official]
        if not isinstance(names[0], dict) or not all(isinstance(name, str) for name in names[1:]):
            raise DataError("the tokenizer is no object, or the name of a corpus no string")
        if not all(map(_is_record, manifest.pieces)):
            raise DataError("a piece has a name that is no string or a number that is none")
        if manifest.kind not in get_args(Kind) or not isinstance(manifest.text, dict):
            raise DataError(f"kind {manifest.kind!r} is neither {' nor '.join(get_args(Kind))}")
        if not all(isinstance(size, int) and size >= 0 for size in sizes):
            raise DataError("a size is not a whole number")
        if not 1 <= manifest.bars <= MOST_BARS or manifest.steps_per_window % manifest.bars:
            raise DataError(
                f"windows of {manifest.bars} bars and {manifest.steps_per_window} steps; windows are of 1 to "
                f"{MOST_BARS} bars of equally many steps"
            )
        return manifest


def _array_record(record: Mapping[str, Any]) -> ArrayRecord:
    return ArrayRecord(record["dtype"], tuple(record["shape"]), record["sha256"])


def _is_record(piece: PieceRecord) -> bool:
    """Tell whether the fields of a piece are of their types."""
    return tuple(map(type, piece)) == (str, str, str, int, int, str)
