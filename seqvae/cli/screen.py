"""What a terminal can show of any text."""


def printable(text: str, *, keep: str = "") -> str:
    """Blank out what a terminal would obey or cannot encode, but for the characters in `keep`."""
    return "".join(c if c.isprintable() or c in keep else " " for c in text)
