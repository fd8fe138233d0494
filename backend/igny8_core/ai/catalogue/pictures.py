"""How many output tokens a picture takes, for models that are paid by tokens."""

from igny8_core.ai.catalogue.shapes import Pictures

#: The calculator of OpenAI's image generation guide for gpt-image-2: patches along both sides,
#: weighted by the area.
_AREA_OFFSET, _AREA_SCALE = 2_000_000, 4_000_000


def tokens_of(pictures: Pictures, quality: str, size: str) -> int | None:
    """Output tokens of a picture such as `1536x1024`; None where that is not known."""
    if pictures.axes:
        return _by_axes(pictures.axes[quality], size)
    return pictures.tokens.get(quality, {}).get(size)


def _by_axes(axis: int, size: str) -> int:
    """Patches of the longer side times those of the shorter (rounded), weighted; rounded up."""
    width, height = map(int, size.split("x"))
    long, short = max(width, height), min(width, height)
    short_axis = (2 * axis * short + long) // (2 * long)
    return -(-axis * short_axis * (_AREA_OFFSET + width * height) // _AREA_SCALE)
