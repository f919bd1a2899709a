import random
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqvae.errors import MidiError
from seqvae.midi.clean import LONGEST, SHORTEST, parse_clean
from seqvae.midi.read import read_original
from seqvae.midi.smf import Room, parse_track
from tests.hostile.files import GOOD, READ, REFUSED, mutate, number
from tests.hostile.strategies import files

CORPORA = Path(__file__).parents[3] / "shared" / "data"
SMALL = {name: data for name, (data, _) in [*READ.items(), *REFUSED.items()] if len(data) < 5000}
ROOM = Room()
seeds = st.integers(0, 2**32 - 1)


def outcome(data: bytes) -> object:
    """Read a file, or give the message."""
    try:
        score = read_original(data)
    except MidiError as error:
        return str(error)
    return score, score.repairs, score.ignored


def outcome_event_by_event(data: bytes) -> object:
    """Read a file as if nothing were clean."""
    with (
        patch("seqvae.midi.chunks.parse_clean", return_value=None),
        patch("seqvae.midi.read.pair_clean", return_value=None),
    ):
        return outcome(data)


def track_of(seed: int, num_events: int = 90) -> bytes:
    """Draw a clean track with all that one may hold."""
    draw = random.Random(seed)
    content, status = b"", 0
    for _ in range(num_events):
        content += number(draw.choice([0, 1, 96, 127, 128, 20_000, 2**21, 2**28 - 1]))
        kind = draw.choice(["note"] * 6 + ["running"] * 4 + ["program", "bend", "meta", "message"])
        data = bytes(draw.randrange(128) for _ in range(2))
        payload = draw.randbytes(draw.choice([0, 2, 4, 127]))
        if kind == "running" and status and status & 0xE0 != 0xC0:
            content += data
        elif kind == "program":
            status = draw.choice([0xC0, 0xD3])
            content += bytes([status, data[0]])
        elif kind == "meta":
            content += bytes([0xFF, draw.choice([1, 3, 5, 6, 0x51, 0x58, 0x59]), len(payload)]) + payload
        elif kind == "message":
            content += bytes([draw.choice([0xF0, 0xF7]), len(payload)]) + payload
        else:
            status = 0xE1 if kind == "bend" else draw.choice([0x80, 0x90, 0x99, 0xA0, 0xB0])
            content += bytes([status]) + data
    return content + draw.choice([b"\0\xff\x2f\0", b""])


def parsed(parse, data: bytes) -> object:
    """Read the bytes as a track; its events as a list, so that it can be compared."""
    try:
        track = parse(data, 0, len(data), ROOM)
    except (IndexError, ValueError):
        return "refused"
    return track and track._replace(events=track.events.tolist())


@given(seeds)
def test_clean_tracks_are_read_as_event_by_event(seed):
    """Every kind of event comes out the same, and none of these tracks is left to the slow way."""
    data = track_of(seed)

    assert parsed(parse_clean, data) == parsed(parse_track, data)


@given(seeds)
def test_what_is_not_clean_is_read_alike_or_left(seed):
    """After a blow to a clean track the fast way says the same as the slow one, or nothing."""
    draw = random.Random(seed)
    data = bytearray(track_of(seed))
    for _ in range(draw.randrange(1, 4)):
        data[draw.randrange(len(data))] = draw.choice([0, 0x7F, 0x80, 0xC0, 0xF1, 0xFF, draw.randrange(256)])
    cut = bytes(data[: len(data) - draw.choice([0, 0, 1, 5])])

    assert parsed(parse_clean, cut) in (None, parsed(parse_track, cut))


@pytest.mark.parametrize(
    "head", [b"\0\xff\x01", b"\0\xf0", b"\x81\x80\x80\0\xff\x01"], ids=["meta", "message", "late"]
)
def test_events_of_any_length_come_to_an_end(head):
    """Whatever a length says, the fast way gets on, and leaves what is longer than a byte can tell."""
    for length in range(256):
        data = head + bytes([length]) + bytes(600)
        assert parsed(parse_clean, data) in (None, parsed(parse_track, data))


@pytest.mark.parametrize("size", [SHORTEST - 1, LONGEST + 1])
def test_tracks_of_unusual_size_are_left(size):
    """For few bytes arrays do not pay, and for many they would take too much memory."""
    assert parse_clean(b"\0\x90\x3c\x40" * (size // 4 + 1), 0, size, ROOM) is None


@pytest.mark.parametrize("data", SMALL.values(), ids=SMALL)
def test_hostile_files_end_alike_on_both_ways(data, monkeypatch):
    """Short tracks too: score, repairs, what was ignored, or the message."""
    monkeypatch.setattr("seqvae.midi.clean.SHORTEST", 1)

    assert outcome(data) == outcome_event_by_event(data)


@pytest.mark.parametrize("first_seed", range(0, 200, 50))
def test_damaged_files_end_alike_on_both_ways(first_seed, monkeypatch):
    """A tune with some bytes changed, added or lost."""
    monkeypatch.setattr("seqvae.midi.clean.SHORTEST", 1)
    for seed in range(first_seed, first_seed + 50):
        data = mutate(GOOD, np.random.default_rng(seed))
        assert outcome(data) == outcome_event_by_event(data)


@given(files())
def test_made_up_files_end_alike_on_both_ways(data):
    """Likely events in chunks that may lie."""
    with patch("seqvae.midi.clean.SHORTEST", 1):
        assert outcome(data) == outcome_event_by_event(data)


@pytest.mark.skipif(not CORPORA.is_dir(), reason="needs the corpora beside the repository")
def test_real_files_end_alike_on_both_ways():
    """Every hundredth file of the corpora."""
    paths = sorted(CORPORA.rglob("*.mid"))[::100]
    for path in paths:
        data = path.read_bytes()
        assert outcome(data) == outcome_event_by_event(data), path
