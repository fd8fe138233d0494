"""When two spellings are one keyword."""

import unicodedata


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
