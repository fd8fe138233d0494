"""Which picture formats we know, and how a file of each begins."""

from typing import Literal

PictureFormat = Literal["webp", "jpg", "png"]

#: So many bytes of a file say what it is.
TELLING_BYTES = 12


def format_of(start: bytes) -> PictureFormat | None:
    """The format of a file that begins with these bytes; None for one that is not taken."""
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if start.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "webp"
    return None
