"""A paragraph is cut into sentences by a simple rule.

A sentence ends at . ! ? or an ellipsis, with the quotes and brackets that close behind it, where a space and
then anything but a lower-case letter follows; quotes and brackets that open may stand between. It goes on
behind one capital letter (J. S. Bach) or an abbreviation of the list. Behind the full stops of Chinese and
Japanese no space is needed. Nothing but the spaces in between is lost.
"""

import re

_ABBREVIATIONS = (
    "mr mrs ms dr prof st sr jr mt no vs cf etc e.g i.e approx dept fig gen col capt lt sgt rev vol pp"
)
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
_STOP = re.compile(r"[.!?\u2026]+[\"'”’»)\]]*(\s+)|[\u3002\uff01\uff1f]+[」』”’）]*(\s*)")
_OPENERS = "\"'“‘«([¿¡-–— "


def cut_sentences(paragraph: str) -> list[str]:
    """Cut one paragraph into its sentences."""
    sentences, start = [], 0
    for stop in _STOP.finditer(paragraph):
        before = paragraph[start : stop.start()]
        after = paragraph[stop.end() : stop.end() + 8].lstrip(_OPENERS)
        if stop[1] is None or _ends(before, stop[0].strip(), after):
            sentences.append(paragraph[start : stop.end()].strip())
            start = stop.end()
    return [sentence for sentence in [*sentences, paragraph[start:].strip()] if sentence]


def _ends(before: str, mark: str, after: str) -> bool:
    """Tell whether a stop between two parts ends the sentence."""
    if after[:1].islower():
        return False
    if mark != ".":
        return True
    last = "".join(before.split()[-1:]).lstrip(_OPENERS)
    is_initial = len(last) == 1 and last.isupper() and last != "I"
    return not is_initial and last.casefold() not in ABBREVIATIONS
