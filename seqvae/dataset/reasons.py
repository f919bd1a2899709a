"""Messages about single files become classes of faults that can be counted."""

import re

from seqvae.dataset.places import Place

_DETAILS = re.compile(r"[:;(].*$", re.DOTALL)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NUMBER = re.compile(r"\b\d+(\.\d+)?\b")
_BYTES = "the MIDI bytes: "  # how the reader names what was fetched from a URL


def reason_of(error: Exception, path: Place) -> tuple[str, str]:
    """Return the class of a fault and its full message, both without the path of the file."""
    if isinstance(error, OSError):
        reason = (error.strerror or type(error).__name__).lower()
        return reason, reason
    detail = str(error).removeprefix(f"{path}: ").removeprefix(_BYTES).replace(str(path), path.name)
    general = _NUMBER.sub("N", _QUOTED.sub("...", _DETAILS.sub("", detail.removeprefix(f"{path.name}: "))))
    return " ".join(general.split()) or type(error).__name__, detail
