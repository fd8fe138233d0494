"""Made-up keyword exports of any length."""

import csv
import random
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
