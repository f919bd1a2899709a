"""Numbers in words: counts of what reading mended, of notes and bars, and tempi."""

from decimal import Decimal

_SINGULARS = {  # the first that occurs is the thing counted
    "names and markers": "name or marker",
    "note-offs": "note-off",
    "notes": "note",
    "tracks": "track",
    "bytes": "byte",
    "tempi": "tempo",
    "metres": "metre",
    "changes": "change",
    "bars": "bar",
    "files": "file",
    "lines": "line",
    "points": "point",
    "Gaussians": "Gaussian",
    "lengths": "length",
    "stretches": "stretch",
}


def count_of(number: int, things: str) -> str:
    """Return `number` and the plural `things`, of one the singular: "1 impossible tempo"."""
    return f"{number} {_one_of(things) if number == 1 else things}"


def counted(number: int, thing: str, things: str = "") -> str:
    """Say 1 file, 2 files, 3 windows of 1 bar: the thing alone takes the s, unless the plural is given."""
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"


def plain(number: float) -> str:
    """Return a number to six digits, never with an exponent: "120", "59.94", "60000000"."""
    return f"{Decimal(f'{number:.6g}'):f}"


def _one_of(things: str) -> str:
    plural = next((word for word in _SINGULARS if word in things), things)
    return things.replace(plural, _SINGULARS.get(plural, plural), 1).replace("than they say", "than it says")
