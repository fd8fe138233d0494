"""When a text is a keyword, and when two spellings are one."""

import unicodedata

MAX_KEYWORD = 255
# What comes along when text is pasted and says nothing: zero-width space, byte order mark, soft
# hyphen, word joiner, marks of direction. Joiners do say something, in Persian and in emoji.
_PASTED = dict.fromkeys(
    [0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
# Spaces, controls, joiners, marks without a letter: none can be seen alone. So it is with the
# fillers of Hangul and the empty Braille cell, which Unicode counts among letters and signs.
_UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Mc", "Me"}
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"


def fold(text: str) -> str:
    """The form under which a keyword is unique: NFKC, casefold, single spaces.

    Folding again changes nothing. That takes two rounds: casefolding can leave letters that NFKC
    puts together, and these can have a case of their own.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", text).split())


def spaced(text: str) -> str:
    """The text with single spaces, and without what pasting leaves in it."""
    return " ".join((text if text.isascii() else text.translate(_PASTED)).split())


def fold_keyword(keyword: str) -> str:
    """The folded form of a keyword; ValueError says why a text cannot be one."""
    folded = fold(keyword)
    if not folded.isascii() and all(map(_is_unseen, folded)):
        folded = ""
    if not folded:
        raise ValueError("there is no keyword")
    if max(len(keyword), len(folded)) > MAX_KEYWORD:
        raise ValueError(f"the keyword is longer than {MAX_KEYWORD} characters")
    if not keyword.isprintable() and any(unicodedata.category(sign) == "Cc" for sign in keyword):
        raise ValueError("the keyword holds a control character")
    return folded


def is_seen(text: str) -> bool:
    """Whether there is anything in the text that can be seen."""
    return not all(map(_is_unseen, fold(text)))


def _is_unseen(sign: str) -> bool:
    return sign in _FILLERS or unicodedata.category(sign) in _UNSEEN
