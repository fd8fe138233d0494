"""What a zip archive holds, read in place and never more of it than a keyword file may be.

Nothing is unpacked to the disk, so that a name leads nowhere; sizes are checked before a byte is
read, and Python's reader gives no more bytes than the archive has told.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from igny8_core.planner.intake.records import Damaged, IntakeError, TooMuch

MAX_MEMBERS = 1_000
# Python reads the whole list of members, at about 100 bytes each, before it tells how many.
_MAX_DIRECTORY = 256 * 1024
_END, _END_SIZE = b"PK\x05\x06", 22
_LOCATOR_64, _LOCATOR_64_SIZE = b"PK\x06\x07", 20
# A keyword file packs to a sixth; deflate's most is a thousandth.
_MOST_PACKED, _NOT_WORTH_A_BOMB = 100, 1024 * 1024
_ENCRYPTED = 0x1
# What programs pack with. Damage in the others shows as errors of all kinds.
_PACKED_BY = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_UNKNOWN_PACKING = "The archive is packed in a way that is not read. Unpack it and send the file."


class Archive:
    """A zip file; raises IntakeError for one that is broken, locked, or would unpack to too much.

    max_bytes: what all its members that are opened may come to
    """

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self._left = max_bytes
        _refuse_long_list(file)
        with readable(ValueError):
            members = zipfile.ZipFile(file)
        self._zip = members
        self._infos = {each.filename: each for each in members.infolist() if not each.is_dir()}
        if len(self._infos) > MAX_MEMBERS:
            raise IntakeError(f"The archive holds more than {MAX_MEMBERS:,} files.")
        for name in self._infos:
            _refuse_way_out(name)

    def names(self) -> list[str]:
        """The files within, in the archive's order."""
        return list(self._infos)

    def open(self, name: str) -> IO[bytes]:
        """A file within, once it is sure that it may be read."""
        info = self._infos[name]
        if info.flag_bits & _ENCRYPTED:
            raise IntakeError("The archive is locked with a password. Unpack it and send the file.")
        if info.compress_type not in _PACKED_BY:
            raise IntakeError(_UNKNOWN_PACKING)
        unpacked, packed = info.file_size, max(info.compress_size, 1)
        if unpacked > _NOT_WORTH_A_BOMB and unpacked > _MOST_PACKED * packed:
            raise TooMuch(
                f"{shown(name)} unpacks to {unpacked // packed:,} times its size, which no such "
                "file does. Send it as it is, unpacked."
            )
        self._left -= unpacked
        if self._left < 0:
            raise TooMuch(
                f"With {shown(name)} the archive unpacks to more than is read at once. Send its "
                "files one by one, or fewer rows or columns."
            )
        with readable(ValueError):
            return self._zip.open(info)


@contextmanager
def readable(*more: type[Exception]) -> Iterator[None]:
    """What goes wrong in reading an archive, or one of `more`, in words of ours."""
    damage: tuple[type[Exception], ...] = (zipfile.BadZipFile, zlib.error, EOFError, *more)
    try:
        yield
    except IntakeError:
        raise
    except damage as e:
        raise Damaged from e
    except NotImplementedError as e:
        raise IntakeError(_UNKNOWN_PACKING) from e


def shown(name: str) -> str:
    """The last part of a member's name, as far as it can be seen."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[-100:]


def _refuse_long_list(file: BinaryIO) -> None:
    file.seek(0, 2)
    file.seek(max(0, file.tell() - (1 << 16) - _END_SIZE - _LOCATOR_64_SIZE))
    tail = file.read()
    is_plain = tail[-_END_SIZE:].startswith(_END) and tail.endswith(b"\0\0")
    end = len(tail) - _END_SIZE if is_plain else tail.rfind(_END)
    if end < 0 or len(tail) < end + _END_SIZE:
        raise Damaged
    (size,) = struct.unpack_from("<I", tail, end + 12)
    locator = max(0, end - _LOCATOR_64_SIZE)
    if size > _MAX_DIRECTORY or tail[locator:end].startswith(_LOCATOR_64):
        raise IntakeError(
            f"The archive's list of files is too long; {MAX_MEMBERS:,} files at most are read. "
            "Unpack it and send the one file alone."
        )


def _refuse_way_out(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
        raise IntakeError("The archive names a file outside of itself. Pack it anew.")
