"""Made-up keyword exports of any length, and files that are meant to do harm."""

import csv
import random
import zipfile
from collections.abc import Iterator
from io import BytesIO, StringIO

import xlsxwriter

HEADER = [
    *("#", "Keyword", "Country", "Difficulty", "Volume", "CPC", "CPS", "Parent Keyword"),
    *("Last Update", "SERP Features", "Global volume", "Traffic potential"),
    *("Global traffic potential", "First seen", "Intents"),
]
_LETTERS = "aeioubcdfghlmnprst"
_FEATURES = ("People also ask", "Top stories", "Thumbnail", "Sitelinks", "Video preview", "Images")


def csv_file(number: int) -> bytes:
    """An export of Ahrefs as CSV."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADER)
    writer.writerows(_rows(number))
    return buffer.getvalue().encode()


def workbook(number: int) -> bytes:
    """The same as XLSX, with its texts in the workbook's own list, as Excel has them."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for place, cells in enumerate(_rows(number), start=1):
            sheet.write_row(place, 0, cells)
    return buffer.getvalue()


def bombs() -> dict[str, bytes]:
    """Each by what it is: 50 MB, or what would unpack to far more."""
    most = 50_000_000
    return {
        "a line of 50 MB": b"keyword\n" + b"a" * most,
        "a quote over 50 MB": b'keyword,volume\n"' + b"word,1\n" * (most // 7),
        "five million rows": b"keyword\n" + b"some word\n" * (most // 10),
        "a million columns": b"keyword," * 1_000_000 + b"\n" + b"1," * 1_000_000,
        "zeros in a zip": _packed({"Queries.csv": b"keyword\n" + b"0" * (20 * most)}),
        "zeros in a workbook": _packed(
            {"xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": b" " * (20 * most)}
        ),
    }


def _rows(number: int) -> Iterator[list[object]]:
    dice = random.Random(1)
    words = ["".join(dice.choices(_LETTERS, k=dice.randint(3, 9))) for _ in range(2_000)]
    for place in range(number):
        text = f"{' '.join(dice.choices(words, k=3))} {place}"
        counts = [dice.randint(0, 90_000) for _ in range(3)]
        money = [round(dice.uniform(0, 5), 2), round(dice.random(), 2)]
        features = ",".join(dice.sample(_FEATURES, 3))
        yield [
            *(place + 1, text, "us", dice.randint(0, 100), 10 * dice.randint(0, 9_000), *money),
            *(dice.choice(words), "2026-07-04 03:48:18", features, *counts, "2015-10-27"),
            "Informational,Commercial,Non-branded",
        ]


def _packed(files: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()
