"""From the bytes of a file to its text, whatever encoding the tool wrote."""

import codecs

from igny8_core.planner.intake.records import IntakeError

READABLE = "CSV or TSV text"
_REFUSED = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with BOM"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16 LE"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16 BE"),
)


def decode(data: bytes) -> tuple[str, str]:
    """Text of the file and the name of its encoding; raises IntakeError where it is not text."""
    for start, kind in _REFUSED.items():
        if data.startswith(start):
            raise IntakeError(
                f"This is {kind}; {READABLE} is read today. Save it as CSV and send that."
            )
    for codec, name in _candidates(data):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if not text.strip(" \t\r\n\0"):
            raise IntakeError("The file is empty.")
        return text, name
    raise IntakeError(
        "The file is not text in UTF-8, UTF-16 or Windows-1252. Save it as CSV in UTF-8."
    )


def _candidates(data: bytes) -> list[tuple[str, str]]:
    """Codecs to try: the one that a mark at the start names; else UTF-8 before Windows-1252."""
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return [(codec, name)]
    # Latin text in UTF-16 has a zero byte beside every letter, marked or not.
    even, odd = data[0:400:2], data[1:400:2]
    if odd.count(0) > len(odd) // 2:
        return [("utf-16-le", "UTF-16 LE")]
    if even.count(0) > len(even) // 2:
        return [("utf-16-be", "UTF-16 BE")]
    return [("utf-8", "UTF-8"), ("cp1252", "Windows-1252")]
