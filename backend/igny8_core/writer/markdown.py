"""Write an article's clean HTML as Markdown with front matter, as site generators read it."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from itertools import groupby

_SPECIAL = re.compile(r"([\\`*_\[\]<]|~(?=~)|!\Z|&(?=#?\w+;))")
# What would begin a heading, a list, a quote or a line where a paragraph begins with it.
_BLOCK_SIGN = re.compile(r"^(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|[-=]+(?=\s*$)|~{3,})", re.MULTILINE)
_NUMBER = re.compile(r"^(\d{1,9})([.)](?=\s|$))", re.MULTILINE)
_LATE_START = re.compile(r"(?!1\.)\d+\. ")
_SPACE = re.compile(r"\s+")
_BREAK = "\v"
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def to_markdown(html: str, front_matter: Mapping[str, object]) -> str:
    """Return clean HTML as Markdown under a YAML head made of `front_matter`.

    Texts, dates, numbers, booleans and lists of them are written in the order given; what is
    empty is left out.
    """
    writer = _MarkdownWriter()
    writer.feed(html)
    writer.close()
    return f"{_head(front_matter)}\n{writer.body()}\n"


class _Block(str):
    """Markdown that stands in lines of its own; every other piece is part of a line."""


@dataclass
class _Element:
    """An element that is still open, and what was written in it so far."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def line(self) -> str:
        return "".join(self.pieces).replace(_BREAK, " ").strip()

    def flow(self, gap: str = "\n\n") -> str:
        blocks: list[str] = []
        for is_block, run in groupby(self.pieces, lambda piece: isinstance(piece, _Block)):
            pieces = list(run)
            blocks += pieces if is_block else [_paragraph("".join(pieces))]
        return gap.join(filter(None, blocks))


class _MarkdownWriter(HTMLParser):
    """Turns each element into Markdown when it ends, and gives that to the one around it."""

    def __init__(self) -> None:
        super().__init__()
        self._open = [_Element("")]

    def body(self) -> str:
        return self._open[0].flow()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = _Element(tag, {name: value or "" for name, value in attrs})
        if tag in _VOID:
            self._open[-1].pieces.append(_VOID[tag](element))
        else:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) == 1 or self._open[-1].tag != tag:
            return
        element = self._open.pop()
        if tag in _PARTS:
            _PARTS[tag](element, self._open[-1])
        elif self._is_verbatim():
            self._open[-1].pieces += element.pieces
        else:
            self._open[-1].pieces.append(_WRITERS.get(tag, _inline)(element))

    def handle_data(self, data: str) -> None:
        if not self._is_verbatim():
            data = _SPECIAL.sub(r"\\\1", _SPACE.sub(" ", data))
        self._open[-1].pieces.append(data)

    def _is_verbatim(self) -> bool:
        return any(element.tag in ("pre", "code") for element in self._open)


def _paragraph(text: str) -> str:
    lines = "\n".join(line.strip(" ") for line in text.split(_BREAK)).strip()
    lines = _NUMBER.sub(r"\1\\\2", _BLOCK_SIGN.sub(r"\\\1", lines))
    return lines.replace("\n", "  \n")


def _inline(element: _Element) -> str:
    return "".join(element.pieces)


def _marked(mark: str) -> Callable[[_Element], str]:
    def write(element: _Element) -> str:
        text = _inline(element)
        inner = text.strip(f" {_BREAK}")
        # Inside the marks no space may touch them.
        return text.replace(inner, f"{mark}{inner}{mark}", 1) if inner else text

    return write


def _html(element: _Element) -> str:
    return f"<{element.tag}>{_inline(element)}</{element.tag}>"


def _code(element: _Element) -> str:
    text = _inline(element)
    fence = _fence(text, 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text.strip() else text


def _pre(element: _Element) -> str:
    text = _inline(element).strip("\n")
    fence = _fence(text, 3)
    return _Block(f"{fence}\n{text}\n{fence}")


def _fence(text: str, least: int) -> str:
    """Return more backticks than follow one another anywhere in `text`."""
    return "`" * max([least, *(len(run) + 1 for run in re.findall("`+", text))])


def _link(element: _Element) -> str:
    text = _inline(element)
    return f"[{text}]({_address(element.attributes.get('href', ''))})" if text.strip() else text


def _image(element: _Element) -> str:
    alt = _SPECIAL.sub(r"\\\1", _SPACE.sub(" ", element.attributes.get("alt", "")))
    return f"![{alt}]({_address(element.attributes.get('src', ''))})"


def _address(url: str) -> str:
    return f"<{url}>" if re.search(r"[\s()]", url) else url


def _heading(element: _Element) -> str:
    return _Block(f"{'#' * int(element.tag[1])} {element.line()}")


def _block(element: _Element) -> str:
    return _Block(element.flow())


def _strong_block(element: _Element) -> str:
    return _Block(f"**{element.line()}**")


def _caption(element: _Element) -> str:
    return _Block(f"*{element.line()}*")


def _quote(element: _Element) -> str:
    return _Block("\n".join(f"> {line}".rstrip(" ") for line in element.flow().split("\n")))


def _list_item(element: _Element) -> str:
    first, *others = [piece for piece in element.pieces if piece.strip()] or [""]
    # A list right below the text of its item stays tight, but only a list from 1 may.
    is_tight = not isinstance(first, _Block) and not any(map(_LATE_START.match, others))
    return _Block(element.flow("\n" if is_tight else "\n\n"))


def _list(element: _Element) -> str:
    start = element.attributes.get("start", "")
    first = int(start) if start.isdecimal() else 1
    texts = [piece for piece in element.pieces if isinstance(piece, _Block)]
    items = [
        _item(f"{number}. " if element.tag == "ol" else "- ", text)
        for number, text in enumerate(texts, start=first)
    ]
    return _Block(("\n\n" if any("\n\n" in item for item in items) else "\n").join(items))


def _item(marker: str, text: str) -> str:
    lines = text.split("\n")
    indented = (f"{' ' * len(marker)}{line}" if line else "" for line in lines[1:])
    return "\n".join([f"{marker}{lines[0]}", *indented])


def _cell(element: _Element, row: _Element) -> None:
    row.cells.append(re.sub(r"\s*\n\s*", "<br>", element.flow()).replace("|", r"\|"))


def _row(element: _Element, around: _Element) -> None:
    around.rows.append(element.cells)


def _row_group(element: _Element, table: _Element) -> None:
    table.rows += element.rows


def _table(element: _Element) -> str:
    columns = max(map(len, element.rows), default=0)
    rows = [[*row, *[""] * (columns - len(row))] for row in element.rows]
    rows.insert(1, ["---"] * columns)
    lines = [f"| {' | '.join(row)} |" for row in rows if columns]
    # A caption is a block among the pieces.
    return _Block("\n\n".join(filter(None, [element.flow(), "\n".join(lines)])))


_VOID: dict[str, Callable[[_Element], str]] = {
    "br": lambda _: _BREAK,
    "hr": lambda _: _Block("---"),
    "img": _image,
}
_PARTS: dict[str, Callable[[_Element, _Element], None]] = {
    **dict.fromkeys(("td", "th"), _cell),
    **dict.fromkeys(("thead", "tbody", "tfoot"), _row_group),
    "tr": _row,
}
_WRITERS: dict[str, Callable[[_Element], str]] = {
    **dict.fromkeys((f"h{level}" for level in range(1, 7)), _heading),
    **dict.fromkeys(("p", "dl", "dd", "figure"), _block),
    **dict.fromkeys(("ul", "ol"), _list),
    **dict.fromkeys(("sub", "sup"), _html),
    **{"strong": _marked("**"), "em": _marked("*"), "code": _code, "pre": _pre},
    **{"a": _link, "table": _table, "blockquote": _quote, "li": _list_item},
    **{"dt": _strong_block, "figcaption": _caption, "caption": _caption},
}


def _head(front_matter: Mapping[str, object]) -> str:
    filled = {key: value for key, value in front_matter.items() if value not in (None, "", [], ())}
    return "".join(["---\n", *(f"{key}: {_yaml(filled[key])}\n" for key in filled), "---\n"])


def _yaml(value: object) -> str:
    """Return `value` in YAML's flow style, where a JSON text is a YAML text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _UNPRINTABLE.sub(_escaped, json.dumps(value, ensure_ascii=False))
    if isinstance(value, Iterable):
        return f"[{', '.join(map(_yaml, value))}]"
    return json.dumps(value)


def _escaped(character: re.Match[str]) -> str:
    return f"\\u{ord(character[0]):04x}"
