"""Keyword files that are meant to do harm: 50 MB, or what would unpack to far more."""

import random
import zipfile
from collections.abc import Iterator
from io import BytesIO

_MOST = 50_000_000
_SHEETS = "<sheets><sheet name='A' r:id='a'/></sheets>"
_FILES = "<Relationship Id='a' Target='a.xml'/>"
_HEADER = "<row><c t='str'><v>keyword</v></c><c t='str'><v>tags</v></c></row>"
_SHARED = "<c t='s'><v>0</v></c>"


def bombs() -> Iterator[tuple[str, bytes]]:
    """Each with what it is, made when it is asked for."""
    yield from _texts()
    yield from _archives()
    yield from _sheets()
    yield from _parts()


def _texts() -> Iterator[tuple[str, bytes]]:
    yield "a line of 50 MB", b"keyword\n" + b"a" * _MOST
    yield "a quote over 50 MB", b'keyword,volume\n"' + b"word,1\n" * (_MOST // 7)
    yield "quotes on every line", b"keyword,volume\n" + b'a","b\n' * (_MOST // 6)
    yield "five million rows", b"keyword\n" + b"some word\n" * (_MOST // 10)
    yield "blank lines", b"keyword,volume\n" + b"\n" * _MOST
    yield "empty records", b"keyword,volume\n" + b",\n" * (_MOST // 2)
    yield "a million columns", b"keyword," * 1_000_000 + b"\n" + b"1," * 1_000_000
    yield "rows of a million columns", b"keyword,volume\n" + (b"a" + b"," * 999_000 + b"\n") * 50
    note = ("\N{GRINNING FACE}" + "x" * 490).encode()
    yield "notes of four bytes a letter", b"keyword,tags\n" + (b"a," + note + b"\n") * 99_000


def _archives() -> Iterator[tuple[str, bytes]]:
    yield "zeros in a zip", _packed({"Queries.csv": b"keyword\n" + b"0" * (20 * _MOST)})
    parts = {"xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": b" " * (20 * _MOST)}
    yield "zeros in a workbook", _packed(parts)


def _sheets() -> Iterator[tuple[str, bytes]]:
    yield "one row again and again", _book(_noise() + "<row r='1'/>" * 14_000_000)
    yield "empty rows", _book(_noise() + "<row/>" * 25_000_000)
    yield "empty cells", _book(_noise() + f"<row>{'<c/>' * 16_000}</row>" * 2_800)
    yield "empty lines of XML", _book(_noise() + "\n" * (4 * _MOST))
    yield "a text in very many runs", _book(f"<row><c><is>{'<t>x</t>' * 100_000}</is></c></row>")
    long = f"<si><t>{'x' * 500_000}</t></si>"
    yield "a long text in a whole row", _book(f"<row>{_SHARED * 400}</row>" * 38, texts=long)
    rows = "".join(f"<row><c><v>{n}</v></c>{_SHARED}</row>" for n in range(2_500))
    yield "a long text in all notes", _book(rows, texts=long)


def _parts() -> Iterator[tuple[str, bytes]]:
    style = "<cellXfs><xf numFmtId='200'/></cellXfs>"
    brackets = f"<numFmt numFmtId='200' formatCode='{'[' * 60_000}'/>"
    yield "brackets in a format", _book("", styles=brackets + style)
    formats = "".join(f"<numFmt numFmtId='{n}' formatCode='0'/>" for n in range(4_000_000))
    yield "four million formats", _book("", styles=formats)
    sheets = "".join(f"<sheet name='{n}' r:id='{n}'/>" for n in range(4_000_000))
    yield "four million sheets", _book("", sheets=sheets)
    files = "".join(f"<Relationship Id='{n}' Target='{n}'/>" for n in range(4_000_000))
    yield "four million files", _book("", files=files)


def _book(
    rows: str, *, texts: str = "", styles: str = "", sheets: str = _SHEETS, files: str = _FILES
) -> bytes:
    parts = {
        "xl/workbook.xml": f"<workbook xmlns:r='r'>{sheets}</workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{files}</Relationships>",
        "xl/a.xml": f"<worksheet>{_HEADER}{rows}</worksheet>",
        "xl/sharedStrings.xml": f"<sst>{texts}</sst>",
        "xl/styles.xml": f"<styleSheet>{styles}</styleSheet>",
    }
    return _packed({name: text.encode() for name, text in parts.items()})


def _noise() -> str:
    """Comments that pack badly, so that the part does not look like a bomb by its size alone."""
    noise = random.Random(1).randbytes(300_000).hex()
    return f"<!--{noise}-->" * 6


def _packed(files: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()
