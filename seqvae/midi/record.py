"""The line of text at the head of a MIDI file of ours that tells how it was made."""

_HEADER_SIZE = 14  # MThd, its size, and six bytes
_TRACK_HEAD = 8  # MTrk and its size
_TEXT_EVENT = b"\x00\xff\x01"  # at tick 0, a meta event, of text
LONGEST_RECORD = 1 << 20  # bytes


def read_record(data: bytes) -> str:
    """Return the text that `score_to_bytes` put before all else, '' where a file does not begin with one."""
    start = _HEADER_SIZE + _TRACK_HEAD
    if data[:4] != b"MThd" or data[_HEADER_SIZE : _HEADER_SIZE + 4] != b"MTrk":
        return ""
    if data[start : start + len(_TEXT_EVENT)] != _TEXT_EVENT:
        return ""
    size, position = 0, start + len(_TEXT_EVENT)
    for byte in data[position : position + 4]:
        size, position = size << 7 | byte & 0x7F, position + 1
        if byte < 0x80:
            break
    text = data[position : position + size]
    return text.decode("utf-8", errors="replace") if len(text) == size <= LONGEST_RECORD else ""
