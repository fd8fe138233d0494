"""Language tags (BCP 47): which texts are one, and the case in which one is written."""

import re

MAX_TAG = 35
#: As they are written in practice: language, extended, script, region, variants, extensions.
_TAG = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
    r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[A-WY-Za-wy-z0-9](-[A-Za-z0-9]{2,8})+)*"
    r"(-[Xx](-[A-Za-z0-9]{1,8})+)?"
)


def tag_of(text: str) -> str:
    """The tag in its usual case, "pt-BR" for "PT-br", so that one language has one; "" for none."""
    if len(text) > MAX_TAG or not _TAG.fullmatch(text):
        return ""
    language, *parts = text.lower().split("-")
    tag, is_extension = [language], False
    for part in parts:
        is_extension = is_extension or len(part) == 1
        tag.append(part if is_extension else _cased(part))
    return "-".join(tag)


def _cased(part: str) -> str:
    """A region in capitals, a script with one."""
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part
