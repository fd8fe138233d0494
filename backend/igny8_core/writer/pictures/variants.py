"""Re-encode a picture for article pages: its own size and smaller ones, marked as made by AI."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from igny8_core.core.pictures import PictureFormat
from igny8_core.writer.pictures.checks import DECODING_ERRORS, BadPicture, inspect, opened

WIDTHS = {"desktop": 1280, "mobile": 640, "preview": 320}

#: Modes whose colours a profile may be about as they stand.
_OF_PROFILES = {"RGB", "CMYK", "L"}

# IPTC's digital source type, as Google and others read it from XMP.
_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about=""'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    " Iptc4xmpExt:DigitalSourceType="
    '"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>'
    '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)


@dataclass(frozen=True)
class Rendered:
    """One stored form of a picture."""

    data: bytes
    width: int
    height: int
    format: PictureFormat


def render(
    data: bytes, *, format: PictureFormat, desktop: bool = True, mobile: bool = True
) -> dict[str, Rendered]:
    """Return `data` re-encoded as `format`: "original", "desktop", "mobile" and "preview".

    All metadata goes but the mark of its source. No variant is larger than the original; one
    that would be as large is the same bytes. Raises BadPicture.
    """
    wanted = {"desktop": desktop, "mobile": mobile, "preview": True}
    widths = {name: width for name, width in WIDTHS.items() if wanted[name]}
    info = inspect(data)
    try:
        with opened(data, info.format) as source:
            return dict(_variants(_plain(source, format), widths, format))
    except DECODING_ERRORS as e:
        raise BadPicture("The picture is damaged and cannot be read.") from e


def _plain(source: Image.Image, format: PictureFormat) -> Image.Image:
    """Decode `source` upright, in RGB or RGBA, without anything that a file says about itself."""
    source.load()
    with suppress(*DECODING_ERRORS):  # what is wrong with its metadata alone spoils no picture
        ImageOps.exif_transpose(source, in_place=True)
    source = _of_8_bits(source)
    picture = _in_srgb(source, "RGBA" if source.has_transparency_data else "RGB")
    if format == "jpg" and picture.mode == "RGBA":
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(picture, mask=picture)
        picture = paper
    picture.info.clear()
    return picture


def _of_8_bits(source: Image.Image) -> Image.Image:
    """Grey of 16 bits, scaled: Pillow's own conversion cuts what is above 255 off."""
    if not source.mode.startswith("I"):
        return source
    grey = source.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    grey.info = {name: value for name, value in source.info.items() if name == "icc_profile"}
    return grey


def _in_srgb(source: Image.Image, mode: str) -> Image.Image:
    """The picture in a mode, its colours as its profile means them: the profile is not kept."""
    profile = source.info.get("icc_profile")
    if profile:
        # One that is broken, or of another kind of picture, is passed over.
        with suppress(ImageCms.PyCMSError, *DECODING_ERRORS):
            return _converted(source, ImageCms.ImageCmsProfile(BytesIO(profile)), mode)
    return source if source.mode == mode else source.convert(mode)


def _converted(source: Image.Image, profile: ImageCms.ImageCmsProfile, mode: str) -> Image.Image:
    """By the profile, which knows nothing of transparency."""
    opaque = source if source.mode in _OF_PROFILES else source.convert("RGB")
    picture = ImageCms.profileToProfile(opaque, profile, _srgb(), outputMode="RGB")
    assert picture is not None
    if mode == "RGBA":
        picture.putalpha(source.convert("RGBA").getchannel("A"))
    return picture


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _variants(
    picture: Image.Image, widths: dict[str, int], format: PictureFormat
) -> Iterator[tuple[str, Rendered]]:
    """Yield the original, then each smaller form, made from the one before it."""
    rendered = _encoded(picture, format)
    yield "original", rendered
    for name, width in widths.items():
        if width < picture.width:
            height = max(1, round(picture.height * width / picture.width))
            picture = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)
            rendered = _encoded(picture, format)
        yield name, rendered


def _encoded(picture: Image.Image, format: PictureFormat) -> Rendered:
    file = BytesIO()
    if format == "webp":
        # Method 4, the default, takes three times as long for 8 % fewer bytes.
        picture.save(file, "WEBP", quality=80, method=2, xmp=_XMP.encode())
    elif format == "jpg":
        picture.save(file, "JPEG", quality=85, progressive=True, xmp=_XMP.encode())
    else:
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", _XMP)
        # Level 6, the default, takes twice the time for 3 % fewer bytes.
        picture.save(file, "PNG", pnginfo=info, compress_level=4)
    return Rendered(file.getvalue(), picture.width, picture.height, format)
