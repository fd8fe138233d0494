"""Draws the stand-in's pictures: a small landscape in colours that follow from the prompt."""

import math
import random
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from igny8_core.sandbox.phrases import rng_for, shortened

FORMATS = {"png": "png", "webp": "webp", "jpeg": "jpeg", "jpg": "jpeg"}
MEDIA_TYPES = {"png": "image/png", "webp": "image/webp", "jpeg": "image/jpeg"}
SAVING: dict[str, dict[str, int]] = {
    "png": {"compress_level": 1},
    "webp": {"quality": 82, "method": 0},
    "jpeg": {"quality": 88},
}
Colour = tuple[int, int, int]
INK, PAPER = (24, 28, 38), (255, 255, 255)
# Top and foot of the sky, farthest and nearest hills.
PALETTES: tuple[tuple[Colour, Colour, Colour, Colour], ...] = (
    ((94, 141, 196), (245, 214, 176), (150, 152, 178), (33, 44, 74)),
    ((233, 150, 122), (250, 224, 170), (196, 128, 124), (58, 30, 48)),
    ((70, 92, 150), (240, 158, 132), (132, 104, 148), (32, 24, 56)),
    ((126, 178, 190), (238, 236, 208), (136, 170, 158), (26, 58, 60)),
    ((88, 124, 176), (206, 226, 232), (124, 154, 176), (24, 44, 66)),
    ((214, 160, 96), (250, 232, 186), (186, 150, 104), (60, 42, 28)),
    ((112, 106, 168), (244, 190, 182), (150, 124, 164), (40, 28, 62)),
    ((120, 170, 150), (246, 234, 190), (130, 160, 118), (28, 52, 40)),
    ((44, 62, 104), (126, 148, 184), (74, 96, 136), (14, 22, 42)),
    ((186, 120, 140), (252, 220, 196), (176, 124, 140), (62, 30, 52)),
)


@lru_cache(maxsize=32)
def draw(prompt: str, width: int, height: int, kind: str) -> bytes:
    """The picture for a prompt, in the size and format asked for."""
    picture = _scene(width, height, rng_for(prompt))
    _caption(picture, prompt)
    file = BytesIO()
    picture.save(file, kind, **SAVING[kind])
    return file.getvalue()


def _scene(width: int, height: int, rng: random.Random) -> Image.Image:
    top, bottom, far, near = rng.choice(PALETTES)
    picture = _sky(width, height, top, bottom)
    _sun(ImageDraw.Draw(picture, "RGBA"), width, height, rng)
    pen = ImageDraw.Draw(picture)
    layers, shape = rng.randint(4, 5), rng.choice((_hills, _peaks))
    for layer in range(layers):
        depth = layer / (layers - 1)
        base, size = height * (0.5 + 0.38 * depth), height * 0.13 * (1.05 - depth * 0.5)
        line = shape(width, base, size, rng)
        pen.polygon([(0, height), *line, (width, height)], fill=_between(far, near, depth))
    return picture.filter(ImageFilter.SMOOTH)


def _sky(width: int, height: int, top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((width, height), Image.Resampling.BILINEAR)
    return Image.composite(
        Image.new("RGB", ramp.size, bottom), Image.new("RGB", ramp.size, top), ramp
    )


def _sun(pen: ImageDraw.ImageDraw, width: int, height: int, rng: random.Random) -> None:
    x, y = width * rng.uniform(0.2, 0.8), height * rng.uniform(0.2, 0.42)
    radius = min(width, height) * rng.uniform(0.08, 0.13)
    for ring, strength in ((2.6, 26), (1.9, 38), (1.4, 60), (1.0, 235)):
        r = radius * ring
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(255, 250, 235, strength))


def _hills(width: int, base: float, size: float, rng: random.Random) -> list[tuple[float, float]]:
    waves = [(rng.uniform(0.6, 1.3) * n, rng.uniform(0, math.tau), 1 / n) for n in (1, 2, 4)]
    return [
        (
            x,
            base
            + size * sum(w * math.sin(n * math.tau * x / width + p) for n, p, w in waves) / 1.7,
        )
        for x in range(0, width + 6, 6)
    ]


def _peaks(width: int, base: float, size: float, rng: random.Random) -> list[tuple[float, float]]:
    line, x, up = [(0.0, base)], 0.0, True
    while x < width:
        x += width * rng.uniform(0.05, 0.12)
        line.append((x, base - size * (rng.uniform(0.5, 1.3) if up else rng.uniform(-0.5, 0.1))))
        up = not up
    return line


def _caption(picture: Image.Image, prompt: str) -> None:
    """A bar at the foot: a plate that says sandbox, and what the picture was asked to show."""
    width, height = picture.size
    size = max(9, min(width, height) // 36)
    pad = size * 0.7
    pen = ImageDraw.Draw(picture, "RGBA")
    plate = pen.textlength("sandbox", _font(size))
    y = height - 3.4 * size
    box = (size, y, size + plate + 2 * pad, y + size + 1.3 * pad)
    pen.rounded_rectangle(box, radius=size * 0.5, fill=(*PAPER, 225))
    middle = (box[1] + box[3]) / 2
    pen.text((box[0] + pad, middle), "sandbox", fill=INK, font=_font(size), anchor="lm")
    room = width - box[2] - 3 * pad
    text = _fitting(_printable(prompt), room, pen, _font(size))
    pen.text((box[2] + pad, middle), text, fill=(*PAPER, 235), font=_font(size), anchor="lm")


def _fitting(text: str, room: float, pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont) -> str:
    limit = 72
    while limit > 4 and pen.textlength(shortened(text, limit), font) > room:
        limit -= 4
    return shortened(text, limit) if limit > 4 else ""


def _printable(text: str) -> str:
    # The built-in font has the letters of Latin 1; others would show as boxes.
    return text.encode("latin-1", "ignore").decode("latin-1")


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _between(far: Colour, near: Colour, depth: float) -> Colour:
    red, green, blue = (round(f + (n - f) * depth) for f, n in zip(far, near, strict=True))
    return red, green, blue
