"""gzip undone, as far as a file may be large: in one part or, where files were joined, in many."""

import zlib

from igny8_core.planner.pagefiles.records import PageFileError

_GZIP = b"\x1f\x8b"
_PIECE = 64 * 1024
_MAX_PARTS = 10_000


def unpacked(data: bytes, max_bytes: int) -> bytes:
    """The file as it was before gzip, if it was gzipped; never more than max_bytes."""
    if not data.startswith(_GZIP):
        return data
    view, plain, at = memoryview(data), bytearray(), 0
    for _ in range(_MAX_PARTS):
        at = _unpack_part(view, at, plain, max_bytes)
        # What else follows is filling, as gzip itself has it.
        if view[at : at + 2] != _GZIP:
            return bytes(plain)
    raise PageFileError(f"The gzip archive has more than {_MAX_PARTS:,} parts.")


def _unpack_part(view: memoryview, at: int, plain: bytearray, max_bytes: int) -> int:
    """Add the part that begins there to the plain bytes; answers where it ends."""
    part = zlib.decompressobj(wbits=31)
    while not part.eof:
        piece = view[at : at + _PIECE]
        if not piece:
            raise PageFileError("The gzip archive breaks off.")
        try:
            plain += part.decompress(piece, max_bytes - len(plain) + 1)
        except zlib.error as e:
            raise PageFileError("The gzip archive is damaged.") from e
        if len(plain) > max_bytes:
            raise too_large(max_bytes)
        at += len(piece) - len(part.unused_data) - len(part.unconsumed_tail)
    return at


def too_large(max_bytes: int) -> PageFileError:
    """What is said of a file that is larger than it looked."""
    return PageFileError(f"Unpacked it is larger than {max_bytes / 2**20:g} MB; split it.")
