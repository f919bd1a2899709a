import json
from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.dataset.batches import Batches
from seqvae.dataset.manifest import Manifest
from seqvae.dataset.shards import open_shards
from seqvae.dataset.text.arrange import EQUAL, TextArrangement, arrange_texts
from seqvae.dataset.text.prepare import prepare_texts
from seqvae.dataset.text.settings import TextSettings
from seqvae.dataset.text.summary import text_summary_lines
from seqvae.dataset.text.templates import template_of
from seqvae.errors import ConfigError, DataError, OutputError
from seqvae.tokens.base import build_tokenizer
from seqvae.tokens.paragraphs import decode_paragraph
from seqvae.tokens.sentences import END, PAD
from tests.dataset.making import bytes_of
from tests.dataset.text.making import HALVES, corpus_of, lines, write_text, write_treebank

SPLITS = ("train", "valid", "test")


def sentences_of(folder, split: str) -> list[str]:
    """Decode the sentences of a split."""
    shards = open_shards(folder)
    tokenizer, windows = build_tokenizer(shards.manifest.tokenizer), shards.split(split)
    return [tokenizer.decode(windows.sequence(index)) for index in range(len(windows))]


def split_of_texts(texts: list[str], arrangement: TextArrangement) -> list[tuple[str, str]]:
    """Name the split of each text that stays."""
    places = zip(texts, arrangement.splits.tolist(), strict=True)
    return [(text, SPLITS[split]) for text, split in places if split >= 0]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A file of sentences, each with near-copies, and one with nothing new."""
    return write_text(tmp_path_factory.mktemp("corpora") / "tales.txt", lines())


@pytest.fixture(scope="module")
def folder(corpus, tmp_path_factory):
    """The shards of that file."""
    out = tmp_path_factory.mktemp("shards") / "out"
    prepare_texts([corpus], out, HALVES)
    return out


def test_every_sentence_comes_back(folder):
    """What is in the shards are the sentences of the file, each once."""
    found = [sentence for split in SPLITS for sentence in sentences_of(folder, split)]

    assert sorted(found) == sorted(lines())
    assert all(sentences_of(folder, split) for split in SPLITS)


def test_no_template_straddles_splits(folder):
    """From file to shards: near-copies share the split."""
    heard = [{template_of(sentence) for sentence in sentences_of(folder, split)} for split in SPLITS]

    assert not any(one & other for one, other in combinations(heard, 2))


words = st.sampled_from(
    ["Tom", "Mary", "she", "They", "sings", "sang", "and", "the", "3", "dogs", "isn't", "is", "!"]
)
texts = st.lists(st.lists(words, min_size=1, max_size=4).map(" ".join), min_size=3, max_size=60)


@given(texts, texts, st.integers(0, 4), st.integers(0, 9))
def test_splits_and_caps_hold_for_any_sentences(one, other, per_template, seed):
    """No copy, no template in two splits, none above the cap, and what is left out is counted."""
    settings = TextSettings(per_template=per_template, seed=seed, valid_share=0.3, test_share=0.3)
    arrangement = arrange_texts(corpus_of(one, other, seed=seed), settings)
    placed = split_of_texts(one + other, arrangement)
    kept = [text for text, _ in placed]
    splits: dict[str, set[str]] = {}
    for text, split in placed:
        splits.setdefault(template_of(text), set()).add(split)

    assert len(set(kept)) == len(kept)
    assert all(len(found) == 1 for found in splits.values())
    sizes = Counter(map(template_of, {*one, *other}))
    found = arrangement.templates
    assert [template_of((one + other)[row]) for row in found.firsts] == [
        template for template, _ in Counter(map(template_of, dict.fromkeys(one + other))).most_common()
    ]
    assert found.sizes.tolist() == sorted(sizes.values(), reverse=True)
    for template, number in sizes.items():
        assert sum(template_of(text) == template for text in kept) == min(number, per_template or number)
    left_out = sum(reasons.total() for reasons in arrangement.left_out.values())
    assert len(kept) + left_out == len(one) + len(other)


@given(texts, texts, st.integers(0, 9))
def test_no_paragraph_straddles_splits(one, other, seed):
    """Its windows go to one split, and copies of them too."""
    corpus = corpus_of(one, other, length=3, seed=seed)
    settings = TextSettings(per_template=0, seed=seed, valid_share=0.3, test_share=0.3)
    split_of = dict(split_of_texts(one + other, arrange_texts(corpus, settings)))
    splits: dict[int, set[str]] = {}
    for text, paragraph in zip(one + other, corpus.rows.paragraphs.tolist(), strict=True):
        splits.setdefault(paragraph, set()).add(split_of[text])

    assert all(len(found) == 1 for found in splits.values())


@given(texts, st.randoms())
def test_the_order_of_lines_decides_nothing(sentences, random):
    """Shuffled lines give each sentence the same split."""
    settings = TextSettings(per_template=2, valid_share=0.3, test_share=0.3)
    shuffled = random.sample(sentences, len(sentences))

    one, other = (
        set(split_of_texts(order, arrange_texts(corpus_of(order), settings)))
        for order in (sentences, shuffled)
    )

    assert one == other


def test_twice_gives_the_same_bytes_and_no_place_of_the_machine(corpus, folder, tmp_path):
    """Neither chance nor the places of corpus and shards change a byte."""
    moved = write_text(tmp_path / "elsewhere" / "tales.txt", lines())
    prepare_texts([moved], tmp_path / "out", HALVES)

    assert bytes_of(tmp_path / "out") == bytes_of(folder)
    assert str(tmp_path) not in (tmp_path / "out" / "manifest.json").read_text()


def test_the_tokenizer_hears_of_train_only(tmp_path):
    """Words of valid and test are in no list."""
    write_treebank(tmp_path / "news")
    write_text(tmp_path / "news" / "ptb.test.txt", ["zebra <unk>"])
    manifest = prepare_texts([tmp_path / "news"], tmp_path / "out", TextSettings(tokenizer="words"))

    assert "zebra" not in manifest.tokenizer["words"]


def test_pieces_of_a_huge_corpus_are_learned_from_a_part(corpus, folder, tmp_path, monkeypatch):
    """The same part each time, of the train split; words are counted in all sentences."""
    learned: list[list[str]] = []
    train = TextSettings.train

    def listen(settings, sentences):
        learned.append(list(sentences))
        return train(settings, sentences)

    monkeypatch.setattr("seqvae.dataset.text.prepare.MOST_LEARNED", 30)
    monkeypatch.setattr(TextSettings, "train", listen)
    for place in ("one", "two"):
        prepare_texts([corpus], tmp_path / place, HALVES)
    prepare_texts([corpus], tmp_path / "words", replace(HALVES, tokenizer="words", vocab_size=0))

    assert len(learned[0]) == len(set(learned[0]) & set(sentences_of(folder, "train"))) == 30
    assert learned[0] == learned[1]
    assert sorted(learned[2]) == sorted(sentences_of(folder, "train"))
    assert sentences_of(tmp_path / "one", "test") == sentences_of(folder, "test")


def test_official_splits_are_kept_line_by_line(tmp_path):
    """Copies stay, also between splits, unknown words are counted, and both are told."""
    corpus = write_treebank(tmp_path / "news")

    manifest = prepare_texts([corpus], tmp_path / "out", TextSettings(tokenizer="words"))

    assert sentences_of(tmp_path / "out", "train") == [
        "the <unk> said no",
        "no it was n't",
        "the <unk> said no",
    ]
    assert sentences_of(tmp_path / "out", "valid") == ["it said the <unk>"]
    assert sentences_of(tmp_path / "out", "test") == ["the <unk> said no", "no <unk> said it"]
    told = text_summary_lines(manifest)
    assert "test sentences that are in train as well: 1" in told
    assert "1 word read as <unk>" in told


def test_a_word_that_train_lacks_names_its_file(tmp_path):
    """Where the corpus has no <unk>, a smaller vocabulary makes one of the rare words."""
    for split, text in (("train", ["no no yes"]), ("valid", ["no"]), ("test", ["a unicorn"])):
        write_text(tmp_path / "news" / f"{split}.txt", text)

    message = r"test\.txt: the word 'a' is not in the vocabulary, and <unk> is neither; choose a smaller"
    with pytest.raises(DataError, match=message):
        prepare_texts([tmp_path / "news"], tmp_path / "out", TextSettings(tokenizer="words"))


def test_the_cap_is_counted(corpus, tmp_path):
    """Three of five near-copies go, and the summary says so."""
    manifest = prepare_texts([corpus], tmp_path / "out", TextSettings(vocab_size=400, per_template=2))

    assert sum(manifest.num_windows(split) for split in SPLITS) == 42 * 2
    assert manifest.repairs == {"tales": {"beyond 2 of one template": 42 * 3}}
    assert manifest.largest_group == 5
    assert "lines left out of tales: 126 beyond 2 of one template" in text_summary_lines(manifest)


def test_long_sentences_and_copies_are_counted(tmp_path):
    """Each line left out has its reason, by corpus."""
    corpus = write_text(tmp_path / "tales.txt", [*lines(), lines()[0], "x y " * 40, ""])

    manifest = prepare_texts([corpus], tmp_path / "out", TextSettings(vocab_size=400, max_pieces=40))

    assert manifest.repairs == {"tales": {"empty": 1, EQUAL: 1, "longer than 40 pieces": 1}}
    assert manifest.skipped_pieces == manifest.repairs["tales"]
    assert open_shards(tmp_path / "out").split("train").lengths.max() <= 41


def test_several_corpora_are_told_apart(corpus, tmp_path):
    """Every sentence knows its corpus, whatever order they were given in."""
    other = write_text(tmp_path / "airs.txt", [f"{line[:-1]}, too." for line in lines()])

    manifest = prepare_texts([corpus, other], tmp_path / "one", HALVES)
    prepare_texts([other, corpus], tmp_path / "two", HALVES)

    assert manifest.corpora == ("airs", "tales")
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    train = open_shards(tmp_path / "one").split("train")
    decode = build_tokenizer(manifest.tokenizer).decode
    for index in range(len(train)):
        is_air = decode(train.sequence(index)).endswith("too.")
        assert train.corpora[train.corpus_indices[index]] == ("airs" if is_air else "tales")


def test_windows_are_padded_to_the_longest_asked_for(folder):
    """Sentences stand above their padding, each as alone."""
    train = open_shards(folder).split("train")
    indices = np.array([5, 0, 7])

    batch = train.windows(indices)

    assert batch.shape == (3, train.lengths[indices].max(), 1)
    for row, index in zip(batch, indices.tolist(), strict=True):
        ids = train.sequence(index)
        assert np.array_equal(row[: len(ids)], ids)
        assert (row[len(ids) :] == PAD).all()
        assert ids[-1, 0] == END
        assert len(ids) == train.lengths[index]


def test_batches_of_text_have_every_sentence_once(folder):
    """The batches of music serve text as they are."""
    train = open_shards(folder).split("train")
    batches = Batches(train, size=len(train), seed=1)

    assert sorted(batches.indices(0).tolist()) == list(range(len(train)))
    assert batches.batch(0).shape == (len(train), train.lengths.max(), 1)


def test_templates_are_numbered_in_the_shards(folder):
    """Two sentences have one number if and only if they share a template, over all splits."""
    pairs = {
        (template_of(sentence), int(number))
        for split in SPLITS
        for sentence, number in zip(
            sentences_of(folder, split), open_shards(folder).split(split).pieces, strict=True
        )
    }

    assert len(pairs) == len(dict(pairs)) == len({number for _, number in pairs}) == 42


def test_the_manifest_survives_the_round_trip(folder):
    """Kind, longest sentence and vocabulary are read back."""
    text = (folder / "manifest.json").read_text()
    manifest = Manifest.from_json(text)

    assert manifest.to_json() == text
    assert (manifest.kind, manifest.steps_per_window, manifest.bars, manifest.voices) == ("text", 65, 1, 1)
    assert manifest.text["max_length"] == 65
    assert manifest.text["vocab_size"] == build_tokenizer(manifest.tokenizer).vocab_size


@pytest.mark.parametrize(
    ("kind", "value"),
    [("windows", 10**6), ("windows", -1), ("lengths", 66), ("lengths", -1), ("corpora", 1)],
)
def test_places_outside_the_arrays_are_refused(corpus, tmp_path, kind, value):
    """A sentence beyond the ids or of no corpus would read foreign memory."""
    prepare_texts([corpus], tmp_path / "out", HALVES)
    path = tmp_path / "out" / f"train.{kind}.npy"
    array = np.load(path)
    array[2] = value
    np.save(path, array)

    with pytest.raises(DataError, match="the arrays of train contradict one another"):
        open_shards(tmp_path / "out").split("train")


def test_an_unknown_kind_is_refused(corpus, tmp_path):
    """Shards of a later version are told apart."""
    prepare_texts([corpus], tmp_path / "out", HALVES)
    path = tmp_path / "out" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"kind": "film"}))

    with pytest.raises(DataError, match="kind 'film' is neither music nor text"):
        open_shards(tmp_path / "out")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", r"a\.txt: holds no sentence; write one in each line", id="empty"),
        pytest.param(b"\n\n", r"a\.txt: no line can be used: empty \(2 lines\)", id="blank"),
        pytest.param(b"ab\0c", r"a\.txt: not a text file \(a NUL byte in line 1\); save it", id="binary"),
        pytest.param(b"a\n\xff", r"a\.txt: bytes that are no text \(line 2\); save it", id="bytes"),
        pytest.param(b"x" * 10**6, r"no line can be used: longer than 64 pieces \(1 line\)", id="one line"),
        pytest.param(b"a b c d e\n" * 3, "no sentence to train on: all are longer than 2 pieces", id="long"),
    ],
)
def test_a_corpus_without_a_sentence_is_refused(tmp_path, content, message):
    """Nothing is written where there is nothing to train on, and the reason is told in one line."""
    (tmp_path / "a.txt").write_bytes(content)
    settings = TextSettings(max_pieces=2 if b"a b" in content else 64)

    with pytest.raises(DataError, match=message):
        prepare_texts([tmp_path / "a.txt"], tmp_path / "out", settings)

    assert not (tmp_path / "out").exists()


def test_what_several_files_lack_is_counted(tmp_path):
    """Each reason is told with its number of files or lines."""
    for name, content in (("a", b""), ("b", b"\n"), ("c", b"\xff"), ("d", b"\xfe\n")):
        (tmp_path / f"{name}.txt").write_bytes(content)

    message = (
        r"none of 4 files can be used: bytes that are no text \(2 files\), without a sentence \(1 file\), "
    )
    with pytest.raises(DataError, match=message + r"empty \(1 line\)"):
        prepare_texts([tmp_path], tmp_path / "out", TextSettings())


def test_nothing_stays_of_a_file_that_is_no_text(tmp_path):
    """What stood before its first bad byte is not in the shards, and nothing else is missing."""
    write_text(tmp_path / "corpus" / "b.txt", lines())
    (tmp_path / "corpus" / "a.txt").write_bytes(b"A good line.\n\xff\n")
    (tmp_path / "corpus" / "c.txt").write_bytes(b"")
    manifest = prepare_texts([tmp_path / "corpus"], tmp_path / "out", HALVES)
    found = [sentence for split in SPLITS for sentence in sentences_of(tmp_path / "out", split)]

    assert sorted(found) == sorted(lines())
    assert manifest.bad_files == {"bytes that are no text": 1, "without a sentence": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "out"]


def test_text_never_replaces_anything_but_shards(corpus, tmp_path):
    """The rules of --force are those of music."""
    prepare = partial(prepare_texts, [corpus], tmp_path / "out")
    prepare(HALVES)

    with pytest.raises(OutputError, match="already holds shards"):
        prepare(HALVES)
    prepare(HALVES, force=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"vocab_size": 100}, r"vocabulary 100 is outside 259\.\.32768", id="vocabulary"),
        pytest.param({"max_pieces": 0}, r"0 pieces at most is outside 1\.\.4095", id="pieces"),
        pytest.param({"per_template": -1}, "-1 sentences per template", id="cap"),
        pytest.param(
            {"tokenizer": "letters"}, "unknown tokenizer 'letters'; choose from text, words", id="kind"
        ),
        pytest.param({"valid_share": 0.6, "test_share": 0.4}, "must leave something", id="shares"),
        pytest.param({"seed": -1}, "seed is -1; choose 0 or more", id="seed"),
    ],
)
def test_settings_outside_their_range_are_refused(changes, message):
    """A setting that cannot work is told before any file is read."""
    with pytest.raises(ConfigError, match=message):
        TextSettings(**changes)


def test_paragraphs_keep_their_sentences_together(tmp_path):
    """A window holds neighbours of one paragraph, each with its end, and no more than asked for."""
    path = tmp_path / "story.txt"
    words = ("one", "two", "three", "four", "five", "six", "seven", "eight")
    blocks = [" ".join(f"Here {word} is {end}." for end in words[:5]) for word in words]
    path.write_text("\n\n".join(blocks), encoding="utf-8")
    settings = TextSettings(sentences=2, max_pieces=30, per_template=0, valid_share=0.0, test_share=0.0)
    manifest = prepare_texts([path], tmp_path / "shards", settings)
    tokenizer, train = build_tokenizer(manifest.tokenizer), open_shards(tmp_path / "shards").split("train")
    found = {tuple(decode_paragraph(train.window(i), tokenizer, max_sentences=2)) for i in range(len(train))}

    assert manifest.bars == 2
    assert manifest.steps_per_window == 62
    assert ("Here one is one.", "Here one is two.") in found
    assert ("Here one is five.",) in found
    assert len(found) == 3 * len(words)


def test_windows_of_a_paragraph_share_a_split(tmp_path):
    """From file to shards: where a paragraph is in train, nothing of it is in test."""
    words = [f"word{number}" for number in range(30)]
    blocks = [" ".join(f"The {word} of thing{n} is {n}." for n in range(6)) for word in words]
    path = tmp_path / "story.txt"
    path.write_text("\n\n".join(blocks), encoding="utf-8")
    settings = TextSettings(sentences=2, max_pieces=30, per_template=0, valid_share=0.3, test_share=0.3)
    prepare_texts([path], tmp_path / "shards", settings)
    heard = [" ".join(sentences_of(tmp_path / "shards", split)).split() for split in SPLITS]
    found = [set(words).intersection(some) for some in heard]

    assert all(found)
    assert not any(one & other for one, other in combinations(found, 2))
