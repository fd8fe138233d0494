"""Every stored form is in the format asked for, no larger than its source, and says who made it."""

from io import BytesIO

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from igny8_core.writer.pictures import BadPicture, render

MARK = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
PILLOW = {"webp": "WEBP", "jpg": "JPEG", "png": "PNG"}


def saved(picture, pillow_format="PNG", **options):
    file = BytesIO()
    picture.save(file, pillow_format, **options)
    return file.getvalue()


def drawn(size):
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).ellipse((0, 0, *size), fill="navy")
    return saved(picture)


def sizes(rendered):
    return {name: (each.width, each.height) for name, each in rendered.items()}


@pytest.mark.parametrize("picture_format", PILLOW)
def test_every_variant_is_what_it_says(picture_format):
    rendered = render(drawn((1792, 1024)), format=picture_format)
    assert sizes(rendered) == {
        "original": (1792, 1024),
        "desktop": (1280, 731),
        "mobile": (640, 366),
        "preview": (320, 183),
    }
    for each in rendered.values():
        with Image.open(BytesIO(each.data)) as picture:
            picture.load()
            assert (picture.format, picture.size) == (
                PILLOW[picture_format],
                (each.width, each.height),
            )
            assert MARK in picture.info["xmp"]
        assert each.format == picture_format


def test_nothing_is_made_larger():
    rendered = render(drawn((500, 400)), format="webp")
    assert sizes(rendered) == {
        **dict.fromkeys(("original", "desktop", "mobile"), (500, 400)),
        "preview": (320, 256),
    }
    assert rendered["desktop"] is rendered["original"]


@pytest.mark.parametrize(
    ("desktop", "mobile", "names"),
    [
        (True, False, {"original", "desktop", "preview"}),
        (False, True, {"original", "mobile", "preview"}),
        (False, False, {"original", "preview"}),
    ],
)
def test_only_the_variants_asked_for_are_made(desktop, mobile, names):
    rendered = render(drawn((700, 400)), format="jpg", desktop=desktop, mobile=mobile)
    assert rendered.keys() == names


@pytest.mark.parametrize("picture_format", PILLOW)
def test_metadata_of_the_source_is_gone(picture_format):
    info = PngImagePlugin.PngInfo()
    info.add_text("prompt", "secret words")
    exif = Image.Exif()
    exif[0x010E] = "secret words"
    data = saved(Image.new("RGB", (9, 9)), pnginfo=info, exif=exif, icc_profile=b"secret words")
    assert b"secret" not in render(data, format=picture_format)["original"].data


def test_a_turned_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(Image.new("RGB", (40, 20)), "JPEG", exif=exif)
    assert sizes(render(data, format="png"))["original"] == (20, 40)


def test_transparency_stays_where_the_format_has_it():
    data = saved(Image.new("RGBA", (8, 8), (255, 0, 0, 0)))
    for picture_format, pixel in (("png", (255, 0, 0, 0)), ("jpg", (255, 255, 255))):
        with Image.open(BytesIO(render(data, format=picture_format)["original"].data)) as made:
            assert made.getpixel((4, 4)) == pixel


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
@pytest.mark.parametrize("picture_format", PILLOW)
def test_every_colour_mode_is_rendered(mode, picture_format):
    assert render(saved(Image.new(mode, (8, 8))), format=picture_format)


def test_a_picture_that_breaks_off_is_refused():
    with pytest.raises(BadPicture, match="damaged"):
        render(drawn((300, 300))[:-500], format="webp")


def middle(data, picture_format="png"):
    with Image.open(BytesIO(render(data, format=picture_format)["original"].data)) as picture:
        return picture.convert("RGBA").getpixel((1, 1))


@pytest.mark.parametrize(("told", "seen"), [(0, 0), (0x4000, 64), (0x8000, 128), (0xFFFF, 255)])
def test_grey_of_16_bits_keeps_its_brightness(told, seen):
    assert middle(saved(Image.new("I;16", (9, 9), told))) == (seen, seen, seen, 255)


def red_and_green_changed():
    """A profile by which what a file calls red is green, and the other way round."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in ((b"rXYZ", b"...."), (b"gXYZ", b"rXYZ"), (b"....", b"gXYZ")):
        profile = profile.replace(old, new, 1)
    return profile


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [
        ("RGB", (250, 10, 10), (10, 250, 10, 255)),
        ("RGBA", (250, 10, 10, 100), (10, 250, 10, 100)),
        ("P", 1, (10, 250, 10, 255)),
    ],
)
def test_colours_are_shown_as_the_profile_of_the_file_means_them(mode, colour, seen):
    picture = Image.new(mode, (9, 9), colour)
    if mode == "P":
        picture.putpalette([0, 0, 0, 250, 10, 10])
    shown = middle(saved(picture, icc_profile=red_and_green_changed()))
    assert all(abs(one - other) <= 2 for one, other in zip(shown, seen, strict=True))


@pytest.mark.parametrize("mode", ["L", "CMYK", "LA"])
def test_a_profile_of_another_kind_of_picture_changes_nothing(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    picture = Image.new(mode, (9, 9))
    assert middle(saved(picture, kind, icc_profile=red_and_green_changed())) == middle(
        saved(picture, kind)
    )
