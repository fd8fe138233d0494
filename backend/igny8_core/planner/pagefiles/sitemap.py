"""Sitemaps, read as a stream; a document type, and so every entity of its own, is refused."""

from xml.parsers import expat

from igny8_core.planner.pagefiles.records import Found, PageFileError

_PIECE = 64 * 1024


class Sitemap:
    """The addresses of a `urlset`, and how many sitemaps an index names."""

    def __init__(self, max_rows: int) -> None:
        self.pages: list[Found] = []
        self.sitemaps = 0
        self._max_rows = max_rows
        self._path: list[str] = []
        self._text: list[str] = []

    def read(self, data: bytes) -> "Sitemap":
        """Take in the file; raises PageFileError."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._text.append
        try:
            for start in range(0, len(data), _PIECE):
                parser.Parse(data[start : start + _PIECE], False)
            parser.Parse(b"", True)
        except expat.ExpatError as e:
            raise PageFileError(f"The sitemap is no sound XML: {e}.") from e
        return self

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name.rpartition(" ")[2])
        self._text.clear()
        if len(self._path) == 1 and self._path[0] not in {"urlset", "sitemapindex"}:
            raise PageFileError("This XML file is no sitemap; its root is urlset or sitemapindex.")

    def _close(self, name: str) -> None:
        match self._path:
            case ["urlset", "url", "loc"]:
                self.pages.append((len(self.pages) + 1, "".join(self._text), "", ""))
                if len(self.pages) > self._max_rows:
                    raise PageFileError(f"The sitemap has more than {self._max_rows:,} pages.")
            case ["sitemapindex", "sitemap", "loc"]:
                self.sitemaps += 1
        self._path.pop()
        self._text.clear()


def read_sitemap(data: bytes, max_rows: int) -> list[Found]:
    """The pages of a sitemap; raises PageFileError for an index, which names files only."""
    sitemap = Sitemap(max_rows).read(data)
    if sitemap.sitemaps:
        raise PageFileError(
            f"This is an index that names {sitemap.sitemaps} sitemap(s) and no page. "
            "Nothing is fetched: send those files one by one, or together as a zip."
        )
    return sitemap.pages


def _refuse_doctype(*_: object) -> None:
    raise PageFileError("A sitemap has no document type (<!DOCTYPE>); remove it.")
