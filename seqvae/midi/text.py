"""Names and markers: bytes of unknown encoding to clean text."""

import unicodedata

_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}  # Unicode categories: controls, lone surrogates, separators


def decode_text(data: bytes) -> str:
    """Decode UTF-8, or Latin-1 where the bytes are not UTF-8, and clean the result."""
    try:
        return clean_text(data.decode("utf-8"))
    except UnicodeDecodeError:
        return clean_text(data.decode("latin-1"))


def mend_text(text: str) -> str:
    """Read again as UTF-8 what was decoded as Latin-1, where that can be, and clean the result."""
    try:
        return decode_text(text.encode("latin-1"))
    except UnicodeEncodeError:
        return clean_text(text)


def clean_text(text: str) -> str:
    """Turn tabs and line breaks into spaces, drop other control characters, strip the ends."""
    spaced = "".join(" " if character in "\t\n\r\u2028\u2029" else character for character in text)
    return "".join(c for c in spaced if unicodedata.category(c) not in _UNPRINTABLE).strip()
