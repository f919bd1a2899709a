"""What other programs put around a MIDI file, RIFF RMID and MacBinary, opened."""

import struct

_SMF = b"MThd"
_MAC_HEADER = 128  # bytes; the data fork follows
_MAC_SIZE = slice(83, 87)  # of the data fork, big-endian


def unwrap(data: bytes) -> bytes:
    """Return the MIDI file inside the wrappers; what is in none comes back as it is."""
    return _open_riff(_open_mac_binary(data))


def _open_mac_binary(data: bytes) -> bytes:
    content = data[_MAC_HEADER : _MAC_HEADER + 4]
    if data[:1] != b"\0" or content not in {_SMF, b"RIFF"}:
        return data
    size = int.from_bytes(data[_MAC_SIZE], "big")
    return data[_MAC_HEADER : _MAC_HEADER + size] if size else data[_MAC_HEADER:]


def _open_riff(data: bytes) -> bytes:
    """Return the content of the chunk `data`; the sizes of RIFF are little-endian and rounded up to even."""
    if data[:4] != b"RIFF" or data[8:12] != b"RMID":
        return data
    position = 12
    while position + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, position)
        if kind == b"data":
            return data[position + 8 : position + 8 + size]
        position += 8 + size + size % 2
    return data
