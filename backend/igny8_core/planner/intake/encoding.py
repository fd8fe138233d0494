"""In which encoding a file's text is written, whatever the tool that wrote it."""

import codecs
from collections.abc import Iterator
from io import BytesIO, IncrementalNewlineDecoder
from typing import BinaryIO

from igny8_core.planner.intake.records import IntakeError, NoKeywords

# No row of a keyword file comes near; a whole file in one line is no table.
MAX_LINE = 1_000_000
_CHUNK = 256 * 1024
_REFUSED = {
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls), or one locked with a password",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite format 3": "a database",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with BOM"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16 LE"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16 BE"),
)


def refuse_foreign(start: bytes) -> None:
    """Raise IntakeError for a file that begins as one of a kind that is known and not read."""
    for mark, kind in _REFUSED.items():
        if start.startswith(mark):
            raise IntakeError(f"This is {kind}. Save it as CSV and send that.")


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file that is held whole, and the name of its encoding; raises IntakeError."""
    refuse_foreign(data)
    codec, name = encoding_of(BytesIO(data))
    return data.decode(codec), name


def encoding_of(file: BinaryIO) -> tuple[str, str]:
    """Codec and its name for people; raises IntakeError where the file is no text, or empty.

    The whole file is decoded for it, a piece at a time: its last line may be what is not UTF-8.
    """
    file.seek(0)
    for codec, name in _candidates(file.read(400)):
        try:
            is_empty = not any(_texts(file, codec))
        except UnicodeDecodeError:
            continue
        if is_empty:
            raise NoKeywords("The file is empty.")
        return codec, name
    raise IntakeError(
        "The file is not text in UTF-8, UTF-16 or Windows-1252. Save it as CSV in UTF-8."
    )


def lines_of(file: BinaryIO, codec: str) -> Iterator[str]:
    """The lines of a text, read as they are asked for; raises IntakeError for one without end."""
    file.seek(0)
    decoder = IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec)(), translate=True)
    number, rest = 0, ""
    while chunk := file.read(_CHUNK):
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from (f"{line}\n" for line in lines)
        number += len(lines)
        if len(rest) > MAX_LINE:
            raise IntakeError(
                f"Line {number + 1:,} is longer than {MAX_LINE:,} characters. Save the file as CSV "
                "with one keyword in a line."
            )
    yield rest + decoder.decode(b"", final=True)


def _candidates(start: bytes) -> list[tuple[str, str]]:
    """Codecs to try: the one that a mark at the start names; else UTF-8 before Windows-1252."""
    for mark, codec, name in _MARKS:
        if start.startswith(mark):
            return [(codec, name)]
    # Latin text in UTF-16 has a zero byte beside every letter, marked or not.
    even, odd = start[0::2], start[1::2]
    if odd.count(0) > len(odd) // 2:
        return [("utf-16-le", "UTF-16 LE")]
    if even.count(0) > len(even) // 2:
        return [("utf-16-be", "UTF-16 BE")]
    return [("utf-8", "UTF-8"), ("cp1252", "Windows-1252")]


def _texts(file: BinaryIO, codec: str) -> list[bool]:
    """Whether each piece of the file says anything, once all of it has been decoded."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(codec)()
    says = []
    while chunk := file.read(_CHUNK):
        says.append(bool(decoder.decode(chunk).strip(" \t\r\n\0")))
    decoder.decode(b"", final=True)
    return says
