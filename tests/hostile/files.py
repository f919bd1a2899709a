"""Hostile MIDI files, made here: named cases, files as large as is allowed, mutations of any file."""

import struct
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tests.midi.building import END, MIDDLE_C, smf

Mutation = Callable[[bytearray, np.random.Generator], None]
Writer = Callable[[], bytes]

NOTE = bytes.fromhex(MIDDLE_C)
END_MARK = bytes.fromhex(END)
TUNE = "".join(f"00 90 {pitch:02x} 64  60 80 {pitch:02x} 00" for pitch in (60, 62, 64, 65, 67, 69, 71, 72))
LARGEST = 20 * 2**20  # bytes, as in seqvae/midi/read.py


def header(num_tracks: int, *, division: int = 96, size: int = 6, file_type: int = 1) -> bytes:
    """Write a header that may say anything."""
    return struct.pack(">4sIHHH", b"MThd", size, file_type, num_tracks, division)


def chunk(content: bytes, *, kind: bytes = b"MTrk", size: int | None = None) -> bytes:
    """Write a chunk, with a length of its own choice."""
    return kind + struct.pack(">I", len(content) if size is None else size) + content


def named(text: bytes, kind: int = 3) -> bytes:
    """Write a file with one note in a track of this name, or with another text."""
    return header(1) + chunk(b"\0\xff" + bytes([kind]) + number(len(text)) + text + NOTE + END_MARK)


def number(value: int) -> bytes:
    """Write a number of variable length."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


def riff(content: bytes, *, size: int | None = None, before: bytes = b"") -> bytes:
    """Put a file into RIFF RMID, behind other chunks."""
    body = b"RMID" + before + b"data" + struct.pack("<I", len(content) if size is None else size) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mac_binary(content: bytes, *, size: int | None = None) -> bytes:
    """Put a file into MacBinary."""
    head = bytearray(128)
    head[1:9] = b"\x07Tune.mi"
    head[65:73] = b"MidiCAK1"
    head[83:87] = struct.pack(">I", len(content) if size is None else size)
    return bytes(head) + content + bytes(-len(content) % 128)


GOOD = smf(TUNE + END)
TRACK = chunk(NOTE + END_MARK)

# What is read, by name: the file, and the repairs that are counted.
READ: Mapping[str, tuple[bytes, Mapping[str, int]]] = {
    "RIFF RMID": (riff(GOOD), {}),
    "RIFF RMID behind other chunks": (riff(GOOD, before=b"DISP\x03\0\0\0abc\0"), {}),
    "RIFF RMID of an endless chunk": (riff(GOOD, size=2**32 - 1), {}),
    "MacBinary": (mac_binary(GOOD), {}),
    "MacBinary without a size": (mac_binary(GOOD, size=0), {}),
    "RIFF RMID in MacBinary": (mac_binary(riff(GOOD)), {}),
    "longer header": (header(1, size=10) + b"more" + TRACK, {}),
    "header of length 0": (header(1, size=0) + TRACK, {"wrong lengths of the header": 1}),
    "header of 4 GiB": (header(1, size=2**32 - 1) + TRACK, {"wrong lengths of the header": 1}),
    "unknown chunks around": (
        header(1) + chunk(b"x" * 9, kind=b"XFIH") + TRACK + chunk(b"", kind=b"zzzz"),
        {},
    ),
    "unknown chunk of 4 GiB": (
        header(1) + chunk(b"ab", kind=b"XFIH", size=2**32 - 1) + TRACK,
        {"stretches of other data between chunks": 1},
    ),
    "zeros between the tracks": (
        header(2) + TRACK + bytes(13) + TRACK,
        {"stretches of other data between chunks": 1},
    ),
    "zeros at the end": (header(1) + TRACK + bytes(117), {}),
    "letters at the end": (header(1) + TRACK + b"no chunk", {"stretches of other data between chunks": 1}),
    "end mark before the end": (
        header(1) + chunk(NOTE + END_MARK + NOTE + END_MARK),
        {"tracks of another length than they say": 1},
    ),
    "fewer tracks than counted": (
        header(60_000) + TRACK,
        {"tracks more or fewer than the header counts": 59_999},
    ),
    "more tracks than counted": (header(0) + TRACK, {"tracks more or fewer than the header counts": 1}),
    "track of 4 GiB": (
        header(1) + chunk(NOTE + END_MARK, size=2**32 - 1),
        {"tracks of another length than they say": 1},
    ),
    "track of length 0": (
        header(1) + chunk(NOTE + END_MARK, size=0),
        {"tracks of another length than they say": 1},
    ),
    "track that ends between its events": (
        header(2) + chunk(NOTE * 2 + END_MARK, size=len(NOTE)) + TRACK,
        {"tracks of another length than they say": 1},
    ),
    "track that reaches into the next": (
        header(2) + chunk(NOTE + END_MARK, size=len(NOTE) + 13) + TRACK,
        {"tracks of another length than they say": 1},
    ),
    "no end of track": (header(1) + chunk(NOTE), {"tracks without an end mark": 1}),
    "no end of track, zeros behind": (header(1) + chunk(NOTE) + bytes(5), {"tracks without an end mark": 1}),
    "data bytes above 127": (smf("00 90 fc ff  60 80 fc 00" + END), {"data bytes above 127": 2}),
    "controllers above 127": (smf("00 b0 87 ff  00 e0 00 ff" + MIDDLE_C + END), {"data bytes above 127": 2}),
    "tempo 0": (smf("00 ff 51 03 00 00 00" + MIDDLE_C + END), {"impossible tempi": 1}),
    "tempo of 100 bytes": (smf("00 ff 51 64" + "07" * 100 + MIDDLE_C + END), {}),
    "metre 0/4": (smf("00 ff 58 04 00 02 18 08" + MIDDLE_C + END), {"impossible metres": 1}),
    "denominator of 2^31": (smf("00 ff 58 04 04 1f 18 08" + MIDDLE_C + END), {"impossible metres": 1}),
    "denominator of 2^255": (smf("00 ff 58 04 ff ff ff ff" + MIDDLE_C + END), {"impossible metres": 1}),
    "metre of no bytes": (smf("00 ff 58 00" + MIDDLE_C + END), {"impossible metres": 1}),
    "name of a megabyte": (named(b"A" * 2**20), {"names and markers over 1024 bytes": 1}),
    "marker of a megabyte": (named(b"\xf0\x9f\x8e\xb5" * 2**18, 6), {"names and markers over 1024 bytes": 1}),
    "name with path separators": (named(b"../../etc/passwd\\..\\C:"), {}),
    "name of escape codes": (named(b"\x1b]0;title\x07\x1b[2J\x9b31m"), {}),
    "name that turns its direction": (named("gnp\u202egpj.exe\u2066".encode()), {}),
    "name in Shift-JIS": (named("ピアノ".encode("shift_jis")), {}),
    "name in UTF-16": (named("Flöte".encode("utf-16")), {}),
    "name of all bytes": (named(bytes(range(256))), {}),
    "surrogates and zeros": (named(b"\xed\xa0\x80\0\0"), {}),
    "every note on, none off": (
        smf("".join(f"00 9{c:x} {p:02x} 40" for c in range(16) for p in range(128)) + "60 ff 2f 00"),
        {"notes never ended": 2048},
    ),
    "a note in 32767 ticks a quarter": (smf(MIDDLE_C + END, division=32_767), {}),
    "a delta of 2^28 - 1": (smf("ff ff ff 7f 90 3c 64  60 80 3c 00" + END, division=32_767), {}),
}

# What is refused, by name: the file, and words of the one line that says why.
REFUSED: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "the file is empty"),
    "four bytes": (b"MThd", "cut off inside its header"),
    "RIFF without data": (b"RIFF\x04\0\0\0RMID", "not a MIDI file"),
    "RIFF of a sound": (b"RIFF\x24\0\0\0WAVEfmt ", "not a MIDI file"),
    "RIFF RMID cut short": (riff(GOOD, size=40), "cut off"),
    "an empty wrapper": (riff(b""), "the file is empty"),
    "wrappers in wrappers": (riff(riff(GOOD)), "not a MIDI file"),
    "division 0": (smf(MIDDLE_C + END, division=0), "0 ticks per quarter"),
    "film frames": (smf(MIDDLE_C + END, division=0xE728), "SMPTE"),
    "type 2": (smf(MIDDLE_C + END, file_type=2), "no common time"),
    "type 65535": (smf(MIDDLE_C + END, file_type=65_535), "no common time"),
    "tracks that are not there": (header(65_535), "track 1 of 65535 is missing"),
    "delta of 2^28": (smf("81 80 80 80 00 90 3c 64" + END), "a number of more than 4 bytes"),
    "ticks beyond 32 bits": (smf("ff ff ff 7f b0 07 64" * 17 + END, division=1), "over 100000; cut out"),
    "event in the middle of nowhere": (smf("00 3c 64 00" + END), "where an event should begin"),
    "undefined events": (smf("00 f4 00 f5" + END), "undefined event 0xf4"),
    "sysex without an end": (smf("00 f0 7f 01 02"), "ends in the middle of an event"),
    "name longer than the file": (smf("00 ff 03 ff ff ff 7f 41"), "ends in the middle of an event"),
    "a cut off track": (GOOD[:-30], "is cut off 30 bytes before its end"),
    "a page of HTML": (b"<!DOCTYPE html><title>404</title>", "not a MIDI file"),
    "a zip archive": (b"PK\x03\x04" + bytes(26), "not a MIDI file"),
}


def many_tracks(track: bytes, size: int = LARGEST) -> bytes:
    """Repeat a track until the file has this size."""
    return header(65_535) + track * ((size - 14) // len(track))


def one_track(events: bytes, size: int = LARGEST) -> bytes:
    """Repeat events until the file has this size."""
    return header(1) + chunk(events * ((size - 26) // len(events)) + END_MARK)


def notes(count: int) -> bytes:
    """Write so many notes in one track, no two alike."""
    places = np.arange(count)
    events = np.zeros((count, 8), dtype=np.uint8)
    events[:, [1, 5]] = 0x90
    events[:, 2] = events[:, 6] = places % 128
    events[:, 3] = 1 + places // 128 % 127
    events[:, 4] = 1
    return header(1, division=9600) + chunk(events.tobytes() + END_MARK)


# Files near what is allowed, by name: each takes the most of something.
LARGE: Mapping[str, Writer] = {
    "500,000 notes": lambda: notes(500_000),
    "600,000 notes": lambda: notes(600_000),
    "2,600,000 notes": lambda: notes(2_600_000),
    "60,000 empty tracks": lambda: header(60_000) + chunk(END_MARK) * 60_000,
    "20 MiB of empty tracks": lambda: many_tracks(chunk(END_MARK)),
    "20 MiB of chunks of length 0": lambda: header(1) + chunk(b"", kind=b"none") * (LARGEST // 8 - 2),
    "65,535 tracks of 16 channels": lambda: header(65_535) + chunk(sixteen_channels()) * 65_535,
    "100,000 programs of 6,500 tracks": lambda: (
        header(6501)
        + chunk(b"".join(bytes([1, 0xC0, place % 128]) for place in range(100_000)) + END_MARK)
        + chunk(b"\x86\x8d\x20" + NOTE[1:] + END_MARK) * 6500
    ),
    "1,190,000 programs": lambda: header(1) + chunk(b"\0\xc0\x05" * 1_190_000 + NOTE + END_MARK),
    "65,535 tracks of 16 stray note-offs": lambda: header(65_535) + chunk(sixteen_offs()) * 65_535,
    "65,535 programs and notes": lambda: header(65_535) + chunk(b"\0\xc0\x05" + NOTE + END_MARK) * 65_535,
    "20 MiB of one controller": lambda: header(1) + chunk(b"\0\xd0" + b"\0\x40" * (LARGEST // 2 - 20)),
    "20 MiB of running notes": lambda: header(1) + chunk(b"\0\x90" + b"\0\x3c\x40" * (LARGEST // 3 - 20)),
    "20 MiB of notes that meet": lambda: one_track(b"\0\x90\x3c\x40\0\x3c\0"),
    "20 MiB of tempi": lambda: one_track(b"\1\xff\x51\x03\x07\xa1\x20"),
    "200,000 tempi": lambda: one_track(b"\1\xff\x51\x03\x07\xa1\x20", 200_000 * 7),
    "200,000 metres": lambda: one_track(b"\1\xff\x58\x04\x01\x06\x18\x08", 200_000 * 8),
    "20 MiB of unknown metas": lambda: one_track(b"\0\xff\x7f\0"),
    "20 MiB of markers": lambda: one_track(b"\1\xff\x06\x64" + b"\x1bA" * 50),
    "20 MiB of names": lambda: one_track(b"\0\xff\x03\0"),
    "20 MiB in one name": lambda: named(b"\xc3" * (LARGEST - 100)),
    "20 MiB of sysex": lambda: one_track(b"\0\xf0\x7f" + b"\x01" * 127),
    "20 MiB of zeros behind": lambda: (GOOD + bytes(LARGEST))[:LARGEST],
    "20 MiB of lying tracks": lambda: many_tracks(chunk(END_MARK, size=7)),
    "20 MiB of tracks that never end": lambda: many_tracks(chunk(NOTE, size=4) + b"\0"),
    "20 MiB of letters": lambda: header(1) + b"MTrk" * (LARGEST // 4 - 4),
    "20 MiB of programs": lambda: header(1) + chunk(b"\0\xc0" + b"\0\x40" * (LARGEST // 2 - 20)),
}


def sixteen_channels() -> bytes:
    """Write a note in each channel."""
    on = b"".join(bytes([0, 0x90 | channel, 60, 64]) for channel in range(16))
    return on + b"\x60\x80\x3c\0" + END_MARK


def sixteen_offs() -> bytes:
    """Write a note-off in each channel, of no note."""
    return b"".join(bytes([0, 0x80 | channel, 60, 0]) for channel in range(16)) + END_MARK


def flip_a_bit(data: bytearray, generator: np.random.Generator) -> None:
    """Change one bit."""
    data[generator.integers(len(data))] ^= 1 << int(generator.integers(8))


def set_a_byte(data: bytearray, generator: np.random.Generator) -> None:
    """Put a byte that means something where another was."""
    telling = b"\0\1\x7f\x80\xff\x2f\x51\x58\x90\xc0\xf0\xf7"
    data[generator.integers(len(data))] = telling[generator.integers(len(telling))]


def set_a_number(data: bytearray, generator: np.random.Generator) -> None:
    """Put a number at the edge of its range where a length may be."""
    place = int(generator.integers(len(data)))
    value = int(generator.choice([0, 1, 6, 127, 128, 2**15, 2**16 - 1, 2**28 - 1, 2**28, 2**31, 2**32 - 1]))
    data[place : place + 4] = value.to_bytes(4, "big")


def cut_off(data: bytearray, generator: np.random.Generator) -> None:
    """Lose the end."""
    del data[generator.integers(1, len(data) + 1) :]


def take_out(data: bytearray, generator: np.random.Generator) -> None:
    """Lose a few bytes inside."""
    place = int(generator.integers(len(data)))
    del data[place : place + int(generator.integers(1, 9))]


def put_in(data: bytearray, generator: np.random.Generator) -> None:
    """Add a few random bytes inside."""
    place = int(generator.integers(len(data) + 1))
    data[place:place] = generator.bytes(int(generator.integers(1, 9)))


def repeat(data: bytearray, generator: np.random.Generator) -> None:
    """Write a stretch again, up to fifty times, somewhere else."""
    first, last, place = sorted(int(value) for value in generator.integers(len(data) + 1, size=3))
    data[place:place] = data[first : min(last, first + 256)] * int(generator.integers(1, 51))


def exchange(data: bytearray, generator: np.random.Generator) -> None:
    """Overwrite one stretch with another."""
    first, second = (int(value) for value in generator.integers(len(data), size=2))
    length = int(generator.integers(1, 33))
    data[first : first + length] = data[second : second + length]


MUTATIONS: Sequence[Mutation] = (
    flip_a_bit,
    set_a_byte,
    set_a_number,
    cut_off,
    take_out,
    put_in,
    repeat,
    exchange,
)


def mutate(data: bytes, generator: np.random.Generator, *, most: int = 6) -> bytes:
    """Change a file in one to `most` ways drawn by the generator."""
    changed = bytearray(data)
    for _ in range(generator.integers(1, most + 1)):
        if changed:
            MUTATIONS[generator.integers(len(MUTATIONS))](changed, generator)
    return bytes(changed)
