"""Workbooks and archives as bytes, sound ones and others."""

import zipfile
from io import BytesIO

import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
    '<sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_BOOK_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>"
)


def a_zip(**files):
    """An archive; names are given with the dot as two underscores."""
    return packed({name.replace("__", "."): data for name, data in files.items()})


def packed(files, method=zipfile.ZIP_DEFLATED):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def a_workbook(**sheets):
    """A workbook as Excel would write it: rows of cells by the name of their sheet."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
    return buffer.getvalue()


def raw_workbook(sheet, *, texts="", styles="", book=_BOOK, relations=""):
    """A workbook whose parts are written by hand; sheet: what stands within `sheetData`."""
    rels = _BOOK_RELATIONS.replace("</Relationships>", f"{relations}</Relationships>")
    files = {"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": rels}
    files["xl/worksheets/sheet1.xml"] = (
        sheet if sheet.startswith("<?") else sheet_of(f"<sheetData>{sheet}</sheetData>")
    )
    if texts:
        files["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{texts}</sst>'
    if styles:
        files["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    return packed(files)


def sheet_of(content):
    return f'<worksheet xmlns="{MAIN}">{content}</worksheet>'


def text_cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
