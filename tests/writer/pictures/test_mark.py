"""Each format carries the mark of its source where readers of that format look for it."""

import struct
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from igny8_core.writer.pictures import render

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
MADE_BY_AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def chunks_of_png(data):
    at = 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length


def chunks_of_webp(data):
    at = 12
    while at < len(data):
        (length,) = struct.unpack("<I", data[at + 4 : at + 8])
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def segments_of_jpg(data):
    at = 2
    while data[at + 1] != 0xDA:
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        yield data[at + 1 : at + 2], data[at + 4 : at + 2 + length]
        at += 2 + length


PLACES = {
    "png": (chunks_of_png, b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0"),
    "webp": (chunks_of_webp, b"XMP ", b""),
    "jpg": (segments_of_jpg, b"\xe1", b"http://ns.adobe.com/xap/1.0/\0"),
}
ALLOWED = {
    "png": {b"IHDR", b"iTXt", b"IDAT", b"IEND"},
    "webp": {b"VP8X", b"VP8 ", b"XMP "},
    "jpg": {b"\xe0", b"\xe1", b"\xdb", b"\xc0", b"\xc2", b"\xc4"},
}


@pytest.mark.parametrize("picture_format", PLACES)
@pytest.mark.parametrize("came_as", ["PNG", "JPEG", "WEBP"])
def test_every_form_is_marked_and_says_nothing_else(came_as, picture_format):
    file = BytesIO()
    Image.effect_noise((700, 500), 50).convert("RGB").save(file, came_as, exif=b"Exif\0\0broken")
    parts_of, name, prefix = PLACES[picture_format]
    for form in render(file.getvalue(), format=picture_format).values():
        parts = list(parts_of(form.data))
        (packet,) = [part for kind, part in parts if kind == name]
        assert packet.startswith(prefix)
        description = ElementTree.fromstring(packet.removeprefix(prefix)).find(
            f"{RDF}RDF/{RDF}Description"
        )
        assert description.attrib == {f"{RDF}about": "", TYPE: MADE_BY_AI}
        assert {kind for kind, _ in parts} <= ALLOWED[picture_format]
