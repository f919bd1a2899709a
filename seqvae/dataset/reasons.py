"""Messages about single files become classes of faults that can be counted."""

import re
from pathlib import Path

_DETAILS = re.compile(r"[:;(].*$", re.DOTALL)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NUMBER = re.compile(r"\b\d+(\.\d+)?\b")


def reason_of(error: Exception, path: Path) -> tuple[str, str]:
    """Return the class of a fault and its full message, both without the path of the file."""
    if isinstance(error, OSError):
        reason = (error.strerror or type(error).__name__).lower()
        return reason, reason
    detail = str(error).removeprefix(f"{path}: ").replace(str(path), path.name)
    general = _NUMBER.sub("N", _QUOTED.sub("...", _DETAILS.sub("", detail.removeprefix(f"{path.name}: "))))
    return " ".join(general.split()) or type(error).__name__, detail
