"""MIDI bytes for hypothesis: files of likely events in chunks that may lie."""

import struct

from hypothesis import strategies as st

from tests.hostile.files import number

numbers = st.one_of(st.integers(0, 200), st.sampled_from([0, 127, 128, 2**14, 2**21 - 1, 2**28 - 1]))
lengths = st.one_of(st.none(), st.integers(0, 40), st.sampled_from([2**31, 2**32 - 1]))
kinds = st.one_of(st.just(b"MTrk"), st.sampled_from([b"XFIH", b"MThd", b"\0\0\0\0"]))


@st.composite
def events(draw: st.DrawFn) -> bytes:
    """Draw a delta time and an event, seldom a broken one."""
    status = draw(st.sampled_from([0x80, 0x90, 0x90, 0x90, 0x99, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0]))
    data = draw(st.lists(st.integers(0, 0x83), min_size=2, max_size=2))
    channel_event = bytes([status, *data[: 1 if status in (0xC0, 0xD0) else 2]])
    payload = draw(st.binary(max_size=8))
    size = draw(st.one_of(st.just(len(payload)), numbers))
    kind = draw(st.sampled_from([0x03, 0x06, 0x21, 0x2F, 0x51, 0x58, 0x59, 0x7F]))
    event = draw(
        st.sampled_from(
            [
                channel_event,
                channel_event,
                channel_event[1:],  # running status
                bytes([0xFF, kind]) + number(size) + payload,
                b"\xf0" + number(size) + payload,
                payload,
            ]
        )
    )
    return number(draw(numbers)) + event


@st.composite
def chunks(draw: st.DrawFn) -> bytes:
    """Draw a chunk, of MTrk or another, with a length that may lie."""
    content = b"".join(draw(st.lists(events(), max_size=8))) + draw(
        st.sampled_from([b"\0\xff\x2f\0", b"\0\xff\x2f\0", b""])
    )
    size = draw(lengths)
    return draw(kinds) + struct.pack(">I", len(content) if size is None else size) + content


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Draw a file: a header, chunks, and what may lie between and behind them."""
    division = draw(st.one_of(st.integers(1, 0x7FFF), st.sampled_from([0, 480, 0xE250, 0xFFFF])))
    head = struct.pack(
        ">4sIHHH",
        b"MThd",
        draw(st.sampled_from([6, 6, 6, 0, 10, 2**32 - 1])),
        draw(st.sampled_from([0, 1, 1, 1, 2])),
        draw(st.one_of(st.integers(0, 4), st.just(65_535))),
        division,
    )
    return head + b"".join(draw(st.lists(st.one_of(chunks(), st.binary(max_size=3)), max_size=4)))
