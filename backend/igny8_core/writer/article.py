"""Make an article of what a model wrote, and put pictures into one."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from operator import attrgetter

from markdown_it import MarkdownIt

from igny8_core.writer.html import INLINE, NotAnArticle, demoted, settled, visible
from igny8_core.writer.words import text_of

# One line before and one after the fence are the model talking to us.
_FENCED = re.compile(
    r"(?:[^\n`#<]{1,300}\n\s*)?```[ \t]*(?:html|xhtml|markdown|md|text|txt|json)?[ \t]*\n"
    r"(.*?)(?:\n```[ \t]*(?:\n\s*[^\n`]{1,300})?)?\Z",
    re.DOTALL | re.IGNORECASE,
)
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_BLOCK_END = re.compile(
    r"</(?:p|h[1-6]|ul|ol|table|blockquote|pre|div|section|article|body)>", re.IGNORECASE
)
_HTML_TAG = re.compile(
    r"</?(?:[abipu]|h[1-6r]|br|ul|ol|li|d[ltd]|t[rhd]|em|strong|code|pre|su[bp]|div|span|img"
    r"|figure|figcaption|table|thead|tbody|blockquote|section|article|details|mark|small)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_MARKDOWN_LINE = re.compile(r"\n(?:#{1,6} |[-*+] |\d+[.)] |\|)")
# A model may greet before the title: "Here is your article:".
_TITLE = re.compile(
    r"(?:<p>[^<]{1,200}:</p>\s*|[^<]{1,200}:\s*)?<h1>((?:(?!<h1>).)*?)</h1>\s*", re.DOTALL
)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)[^>]*>")
_VOID = {"hr", "img"}
_STRAY_TEXT = r"\s*(?:[^<\s]|<(?:strong|em|code|a|sup|sub)\b)"
_STRAY_FIRST = re.compile(_STRAY_TEXT)
_STRAY_LATER = re.compile(
    rf"<(?:/(?:p|h[1-6]|ul|ol|dl|table|blockquote|pre|figure)|hr)>{_STRAY_TEXT}"
)
_LETTER = re.compile(r"(?:\A|>)[^<\w]*\w")
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Article:
    """A title and a body of clean HTML that starts below it, at h2."""

    title: str
    html: str


@dataclass(frozen=True)
class PlacedPicture:
    """A stored picture and its place: on top, or in the section of heading `position` (from 1)."""

    src: str
    alt: str
    width: int
    height: int
    featured: bool
    position: int


@dataclass(frozen=True)
class _Block:
    """A piece of the top level of clean HTML; `tag` is empty for text that no block holds."""

    tag: str
    html: str


def article_from(text: str, *, title: str = "", media_prefix: str = "/media/") -> Article:
    """Return the article that `text` is: HTML, Markdown or plain text, also in a code fence.

    A leading H1 leaves the body and is the title; without one the title is `title`.
    Raises NotAnArticle for JSON and for text with nothing to read (contract, section 3).
    """
    written = _unfenced(visible(text).strip())
    if written.startswith(("{", "[")):
        raise NotAnArticle("It is data (JSON), not an article.")
    html = _in_paragraphs(settled(_as_html(written), media_prefix), media_prefix)
    if heading := _TITLE.match(html):
        title, html = text_of(heading[1]), html[heading.end() :]
    if not _LETTER.search(html):
        raise NotAnArticle("There is no text in it.")
    return Article(title=" ".join(title.split()), html=demoted(html))


def place_pictures(html: str, pictures: Sequence[PlacedPicture]) -> str:
    """Return clean HTML with the featured picture on top and the others in their sections.

    Picture n stands below the first paragraph under the nth h2; those for which there is no
    heading are spread over the article.
    """
    blocks = list(_blocks(html))
    ordered = sorted(pictures, key=attrgetter("position"))
    after = _places([each for each in ordered if not each.featured], blocks)
    on_top = [each for each in ordered if each.featured]
    pieces = [*map(_figure, [*on_top, *after.get(-1, ())])]
    for number, block in enumerate(blocks):
        pieces += [block.html, *map(_figure, after.get(number, ()))]
    return "\n".join(pieces)


def _unfenced(text: str) -> str:
    """Return what is in the fence that holds all of `text`, also when it was never closed."""
    fenced = _FENCED.match(text) if "```" in text else None
    # An odd fence inside means that the first one only held a sample of code.
    if fenced is None or fenced[1].count("```") % 2:
        return text
    return fenced[1].strip()


def _as_html(text: str) -> str:
    """Return `text` as HTML, not yet clean; what is HTML already is not touched."""
    prose = _CODE.sub("", text) if "`" in text else text
    if _BLOCK_END.search(prose) and not _has_markdown(prose):
        return text
    return str(_markdown(html=bool(_HTML_TAG.search(prose))).render(text))


def _has_markdown(text: str) -> bool:
    return "**" in text or "](" in text or bool(_MARKDOWN_LINE.search("\n" + text))


@cache
def _markdown(*, html: bool) -> MarkdownIt:
    """Return the one Markdown reader of its kind; without `html` a `<` is only a sign."""
    # Models fence their code; an indented paragraph is a paragraph.
    return MarkdownIt("commonmark", {"html": html}).enable("table").disable("code")


def _in_paragraphs(html: str, media_prefix: str) -> str:
    """Give text that stands between the blocks of clean HTML paragraphs of its own."""
    if _STRAY_FIRST.match(html) or _STRAY_LATER.search(html):
        return settled("\n".join(_with_paragraphs(_blocks(html))), media_prefix)
    return html


def _with_paragraphs(blocks: Iterable[_Block]) -> Iterator[str]:
    for block in blocks:
        if block.tag:
            yield block.html
        else:
            yield from (f"<p>{text}</p>" for text in _BLANK_LINES.split(block.html))


def _blocks(html: str) -> Iterator[_Block]:
    """Cut clean HTML into the blocks of its top level and the text between them."""
    depth = start = 0
    for tag in _TAG.finditer(html):
        closing, name = tag.groups()
        if name in INLINE:
            continue
        if depth == 0:
            yield from _stray(html[start : tag.start()])
            start = tag.start()
        if name not in _VOID:
            depth += -1 if closing else 1
        if depth == 0:
            yield _Block(name, html[start : tag.end()])
            start = tag.end()
    yield from _stray(html[start:])


def _stray(text: str) -> Iterator[_Block]:
    if stripped := text.strip():
        yield _Block("", stripped)


def _places(
    pictures: Sequence[PlacedPicture], blocks: Sequence[_Block]
) -> dict[int, list[PlacedPicture]]:
    """Map the number of a block to the pictures that follow it."""
    sections = _sections(blocks)
    paragraphs = [number for number, block in enumerate(blocks) if block.tag == "p"]
    free = [number for number in paragraphs if number not in sections] or paragraphs
    surplus = [picture for picture in pictures if picture.position > len(sections)]
    spread = _spread(len(surplus), free or [len(blocks) - 1])
    after: dict[int, list[PlacedPicture]] = {}
    for picture in pictures:
        has_section = picture.position <= len(sections)
        place = sections[max(picture.position, 1) - 1] if has_section else next(spread)
        after.setdefault(place, []).append(picture)
    return after


def _sections(blocks: Sequence[_Block]) -> list[int]:
    """List where each h2's pictures go: after its first paragraph, else after itself."""
    following = [*(block.tag for block in blocks[1:]), ""]
    return [
        number + (following[number] == "p")
        for number, block in enumerate(blocks)
        if block.tag == "h2"
    ]


def _spread(count: int, numbers: Sequence[int]) -> Iterator[int]:
    return (numbers[step * len(numbers) // (count + 1)] for step in range(1, count + 1))


def _figure(picture: PlacedPicture) -> str:
    # The picture on top is seen first: a browser must not wait with it.
    loading = "eager" if picture.featured else "lazy"
    return (
        f'<figure><img src="{escape(picture.src)}" alt="{escape(picture.alt)}"'
        f' width="{picture.width}" height="{picture.height}" loading="{loading}"></figure>'
    )
