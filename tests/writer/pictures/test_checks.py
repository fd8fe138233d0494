"""Only still PNG, JPEG and WebP pictures of a sane size are ever decoded."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from igny8_core.writer.pictures import BadPicture, PictureInfo, inspect, render

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}


def made(picture_format, size=(64, 48), mode="RGB", **options):
    file = BytesIO()
    Image.new(mode, size, "red").save(file, FORMATS[picture_format], **options)
    return file.getvalue()


def animated(pillow_format):
    file = BytesIO()
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    frames[0].save(file, pillow_format, save_all=True, append_images=frames[1:])
    return file.getvalue()


def png_that_claims(width, height):
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + bytes(8)


def webp_that_claims(width, height):
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + sides


@pytest.mark.parametrize("picture_format", FORMATS)
def test_format_and_size_are_read(picture_format):
    assert inspect(made(picture_format)) == PictureInfo(picture_format, 64, 48)


@pytest.mark.parametrize("options", [{"lossless": True}, {"exif": b"Exif\0\0", "quality": 1}])
def test_every_kind_of_webp_is_read(options):
    assert inspect(made("webp", (1000, 3), **options)) == PictureInfo("webp", 1000, 3)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "empty"),
        (b"GIF89a" + bytes(20), "GIF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"<!doctype html><p>x", "HTML"),
        (b'{"error": "no"}', "JSON"),
        (b"BM" + bytes(60), "no picture that we know"),
        (animated("PNG"), "animated"),
        (animated("WEBP"), "animated"),
        (png_that_claims(9000, 9000), "9000 x 9000"),
        (png_that_claims(20_000, 10), "on a side"),
        (png_that_claims(2**31 - 1, 2**31 - 1), "megapixels"),
        (webp_that_claims(2**24, 2**24), "megapixels"),
        (made("jpg")[:10], "damaged"),
        (made("png")[:20], "damaged"),
        (made("webp")[:24], "damaged"),
    ],
)
def test_everything_else_is_refused_in_words(data, detail):
    with pytest.raises(BadPicture) as refused:
        inspect(data)
    assert detail in refused.value.detail


def test_the_limits_can_be_narrower():
    with pytest.raises(BadPicture, match="at most 0.001 megapixels"):
        inspect(made("png"), max_pixels=1000)
    with pytest.raises(BadPicture, match="MB"):
        inspect(made("png"), max_bytes=10)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(FORMATS)), st.integers(0, 400), st.binary(max_size=12))
def test_a_damaged_picture_is_refused_and_breaks_nothing(picture_format, at, garbage):
    data = made(picture_format)
    broken = data[:at] + garbage + data[at + len(garbage) :]
    with suppress(BadPicture):
        assert render(broken, format="png")
