"""Names and markers: bytes of unknown encoding to clean text."""

import codecs
import re

LONGEST_TEXT = 1024  # bytes read of a name or marker
_SPACES = re.compile("[\t\n\r\u2028\u2029]")
# Controls, lone surrogates, and what turns the direction of writing: a name must not rearrange a terminal.
_DROPPED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def decode_text(data: bytes) -> str:
    """Decode the first `LONGEST_TEXT` bytes as UTF-8, or else as Latin-1, and clean the result."""
    kept, is_whole = data[:LONGEST_TEXT], len(data) <= LONGEST_TEXT
    try:
        return clean_text(codecs.utf_8_decode(kept, "strict", is_whole)[0])  # the cut may split a character
    except UnicodeDecodeError:
        return clean_text(kept.decode("latin-1"))


def mend_text(text: str) -> str:
    """Read again as UTF-8 what was decoded as Latin-1, where that can be, and clean the result."""
    try:
        return decode_text(text.encode("latin-1"))
    except UnicodeEncodeError:
        return clean_text(text)


def clean_text(text: str) -> str:
    """Turn tabs and line breaks into spaces, drop other control characters, strip the ends."""
    return _DROPPED.sub("", _SPACES.sub(" ", text)).strip()
