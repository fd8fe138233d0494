"""Files that are not what they seem, or that would be too much: refused, and soon."""

import zipfile
import zlib
from io import BytesIO

import pytest

from igny8_core.planner.intake import IntakeError, read_keywords
from tests.planner.intake.files import (
    a_workbook,
    a_zip,
    packed,
    raw_workbook,
    text_cell,
)

HEADER = f"<row r='1'>{text_cell('A1', 'keyword')}</row>"
CSV = "keyword\ntents\n"


def refusal(data, **options):
    with pytest.raises(IntakeError) as refused:
        read_keywords(data, **options)
    return refused.value.detail


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"%PDF-1.7 keyword", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel workbook"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"<html><table><tr><td>keyword</td></tr></table></html>", "web page"),
        (b"\xef\xbb\xbf\n <!DOCTYPE html>\n<body>keyword", "web page"),
        (b'<?xml version="1.0"?>\n<Workbook>keyword</Workbook>', "web page or XML"),
        (b"keyword\0volume\ntents\n", "NUL"),
        (packed({"xl/workbook.bin": b"x"}), "document"),
        (packed({"content.xml": b"x", "mimetype": b"x"}), "document"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged"),
    ],
)
def test_a_file_of_another_kind_is_named(data, named):
    assert named in refusal(data)


def test_a_line_without_end_is_refused():
    assert "Line 2 is longer" in refusal(b"keyword\n" + b"a" * 50_000_000)
    assert "Line 1 is longer" in refusal(b"keyword," * 1_000_000)


def test_a_quote_that_is_never_closed_over_all_of_a_huge_file_takes_one_row():
    lines = b"".join(b"word %d,1\n" % n for n in range(90_000))
    intake = read_keywords(b'keyword,volume\n"' + lines)
    assert (len(intake.rows), intake.evidence.bad_rows) == (89_999, 1)


def test_a_cell_above_128_kilobytes_is_a_bad_row():
    intake = read_keywords(b"keyword,notes\ntents," + b"x" * 200_000 + b"\npegs,\n")
    assert [row.keyword for row in intake.rows] == ["pegs"]
    assert [error.row for error in intake.errors] == [2]


def test_more_columns_than_a_table_has_are_refused():
    assert "1,000 columns" in refusal(("keyword," * 5_000 + "\n").encode())
    wide = "".join(text_cell(f"{chr(65 + n // 26)}{chr(65 + n % 26)}2", "x") for n in range(26))
    assert "1,000 columns" in refusal(raw_workbook(f"{HEADER}<row r='2'>{wide}{far('ZZ')}</row>"))


def test_cells_beyond_the_columns_of_a_table_are_one_bad_row():
    intake = read_keywords(b"keyword,volume\ntents,1" + b"," * 900_000 + b"\npegs,2" + b",,x" * 600)
    assert [row.keyword for row in intake.rows] == ["tents"]
    assert [error.row for error in intake.errors] == [3]


def far(letters):
    return text_cell(f"X{letters}2", "x")


def test_what_packs_to_almost_nothing_is_a_bomb():
    zeros = "0" * 30_000_000
    assert "times its size" in refusal(a_zip(Queries__csv=f"keyword\n{zeros}"))
    assert "times its size" in refusal(raw_workbook(f"<row>{text_cell('A1', zeros)}</row>"))
    texts = "<si><t>same</t></si>" * 2_000_000
    assert "times its size" in refusal(raw_workbook(HEADER, texts=texts))


def test_what_unpacks_to_more_than_a_file_may_have_is_refused():
    lines = "".join(f"{zlib.crc32(b'%d' % n):x}\n" for n in range(20_000))
    data = a_zip(one__csv=f"keyword\n{lines}", two__csv=f"keyword\n{lines}")
    assert len(read_keywords(data, max_bytes=400_000).rows) == 20_000
    assert "more than is read" in refusal(data, max_bytes=300_000)


def test_an_archive_that_lies_about_a_size_is_damaged():
    data = bytearray(a_zip(Queries__csv="keyword\n" + "tents\n" * 5_000))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (20).to_bytes(4, "little")
    assert "damaged" in refusal(bytes(data))


def test_an_archive_in_an_archive_is_refused():
    assert "another, inner.zip" in refusal(a_zip(inner__zip=a_zip(a__csv=CSV), a__csv=CSV))
    assert "another, book.xlsx" in refusal(a_zip(book__xlsx=a_workbook(A=[["keyword"]])))


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "a/..\\..\\b.csv"]
)
def test_a_name_that_leads_out_of_the_archive_is_refused(name):
    assert "outside" in refusal(packed({name: CSV}))


def test_an_archive_with_a_password_is_refused():
    data = bytearray(a_zip(Queries__csv=CSV))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + flags] |= 1
    assert "password" in refusal(bytes(data))


def test_an_archive_of_very_many_files_is_refused_unread():
    assert "1,000 files" in refusal(packed({f"{n}.csv": b"" for n in range(1_001)}))
    assert "100 at most" in refusal(packed({f"{n}.csv": b"" for n in range(101)}))
    assert "list of files" in refusal(packed({f"{n:0200}.csv": b"" for n in range(2_000)}))


def test_a_damaged_archive_is_refused_wherever_it_breaks():
    data = a_workbook(A=[["keyword"], *([f"tents {n}"] for n in range(500))])
    with zipfile.ZipFile(BytesIO(data)) as archive:
        at = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 300
    for broken in (data[:-30], data[:at] + b"\0" * 40 + data[at + 40 :], data[:at] + data[-300:]):
        assert "damaged" in refusal(broken)


def test_an_archive_packed_in_an_unknown_way_is_refused():
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Queries.csv", CSV)
    data = bytearray(buffer.getvalue())
    for mark, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.find(mark) + method] = 97
    assert "packed in a way" in refusal(bytes(data))
