"""Decide from the first bytes of a file whether it is a picture that we are willing to decode."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.ImageFile import ImageFile

from igny8_core.core.pictures import PictureFormat, format_of

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_SIDE = 16_383  # the longest side that WebP knows

# What a broken file makes Pillow's readers raise; a warning where warnings are errors.
DECODING_ERRORS = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError),
    *(IndexError, OverflowError, struct.error, UserWarning),
)


class BadPicture(ValueError):
    """These bytes are not a picture that we take; `detail` says why, for people."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True)
class PictureInfo:
    """What is known of a picture without decoding it."""

    format: PictureFormat
    width: int
    height: int


def inspect(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS
) -> PictureInfo:
    """Return format and size of a single-frame PNG, JPEG or WebP; nothing is decoded.

    Raises BadPicture for everything else, and for more bytes or pixels than allowed.
    """
    if len(data) > max_bytes:
        raise BadPicture(
            f"The picture has {len(data) / 2**20:.1f} MB; at most {max_bytes / 2**20:g} are taken."
        )
    picture_format = format_of(data)
    if picture_format is None:
        raise BadPicture(f"{_kind_of(data)}; only PNG, JPEG and WebP pictures are taken.")
    if picture_format == "webp":
        _check_webp(data, max_pixels)
    with opened(data, picture_format) as picture:
        _check_size(*picture.size, max_pixels)
        if getattr(picture, "is_animated", False):
            raise BadPicture("The picture is animated; only still pictures are taken.")
        return PictureInfo(picture_format, *picture.size)


def opened(data: bytes, picture_format: PictureFormat) -> ImageFile:
    """Open a picture by the reader of its format alone; raises BadPicture.

    Image.open would try others too, and its guard against bombs is a warning for the process.
    """
    readers: dict[PictureFormat, Callable[[BytesIO], ImageFile]] = {
        "png": PngImagePlugin.PngImageFile,
        "jpg": JpegImagePlugin.JpegImageFile,
        "webp": WebPImagePlugin.WebPImageFile,
    }
    try:
        return readers[picture_format](BytesIO(data))
    except DECODING_ERRORS as e:
        raise BadPicture("The picture is damaged and cannot be read.") from e


def _kind_of(data: bytes) -> str:
    start = data[:512].lstrip().lower()
    if not start:
        return "The file is empty"
    if start.startswith(b"gif8"):
        return "The file is a GIF"
    if b"<svg" in start:
        return "The file is an SVG"
    if start.startswith((b"<", b"{")):
        return "The file is text (HTML, XML or JSON)"
    return "The file is no picture that we know"


def _check_webp(data: bytes, max_pixels: int) -> None:
    """Check a WebP by its header: its reader makes room for the whole canvas when it opens."""
    kind, head = data[12:16], data[20:30]
    if len(head) < 10:
        raise BadPicture("The picture is damaged and cannot be read.")
    if kind == b"VP8X":
        if head[0] & 0x02:
            raise BadPicture("The picture is animated; only still pictures are taken.")
        width = int.from_bytes(head[4:7], "little") + 1
        height = int.from_bytes(head[7:10], "little") + 1
    elif kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", head[6:10]))
    _check_size(width, height, max_pixels)


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if not width or not height:
        raise BadPicture("The picture is damaged and cannot be read.")
    if width * height > max_pixels or max(width, height) > MAX_SIDE:
        raise BadPicture(
            f"The picture is {width} x {height}; at most {max_pixels / 1e6:g} megapixels"
            f" and {MAX_SIDE:,} on a side are taken."
        )
