"""What a sentence looks like with names and pronouns masked: near-copies have one template.

In this order: case is folded, contractions are written out, punctuation goes; am, is and are become be, was
becomes were, has have, does do, and a final s goes (likes, like), so that agreement with the masked word does
not show; digits become #, names and pronouns _, and masks in a row, also with "and" in between, become one.
"""

import re
from functools import lru_cache

MASK = "_"
_WORD = re.compile(r"\w+")
_CONTRACTIONS = tuple(
    (re.compile(pattern), full)
    for pattern, full in (
        (r"[\u2018\u2019\u02bc]", "'"),
        (r"\bwon't\b", "will not"),
        (r"\b(?:can't|cannot)\b", "can not"),
        (r"n't\b", " not"),
        (r"'(?:m|re|s)\b", " be"),
        (r"'ll\b", " will"),
        (r"'ve\b", " have"),
        (r"'d\b", " would"),
    )
)
_AGREEMENT = {"am": "be", "is": "be", "are": "be", "was": "were", "has": "have", "does": "do"}
_MASKS_IN_A_ROW = re.compile(rf"{MASK}(?: (?:and )?{MASK})+(?!\S)")
_PRONOUNS = """
i you he she it we they me him her us them my your his its our their mine yours hers ours theirs myself
yourself himself herself itself ourselves yourselves themselves
"""
_NAMES = """
tom mary john alice bob jim ken bill mike jane george paul sam harry richard peter david james robert
michael william thomas joseph charles daniel mark steve steven kevin brian edward frank jack joe fred
henry arthur walter albert alex alexander andrew anthony ben benjamin carl charlie chris christopher dan
dick donald eric gary greg jason jeff jerry jimmy johnny jonathan larry louis martin matthew nick pat
patrick phil philip ralph ray roger ron roy ryan scott simon stephen ted terry tim tony victor anne ann
anna annie barbara betty carol catherine christine cindy clara cathy diana dorothy elizabeth ellen emily
emma esther helen jennifer jessica jill judy julia julie karen kate kathy kelly kim laura linda lisa lucy
margaret maria marie meg miriam nancy naomi pam patricia rachel ruth sally sandra sarah sharon shirley
sophia sue susan tina yumi yoko keiko akira taro jiro hiroshi hanako mr mrs ms dr jackson smith jones
boston tokyo london paris kyoto osaka chicago york australia japan america canada france germany china
italy spain england europe india mexico russia brazil french english japanese german chinese spanish
italian russian american canadian monday tuesday wednesday thursday friday saturday sunday january
february april june july august september october november december
"""
PRONOUNS = frozenset(_PRONOUNS.split())
NAMES = frozenset(_NAMES.split())
MASKED = NAMES | PRONOUNS


def template_of(sentence: str) -> str:
    """Return the template; a sentence without letters and digits is its own."""
    text = sentence.casefold()
    for pattern, full in _CONTRACTIONS:
        text = pattern.sub(full, text)
    template = " ".join(map(_fold, _WORD.findall(text)))
    return _MASKS_IN_A_ROW.sub(MASK, template) or sentence


@lru_cache(maxsize=1 << 16)
def _fold(word: str) -> str:
    """Fold one word in lower case."""
    if word in MASKED:
        return MASK
    if word.isdecimal():
        return "#"
    if word in _AGREEMENT:
        return _AGREEMENT[word]
    singular = word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith("ss") else word
    return MASK if singular in NAMES else singular
