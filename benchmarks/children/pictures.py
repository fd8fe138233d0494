"""Makes a picture's stored forms as the product does, and as Pillow does by itself."""

import random
import time
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

from igny8_core.writer.pictures import render
from igny8_core.writer.pictures.variants import WIDTHS

SIZE = (1792, 1024)
PILLOW = {"webp": "WEBP", "jpg": "JPEG", "png": "PNG"}


def source() -> bytes:
    """A PNG like a provider's: soft shapes, edges and a little grain."""
    chance = random.Random(7)
    picture = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for _ in range(400):
        x, y, side = chance.randrange(SIZE[0]), chance.randrange(SIZE[1]), chance.randrange(9, 260)
        draw.ellipse((x, y, x + side, y + side), tuple(chance.randbytes(3)))
    picture = picture.filter(ImageFilter.GaussianBlur(3))
    grain = Image.effect_noise(SIZE, 24).convert("RGB")
    return saved(Image.blend(picture, grain, 0.06), "png")


def ours(data: str, format: str, rounds: int) -> dict[str, Any]:
    """Milliseconds of wall time and CPU, the most MB beyond what it began with, KB stored."""
    taken = Path(data).read_bytes()
    return _measured(lambda: [one.data for one in render(taken, format=format).values()], rounds)


def plain(data: str, format: str, rounds: int) -> dict[str, Any]:
    """The same four forms with Pillow's defaults, each made from the full size."""
    taken = Path(data).read_bytes()
    return _measured(lambda: list(_plain(taken, format)), rounds)


def _plain(data: bytes, format: str):
    with Image.open(BytesIO(data)) as picture:
        picture = picture.convert("RGB")
        yield saved(picture, format)
        for width in WIDTHS.values():
            height = round(picture.height * width / picture.width)
            yield saved(picture.resize((width, height), Image.Resampling.LANCZOS), format)


def saved(picture: Image.Image, format: str) -> bytes:
    file = BytesIO()
    picture.save(file, PILLOW[format])
    return file.getvalue()


def _measured(make, rounds: int) -> dict[str, Any]:
    kilobytes = sum(map(len, make())) / 1024
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        make()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return {
        "ms": 1000 * median(walls),
        "cpu": 1000 * median(cpus),
        "memory": _memory("VmHWM") - _before,
        "kilobytes": kilobytes,
    }


def _memory(name: str) -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


if __name__ == "__main__":
    from benchmarks.children.orders import serve

    _before = _memory("VmRSS")
    serve(ours=ours, plain=plain)
