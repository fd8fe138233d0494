"""Whatever form a model chose, the same article comes out of it."""

import pytest

from igny8_core.writer.article import Article, PlacedPicture, article_from, place_pictures
from igny8_core.writer.html import NotAnArticle

HTML = "<h1>Tea &amp; cake</h1>\n<p>Hello <strong>you</strong>.</p>\n<h2>Next</h2>\n<p>More.</p>"
MARKDOWN = "# Tea & cake\n\nHello **you**.\n\n## Next\n\nMore."
TEA = Article(
    title="Tea & cake",
    html="<p>Hello <strong>you</strong>.</p>\n<h2>Next</h2>\n<p>More.</p>",
)


@pytest.mark.parametrize(
    "written",
    [
        HTML,
        MARKDOWN,
        MARKDOWN.replace("\n", "\r\n"),
        MARKDOWN.replace("# Tea & cake\n", "Tea & cake\n=====\n"),
        MARKDOWN.replace("**you**", "<b>you</b>"),
        f"\ufeff  \n{HTML}\n",
        f"```html\n{HTML}\n```",
        f"```\n{MARKDOWN}\n```",
        f"```markdown\n{MARKDOWN}",
        f"Here is your article:\n\n```html\n{HTML}\n```\n\nLet me know what you think!",
        f"Here is your article:\n\n{HTML}",
        f"Here is your article:\n\n{MARKDOWN}",
        f"<!DOCTYPE html><html><head><title>T</title></head><body>{HTML}</body></html>",
        f"<article><header><h1>Tea &amp; cake</h1></header>\n{HTML.split('</h1>')[1]}</article>",
        f"<h1>Tea &amp; cake</h1>{MARKDOWN.removeprefix('# Tea & cake')}",
    ],
)
def test_it_reads_every_form_of_the_same_article(written):
    assert article_from(written) == TEA


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("One.\n\nTwo\nlines.", "<p>One.</p>\n<p>Two\nlines.</p>"),
        ("    Indented.\n\nNot.", "<p>Indented.</p>\n<p>Not.</p>"),
        ("if a < b and <foo> then", "<p>if a &lt; b and &lt;foo&gt; then</p>"),
        ("a<br>b **c**", "<p>a<br>b <strong>c</strong></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("# A\n\n# B\n\nc", "<h2>B</h2>\n<p>c</p>"),
        (
            "x\n\n```html\n<p>y</p>\n```\n\nz\n\nw",
            "<p>x</p>\n<pre><code>&lt;p&gt;y&lt;/p&gt;\n</code></pre>\n<p>z</p>\n<p>w</p>",
        ),
        ("Use `</p>` to end it.", "<p>Use <code>&lt;/p&gt;</code> to end it.</p>"),
        (
            "In\n<h2>A</h2>\nSome <b>b</b>\n\nmore<ul><li>c</li></ul>",
            "<p>In</p>\n<h2>A</h2>\n<p>Some <strong>b</strong></p>\n<p>more</p>\n"
            "<ul><li>c</li></ul>",
        ),
        ("<h2>A</h2><p></p><p>b</p>", "<h2>A</h2><p>b</p>"),
        (
            "| a |\n|---|\n| 1 |",
            "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n"
            "<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>",
        ),
    ],
)
def test_the_body_is_clean_html(written, html):
    assert article_from(written).html == html


def test_a_given_title_holds_where_the_text_has_none():
    assert article_from("<p>a</p>", title="Given").title == "Given"
    assert article_from("<h1>Own</h1><p>a</p>", title="Given").title == "Own"


NO_ARTICLES = [
    "{",
    '{"a": []}',
    "  [1]",
    "```json\n{}\n```",
    "\ufeff{",
    "",
    " \n",
    "<p></p>",
    "# T",
]


@pytest.mark.parametrize("written", NO_ARTICLES)
def test_data_and_emptiness_are_no_articles(written):
    with pytest.raises(NotAnArticle):
        article_from(written)


def picture(position, *, featured=False):
    return PlacedPicture(f"{position}.webp", 'A "b"', 1280, 720, featured, position)


def order_of(html, *marks):
    return sorted(marks, key=html.index)


def test_pictures_stand_in_their_sections():
    html = "<p>in</p><h2>A</h2><p>one</p><p>two</p><h2>B</h2><ul><li>x</li></ul><p>four</p>"
    placed = place_pictures(html, [picture(2), picture(1), picture(0, featured=True)])
    marks = ["0.webp", "in", "<h2>A", "one", "1.webp", "two", "<h2>B", "2.webp", "<ul>"]
    assert order_of(placed, *marks) == marks


def test_a_failed_picture_moves_no_other():
    placed = place_pictures("<h2>A</h2><p>one</p><h2>B</h2><p>two</p>", [picture(2)])
    assert order_of(placed, "one", "two", "2.webp") == ["one", "two", "2.webp"]


def test_pictures_without_a_heading_are_spread():
    html = "".join(f"<p>text{n}</p>" for n in range(6))
    placed = place_pictures(html, [picture(1), picture(2)])
    marks = ["text2", "1.webp", "text3", "text4", "2.webp", "text5"]
    assert order_of(placed, *marks) == marks


def test_a_picture_is_written_with_its_size_and_escaped():
    assert place_pictures("", [picture(1)]) == (
        '<figure><img src="1.webp" alt="A &quot;b&quot;" width="1280" height="720"'
        ' loading="lazy"></figure>'
    )
    assert 'loading="eager"' in place_pictures("<p>a</p>", [picture(1, featured=True)])
