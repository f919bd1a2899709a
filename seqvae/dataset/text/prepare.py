"""Texts become shards: read, arrange, learn the tokenizer from the train split, encode, write."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from seqvae.dataset.grouping import SPLITS
from seqvae.dataset.manifest import ArrayRecord, Manifest
from seqvae.dataset.pieces import BadFile, Source, add_counts
from seqvae.dataset.places import Place
from seqvae.dataset.shards import MANIFEST_NAME
from seqvae.dataset.text.arrange import arrange_texts
from seqvae.dataset.text.files import Sentences, list_texts, read_file
from seqvae.dataset.text.settings import TextSettings
from seqvae.dataset.text.summary import summarise_texts
from seqvae.dataset.text.writing import encode_texts, write_sentences
from seqvae.dataset.writing import check_output, folder_in_one_piece, write_report
from seqvae.errors import DataError


def prepare_texts(
    paths: Sequence[str | Place],
    out: str | Path,
    settings: TextSettings,
    *,
    force: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Write the shards of text files and folders and return their description.

    The same files and settings give the same bytes. `on_progress` hears (files done, all files).
    Raises DataError when there is nothing to train on, OutputError when `out` cannot be written.
    """
    out = Path(out)
    check_output(out, force=force)
    files, bad_files = _read(list_texts(paths), settings, on_progress)
    arrangement = arrange_texts(files, settings)
    train = [sentence.text for sentence in arrangement.placed if sentence.split == "train"]
    if not train:
        raise DataError(_nothing_left(files, bad_files))
    tokenizer = settings.train(train)
    texts = encode_texts(arrangement.placed, tokenizer, settings)
    if not texts.of_split("train"):
        raise DataError(f"no sentence to train on: all are {settings.too_long}")
    with folder_in_one_piece(out) as folder:
        arrays: dict[str, ArrayRecord] = {}
        for split in SPLITS:
            arrays |= write_sentences(folder, split, texts.of_split(split), arrangement.corpora)
        manifest = summarise_texts(arrangement, texts, bad_files, arrays, tokenizer, settings)
        (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
        write_report(folder, bad_files)
    return manifest


def _read(
    splits: Mapping[Source, str], settings: TextSettings, on_progress: Callable[[int, int], None] | None
) -> tuple[list[Sentences], list[BadFile]]:
    files, bad_files = [], []
    for done, (source, split) in enumerate(splits.items(), start=1):
        result = read_file(source, split, settings)
        if isinstance(result, BadFile):
            bad_files.append(result)
        else:
            files.append(result)
        if on_progress:
            on_progress(done, len(splits))
    return files, bad_files


def _nothing_left(files: Sequence[Sentences], bad_files: Sequence[BadFile]) -> str:
    reasons = Counter(bad.reason for bad in bad_files)
    found = [f"{number} {reason}" for reason, number in reasons.most_common()]
    lines = add_counts(file.left_out for file in files)
    found += [f"{number} lines {reason}" for reason, number in lines.items() if number]
    found += [f"{len(files)} without a sentence"] if files and not lines else []
    return f"none of {len(files) + len(bad_files)} files can be used: {', '.join(found)}"
