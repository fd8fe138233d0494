"""Make HTML that strangers wrote (models, people, pasted pages) safe and tidy to publish.

What comes out is what a second cleaning leaves alone: the cleaner runs until its own answer
no longer changes, so that nothing a browser would read differently can be left in it.
"""

import re
import unicodedata
from collections.abc import Callable
from html import escape

import nh3

from igny8_core.writer.words import text_of

MAX_ELEMENTS = 5_000

INLINE = {"strong", "em", "code", "a", "sup", "sub", "br"}
_BLOCKS = {
    *("h2", "h3", "h4", "p", "ul", "ol", "li", "blockquote", "pre", "hr", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "figure", "figcaption"),
}
# Tags that are no part of an article but say something that one of its own tags says as well.
_RENAMED = {"b": "strong", "i": "em", "h5": "h4", "h6": "h4"} | dict.fromkeys(
    (
        *("div", "section", "article", "main", "header", "footer", "aside", "nav", "address"),
        *("details", "summary", "center"),
    ),
    "p",
)
# Their content is no text for readers either.
_DROPPED_WHOLE = {
    *("script", "style", "title", "head", "iframe", "object", "embed", "applet", "noscript"),
    *("noembed", "noframes", "template", "svg", "math", "textarea", "select", "button"),
    *("audio", "video", "canvas", "map"),
}

_CLEANER = nh3.Cleaner(
    tags=INLINE | _BLOCKS | _RENAMED.keys() | {"h1", "img"},
    clean_content_tags=_DROPPED_WHOLE,
    attributes={
        "*": set(),  # without it, lang and title would stay everywhere
        "a": {"href"},
        "img": {"src", "alt", "width", "height", "loading"},
        "ol": {"start"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener",
)

# The patterns below read the cleaner's output, which is well formed and escapes < and > in text
# and in attributes, so that a tag ends at the first >.
_RENAMED_TAG = re.compile(rf"<(/?)({'|'.join(_RENAMED)})>")
_IMG = re.compile(r"<img[^>]*>")
_SRC = re.compile(r' src="([^"]*)"')
_DEAD_LINK = re.compile(r'<a(?! href="(?i:https?://|mailto:)[^"]*")[^>]*>(.*?)</a>', re.DOTALL)
_EMPTY = re.compile(
    r"<(p|h[1-6]|li|ul|ol|blockquote)>(?:\s|&nbsp;|<br>)*</\1>"
    r"|<(?:strong|em)></(?:strong|em)>|<a [^>]*></a>"
    r"|<figure>\s*(?:<figcaption>(?:(?!</?fig).)*</figcaption>\s*)?</figure>",
    re.DOTALL,
)
_PRE_NEWLINES = re.compile(r"<pre>\n+")

_CONTROLS = bytes({*range(32), 127} - {*b"\t\n"})
_INVISIBLE = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060-\u2064\ufeff\ufffe\uffff\ud800-\udfff]"
)
# Joiners spell words in Persian or Hindi and join emoji; beside ASCII they are only noise.
_JOINERS = re.compile("[\u200c\u200d]+")
_BESIDE_BRACKETS = re.compile("[^<>]+")
_ROUNDS = 8


class NotAnArticle(ValueError):
    """What was written cannot be an article; the message says why, for people."""


def clean_html(text: str, *, media_prefix: str = "/media/") -> str:
    """Return the part of `text` that may be published: allowed tags, headings from h2 down.

    Links keep http, https and mailto; an image stays only where its src is a path under
    `media_prefix`. Idempotent. Raises NotAnArticle for more than MAX_ELEMENTS elements, because
    the parser's time grows with the square of their depth.
    """
    return demoted(settled(text, media_prefix))


def settled(text: str, media_prefix: str) -> str:
    """Clean `text` until cleaning changes nothing; h1 is still told from h2."""
    current = visible(text)
    if current.count("<") - current.count("</") > MAX_ELEMENTS:
        raise NotAnArticle(f"It has more than {MAX_ELEMENTS:,} elements of HTML.")
    for _ in range(_ROUNDS):
        tidied = _tidied(_CLEANER.clean(current), media_prefix)
        if tidied == current:
            return tidied
        current = visible(tidied)
    return escape(text_of(current), quote=False)


def demoted(html: str) -> str:
    """Make every h1 of clean HTML an h2: the page around the article owns the h1."""
    return html.replace("<h1>", "<h2>").replace("</h1>", "</h2>")


def visible(text: str) -> str:
    """Return `text` in NFC, with plain line ends, without characters that nobody can see."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text.encode().translate(None, _CONTROLS).decode()
    text = _INVISIBLE.sub("", text)
    if "\u200c" in text or "\u200d" in text:
        text = _JOINERS.sub(_joining, text)
    if "\u0338" in text:  # NFC would join this slash with the > of a tag, and the tag were gone
        return _BESIDE_BRACKETS.sub(lambda run: unicodedata.normalize("NFC", run[0]), text)
    return unicodedata.normalize("NFC", text)


def _joining(joiners: re.Match[str]) -> str:
    text, start, end = joiners.string, joiners.start(), joiners.end()
    beside = text[start - 1 : start] or " ", text[end : end + 1] or " "
    return joiners[0] if min(beside) > "\x7f" else ""


def _tidied(html: str, media_prefix: str) -> str:
    """Drop foreign pictures, dead links and empty elements; bring synonyms to one tag."""
    if "<img" in html:
        html = _IMG.sub(_own_pictures(media_prefix), html)
    if "<a " in html:
        html = _DEAD_LINK.sub(r"\1", html)
    html = _RENAMED_TAG.sub(lambda tag: f"<{tag[1]}{_RENAMED[tag[2]]}>", html)
    if "<pre>\n" in html:
        html = _PRE_NEWLINES.sub("<pre>", html)
    for _ in range(_ROUNDS):
        html, emptied = _EMPTY.subn("", html)
        if not emptied:
            break
    return html.strip()


def _own_pictures(media_prefix: str) -> Callable[[re.Match[str]], str]:
    # No dots in a row and no %2e: a path that climbs out of the media folder is another address.
    path = re.compile(re.escape(escape(media_prefix)) + r"(?!.*(?:\.\.|(?i:%2e)|\\|\s))[^?#].*")

    def kept(img: re.Match[str]) -> str:
        src = _SRC.search(img[0])
        return img[0] if src and path.fullmatch(src[1]) else ""

    return kept
