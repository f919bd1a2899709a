"""The only place where sentences hear of one another: copies, templates, paragraphs, splits."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from seqvae.dataset.grouping import SPLITS, DisjointSets, assign_splits
from seqvae.dataset.text.files import Sentences
from seqvae.dataset.text.settings import TextSettings
from seqvae.dataset.text.templates import template_of

EQUAL = "equal to an earlier one"


class Placed(NamedTuple):
    """A sentence with its place in the corpus."""

    text: str
    corpus: str
    group: int  # sentences of one template, or windows of one paragraph, have the same number
    split: str


@dataclass(frozen=True, slots=True)
class TextArrangement:
    """What was decided about all sentences."""

    placed: list[Placed]
    left_out: dict[str, Counter[str]]  # corpus -> reason -> sentences
    templates: Counter[str]  # distinct sentences of each template, before the cap
    num_files: int
    has_official_splits: bool = False

    @property
    def corpora(self) -> list[str]:
        """Name the corpora in the order of their numbers."""
        return sorted(self.left_out)


def arrange_texts(files: Sequence[Sentences], settings: TextSettings) -> TextArrangement:
    """Drop copies, cap templates, split by template and paragraph; official splits are taken as they are."""
    left_out = {file.source.corpus: Counter[str]() for file in files}
    for file in files:
        left_out[file.source.corpus] += file.left_out
    if any(file.split for file in files):
        return _arrange_official(files, left_out)
    corpora = _distinct(files, left_out)
    templates = {text: template_of(text) for text in corpora}
    members: dict[str, list[str]] = defaultdict(list)
    for text, template in templates.items():
        members[template].append(text)
    kept = {text for texts in members.values() for text in _capped(texts, settings)}
    for text, corpus in corpora.items():
        left_out[corpus][_over_cap(settings)] += text not in kept
    groups = _groups(files, templates)
    return TextArrangement(
        _split([text for text in corpora if text in kept], corpora, templates, groups, settings),
        left_out,
        Counter({template: len(texts) for template, texts in members.items()}),
        len(files),
    )


def _distinct(files: Sequence[Sentences], left_out: dict[str, Counter[str]]) -> dict[str, str]:
    """Return the corpus of each distinct sentence, in the order of the files."""
    corpora: dict[str, str] = {}
    for file in files:
        for text in file.sentences:
            if text in corpora:
                left_out[file.source.corpus][EQUAL] += 1
            else:
                corpora[text] = file.source.corpus
    return corpora


def _over_cap(settings: TextSettings) -> str:
    return f"beyond {settings.per_template} of one template"


def _capped(texts: Sequence[str], settings: TextSettings) -> Sequence[str]:
    """Choose the sentences of one template that stay, whatever order they came in."""
    if not settings.per_template or len(texts) <= settings.per_template:
        return texts
    by_chance = sorted(texts, key=lambda text: _digest(f"{settings.seed}:{text}"))
    return by_chance[: settings.per_template]


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def _groups(files: Sequence[Sentences], templates: dict[str, str]) -> dict[str, int]:
    """Give sentences of one template, and windows of one paragraph, the same number."""
    numbers = {text: number for number, text in enumerate(templates)}
    sets, first = DisjointSets(len(numbers)), dict[str | tuple[int, int], int]()
    for text, template in templates.items():
        sets.join(first.setdefault(template, numbers[text]), numbers[text])
    for index, file in enumerate(files):
        for text, paragraph in zip(file.sentences, file.paragraphs, strict=True):
            sets.join(first.setdefault((index, paragraph), numbers[text]), numbers[text])
    return dict(zip(numbers, sets.roots().tolist(), strict=True))


def _split(
    texts: Sequence[str],
    corpora: dict[str, str],
    templates: dict[str, str],
    group_of: dict[str, int],
    settings: TextSettings,
) -> list[Placed]:
    numbers: dict[int, int] = {}
    groups = [numbers.setdefault(group_of[text], len(numbers)) for text in texts]
    splits = assign_splits(
        groups,
        [_digest(templates[text]) for text in texts],
        [corpora[text] for text in texts],
        [1] * len(texts),
        seed=settings.seed,
        valid_share=settings.valid_share,
        test_share=settings.test_share,
    )
    return [
        Placed(text, corpora[text], group, split)
        for text, group, split in zip(texts, groups, splits, strict=True)
    ]


def _arrange_official(files: Sequence[Sentences], left_out: dict[str, Counter[str]]) -> TextArrangement:
    """Keep every line where its file puts it, copies too: figures are compared over all of them."""
    in_order = sorted(files, key=lambda file: SPLITS.index(file.split))
    numbers: dict[str, int] = {}
    placed = [
        Placed(text, file.source.corpus, numbers.setdefault(template_of(text), len(numbers)), file.split)
        for file in in_order
        for text in file.sentences
    ]
    names = list(numbers)
    templates = Counter(names[sentence.group] for sentence in placed)
    return TextArrangement(placed, left_out, templates, len(files), has_official_splits=True)
