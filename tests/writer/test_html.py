"""What is published is safe, tidy, and the same after a second cleaning."""

import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igny8_core.writer.article import article_from
from igny8_core.writer.html import NotAnArticle, clean_html
from tests.writer.xss_corpus import PAYLOADS  # noqa: TID251

ALLOWED: dict[str, set[str]] = {
    **{"a": {"href", "rel"}, "img": {"src", "alt", "width", "height", "loading"}},
    **{"ol": {"start"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}},
    **{tag: set() for tag in ("h2", "h3", "h4", "p", "ul", "li", "blockquote", "pre", "br", "hr")},
    **{tag: set() for tag in ("strong", "em", "code", "sup", "sub", "figure", "figcaption")},
    **{tag: set() for tag in ("table", "caption", "thead", "tbody", "tfoot", "tr")},
    **{tag: set() for tag in ("dl", "dt", "dd")},
}


class Inspector(HTMLParser):
    """Fails at anything that an article may not hold."""

    def handle_starttag(self, tag, attrs):
        assert tag in ALLOWED, tag
        assert {name for name, _ in attrs} <= ALLOWED[tag], attrs
        values = dict(attrs)
        if tag == "a":
            assert values["href"].lower().startswith(("http://", "https://", "mailto:")), attrs
            assert values["rel"] == "nofollow noopener"
        if tag == "img":
            assert values["src"].startswith("/media/"), attrs
            assert ".." not in values["src"]

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def inspect_html(html):
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()


def test_the_corpus_is_large_enough():
    assert len(set(PAYLOADS)) >= 200


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_forbidden_survives_cleaning(payload):
    for text in (payload, f"<p>{payload}</p>", f"<table><tr><td>{payload}", f"<h2>{payload}</h2>"):
        inspect_html(clean_html(text))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_forbidden_survives_in_an_article(payload):
    for frame in ("Words.\n\n{}", "<h1>A</h1><p>Words {}</p>", "# A\n\nWords {}"):
        article = article_from(frame.replace("{}", payload))
        inspect_html(article.html)
        assert article.html == clean_html(article.html)


PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<h1>", "</h1>", "<h2>", "<b>", "</b>", "<i>", "<a>", "</a>"),
        *("<a href='http://x'>", "<ul>", "<li>", "</ul>", "<div>", "</div>", "<section>"),
        *("<table>", "<tr>", "<td>", "</table>", "<pre>", "\n", "</pre>", "<br>", "<hr>"),
        *("<img src='/media/x'>", "<img src=x>", "<figure>", "<figcaption>", "</figure>"),
        *("<blockquote>", "<dl>", "<dt>", "<svg>", "<math>", "<style>", "<!--", "-->"),
        *("<button>", "<select>", "&lt;", "&amp;", "&nbsp;", "<", ">", "\0", "text", " ", "e"),
        *("\u0338", "\u0301", "\u200b", "\u200d", "\ufeff", "&#8203;", "&#824;"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60))
def test_cleaning_twice_changes_nothing(text):
    once = clean_html(text)
    inspect_html(once)
    assert clean_html(once) == once
    assert unicodedata.is_normalized("NFC", once) or "\u0338" in once


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("<h1>A</h1><p>b</p>", "<h2>A</h2><p>b</p>"),
        ("<h5>A</h5><h6>B</h6>", "<h4>A</h4><h4>B</h4>"),
        ("<b>a</b> <i>b</i>", "<strong>a</strong> <em>b</em>"),
        ("<div>a</div><div>b<p>c</p></div>", "<p>a</p><p>b</p><p>c</p>"),
        ("<p></p><p>&nbsp;<br></p><p>a</p><h2> </h2>", "<p>a</p>"),
        ("<ul><li><ul><li><ul><li><ul><li><ul><li></ul></ul></ul></ul></ul>a", "a"),
        ("<span style='x'>a</span> <u>b</u>", "a b"),
        ("a<br/>b<hr>", "a<br>b<hr>"),
        ("<pre>\n\n  a\n\n\n b</pre>", "<pre>  a\n\n\n b</pre>"),
        ("<p>a &lt; b &amp; c</p>", "<p>a &lt; b &amp; c</p>"),
        ('<a href="/contact">a</a> <a href="#b">b</a> <a name=c>c</a>', "a b c"),
        (
            "<a href=mailto:a@b.example>a</a>",
            '<a href="mailto:a@b.example" rel="nofollow noopener">a</a>',
        ),
        ("<p>a</p><img src=http://x.example/y.png><p>b</p>", "<p>a</p><p>b</p>"),
        ("<figure><img src=//x/y.png><figcaption>c</figcaption></figure><p>b</p>", "<p>b</p>"),
        (
            "<figure><figcaption>c</figcaption><table><tr><td>1</table></figure>",
            "<figure><figcaption>c</figcaption>"
            "<table><tbody><tr><td>1</td></tr></tbody></table></figure>",
        ),
        ('<ol start="3"><li>a</li></ol>', '<ol start="3"><li>a</li></ol>'),
        ("<th scope=col colspan=2>a", "a"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\ufeffa\u200bb\u200dc\0d\ud800e", "abcde"),
        ("e\u0301 e&#x301;", "\u00e9 \u00e9"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645\u06cc\u200c\u062e\u0648"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        ("<html><head><title>t</title></head><body><p>a</p></body></html>", "<p>a</p>"),
        ("", ""),
    ],
)
def test_it_tidies(written, cleaned):
    assert clean_html(written) == cleaned


def test_a_slash_that_joins_with_the_tag_before_it_leaves_the_tag_alone():
    assert clean_html("<p>\u0338a</p>").startswith("<p>")
    assert clean_html("<p>\u0327\u0338a</p>").startswith("<p>")


@pytest.mark.parametrize(
    ("src", "prefix", "stays"),
    [
        ("/media/a/b.webp?sig=x&expires=1", "/media/", True),
        ("/files/a.webp", "/files/", True),
        ("https://cdn.example/m/a.webp", "https://cdn.example/m/", True),
        ("/files/a.webp", "/media/", False),
        ("/media/", "/media/", False),
        ("/media/../a", "/media/", False),
        ("/media/%2E%2e/a", "/media/", False),
        ("/mediax/a", "/media/", False),
        (" /media/a", "/media/", False),
    ],
)
def test_only_our_own_pictures_stay(src, prefix, stays):
    cleaned = clean_html(f'<p>x</p><img src="{src}" alt="y">', media_prefix=prefix)
    assert ("<img" in cleaned) is stays


def test_too_many_elements_are_refused_before_they_cost_time():
    with pytest.raises(NotAnArticle, match="5,000 elements"):
        clean_html("<ul><li>" * 100_000)


def test_what_never_settles_becomes_plain_text(monkeypatch):
    monkeypatch.setattr("igny8_core.writer.html._ROUNDS", 1)
    assert clean_html("<div>a &lt; b</div>") == "a &lt; b"
