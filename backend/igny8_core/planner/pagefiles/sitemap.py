"""Sitemaps, read as a stream; a document type, and so every entity of its own, is refused."""

from xml.parsers import expat

from igny8_core.planner.pagefiles.address import MAX_ADDRESS
from igny8_core.planner.pagefiles.records import Found, PageFileError

_PIECE = 64 * 1024
# A tag is looked at from its beginning with each piece until it ends.
_MAX_TAG = 256 * 1024
# No fifty megabytes of sitemap have so many, with every page in 16 languages or not.
_MAX_TAGS = 750_000
# The parser keeps every name it has met.
_MAX_NAMES = 1_000
_NAMED = 3


class Sitemap:
    """The addresses of a `urlset`, or the sitemaps that an index names."""

    def __init__(self, max_rows: int) -> None:
        self.pages: list[Found] = []
        self.sitemaps: list[str] = []
        self._max_rows = max_rows
        self._tags = 0
        self._names: set[str] = set()
        self._path: list[str] = []
        self._text = ""

    def read(self, data: bytes) -> "Sitemap":
        """Take in the file; raises PageFileError."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartNamespaceDeclHandler = self._name
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._hear
        try:
            for start in range(0, len(data), _PIECE):
                parser.Parse(data[start : start + _PIECE], False)
                if start + _PIECE - parser.CurrentByteIndex > _MAX_TAG:
                    raise PageFileError("The sitemap has a tag or comment that is far too long.")
            parser.Parse(b"", True)
        except expat.ExpatError as e:
            raise PageFileError(f"The sitemap is no sound XML: {e}.") from e
        return self

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        self._text = ""
        self._tags += 1
        if self._tags > _MAX_TAGS:
            raise PageFileError(f"The sitemap has more than {_MAX_TAGS:,} tags; split it.")
        self._name(name, *attributes)
        if self._tags == 1 and _local(name) not in {"urlset", "sitemapindex"}:
            raise PageFileError("This XML file is no sitemap; its root is urlset or sitemapindex.")

    def _name(self, *names: str | None) -> None:
        self._names.update(filter(None, names))
        if len(self._names) > _MAX_NAMES:
            raise PageFileError(f"The sitemap has more than {_MAX_NAMES:,} kinds of tags.")

    def _hear(self, text: str) -> None:
        # An address that is too long stays so, whatever is cut off.
        if len(self._text) <= MAX_ADDRESS:
            self._text += text.lstrip() if not self._text else text

    def _close(self, name: str) -> None:
        if name.endswith("loc"):
            self._take()
        self._path.pop()
        self._text = ""

    def _take(self) -> None:
        match [_local(name) for name in self._path[:4]]:
            case ["urlset", "url", "loc"]:
                self.pages.append((len(self.pages) + 1, self._text, "", ""))
                if len(self.pages) > self._max_rows:
                    raise PageFileError(f"The sitemap has more than {self._max_rows:,} pages.")
            case ["sitemapindex", "sitemap", "loc"]:
                self.sitemaps.append(self._text.strip()[:MAX_ADDRESS])


def read_sitemap(data: bytes, max_rows: int) -> list[Found]:
    """The pages of a sitemap; raises PageFileError for an index, which names files only."""
    sitemap = Sitemap(max_rows).read(data)
    if sitemap.sitemaps:
        raise PageFileError(_what_to_send(sitemap.sitemaps))
    return sitemap.pages


def _what_to_send(sitemaps: list[str]) -> str:
    more = len(sitemaps) - _NAMED
    named = ", ".join(name[:200] for name in sitemaps[:_NAMED])
    return (
        f"This is an index: it names {len(sitemaps):,} sitemap(s) and no page. Nothing is fetched: "
        f"upload {named}{f' and {more:,} more' if more > 0 else ''}, one by one or as a zip."
    )


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse_doctype(*_: object) -> None:
    raise PageFileError("A sitemap has no document type (<!DOCTYPE>); remove it.")
