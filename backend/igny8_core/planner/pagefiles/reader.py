"""The door: the bytes of a file in, the pages it names out."""

from collections.abc import Iterator
from io import BytesIO

from igny8_core.planner.intake import IntakeError
from igny8_core.planner.intake.archive import Archive, readable, shown
from igny8_core.planner.intake.encoding import decode
from igny8_core.planner.pagefiles.packing import too_large, unpacked
from igny8_core.planner.pagefiles.records import Found, PageFile, PageFileError, collected
from igny8_core.planner.pagefiles.sitemap import read_sitemap
from igny8_core.planner.pagefiles.table import read_table

_ZIP = b"PK\x03\x04"


def read_pages(data: bytes, *, max_bytes: int, max_rows: int) -> PageFile:
    """The pages of a sitemap, plain, gzipped or several in a zip, or of a table; PageFileError.

    max_bytes: of what is packed, when it is unpacked
    """
    if data.startswith(_ZIP):
        format, found = _from_zip(data, max_bytes, max_rows)
    else:
        format, found = _from_file(unpacked(data, max_bytes), max_rows)
    return collected(format, found, max_rows)


def _from_file(data: bytes, max_rows: int) -> tuple[str, list[Found]]:
    # Without the mark of UTF-8 or UTF-16, and the zero bytes of the latter.
    if data[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
        return "sitemap", read_sitemap(data, max_rows)
    try:
        text, _ = decode(data)
    except IntakeError as e:
        raise PageFileError(e.detail) from e
    return "table", read_table(text)


def _from_zip(data: bytes, max_bytes: int, max_rows: int) -> tuple[str, list[Found]]:
    """Of all files in it those that name pages; Search Console's zip has one among others."""
    formats: list[str] = []
    found: list[Found] = []
    refused: list[str] = []
    for name, plain in _members(data, max_bytes):
        try:
            format, pages = _from_file(plain, max_rows)
        except PageFileError as e:
            refused.append(f"{name}: {e}")
            continue
        formats.append(format)
        found += pages
        if len(found) > max_rows:
            raise PageFileError(f"The files name more than {max_rows:,} pages; send fewer at once.")
    if not formats:
        raise PageFileError("No file in the zip names pages. " + " ".join(refused[:3]))
    return formats[0], found


def _members(data: bytes, max_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file, unpacked; together never more than max_bytes."""
    left = max_bytes
    try:
        archive = Archive(BytesIO(data), max_bytes)
        for name in archive.names():
            with archive.open(name) as member, readable():
                packed = member.read()
            plain = unpacked(packed, max_bytes)
            left -= len(plain)
            if left < 0:
                raise too_large(max_bytes)
            yield shown(name), plain
    except IntakeError as e:
        raise PageFileError(e.detail) from e
