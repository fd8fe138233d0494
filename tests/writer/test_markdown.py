"""The Markdown of an article reads as the article, and its head as YAML."""

from datetime import UTC, date, datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from igny8_core.writer.html import clean_html
from igny8_core.writer.markdown import to_markdown
from igny8_core.writer.words import text_of

READER = MarkdownIt("commonmark").enable("table")


def body_of(html):
    return to_markdown(html, {}).removeprefix("---\n---\n").strip()


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h2>A <em>b</em></h2><h4>c</h4>", "## A *b*\n\n#### c"),
        ("<p>a <strong>b </strong>c</p>", "a **b** c"),
        ("<p>a<br>b</p>", "a  \nb"),
        ("<p>a\n  b</p>\n\n<p>c</p>", "a b\n\nc"),
        ("<p># a</p><p>- b</p><p>1. c</p><p>&gt; d</p>", "\\# a\n\n\\- b\n\n1\\. c\n\n\\> d"),
        ("<p>a*b_c [d] &lt;e&gt; &amp;amp; `f`</p>", "a\\*b\\_c \\[d\\] \\<e> \\&amp; \\`f\\`"),
        (
            '<p><a href="https://x.example/a?b=1&amp;c=2">d</a></p>',
            "[d](https://x.example/a?b=1&c=2)",
        ),
        ('<p><a href="https://x.example/a_(b)">c</a></p>', "[c](<https://x.example/a_(b)>)"),
        ("<p>Look!<a href='https://x.example'>a</a></p>", "Look\\![a](https://x.example)"),
        (
            '<figure><img src="a b.webp" alt="c]"><figcaption>d</figcaption></figure>',
            "![c\\]](<a b.webp>)\n\n*d*",
        ),
        ("<ul>\n<li>a</li>\n<li>b<ul><li>c</li></ul></li>\n</ul>", "- a\n- b\n  - c"),
        ("<ol><li>a<ol><li>b</li></ol></li><li>c</li></ol>", "1. a\n   1. b\n2. c"),
        ('<ol start="9"><li>a</li><li>b</li></ol>', "9. a\n10. b"),
        ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "- a\n\n  b\n\n- c"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<p><code>a*b</code> <code>c`d</code></p>", "`a*b` ``c`d``"),
        ("<pre><code>a\n\n\n  <em>b</em> ```\n</code></pre>", "````\na\n\n\n  b ```\n````"),
        (
            "<table><caption>t</caption><thead><tr><th>a|b</th><th>c</th></tr></thead>"
            "<tbody><tr><td><p>1</p><p>2</p></td></tr></tbody></table>",
            "*t*\n\n| a\\|b | c |\n| --- | --- |\n| 1<br>2 |  |",
        ),
        ("<dl><dt>a</dt><dd>b</dd></dl><hr>", "**a**\n\nb\n\n---"),
        ("<p>H<sub>2</sub>O</p>", "H<sub>2</sub>O"),
        ("", ""),
    ],
)
def test_html_becomes_markdown(html, markdown):
    assert body_of(html) == markdown


@pytest.mark.parametrize(
    "html",
    [
        "<h2>A * b</h2>\n<p>c <strong>d</strong> <em>e</em>\n&lt;f&gt; &amp;amp; g_h_i</p>",
        "<ul>\n<li>a\n<ul>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n</li>\n<li>d</li>\n</ul>",
        '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>',
        "<blockquote>\n<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n</blockquote>",
        "<pre><code>a\n\n\n# b\n</code></pre>\n<p>c <code>``d</code></p>",
        "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b|c</th>\n</tr>\n</thead>\n"
        "<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>",
    ],
)
def test_what_a_reader_makes_of_it_is_the_article_again(html):
    read = READER.render(body_of(html))
    assert read.split() == html.split()


@given(st.text(alphabet="ab 1.*_`#>-+=~<&;![]()\\|\n", max_size=40))
def test_text_stays_text(text):
    html = clean_html(f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>")
    read = READER.render(body_of(html))
    assert text_of(clean_html(read)) == text_of(html)


def test_the_head_is_yaml_in_the_order_given():
    front_matter = {
        "title": 'Tea: "hot" \\ #1\n\x85\u2028\ufeff',
        "slug": "yes",
        "description": "- no list",
        "date": date(2026, 11, 23),
        "updated": datetime(2026, 11, 23, 12, tzinfo=UTC),
        "tags": ["a, b", "null"],
        "words": 1500,
        "draft": True,
        "image": None,
        "categories": [],
    }
    head = yaml.safe_load(to_markdown("<p>a</p>", front_matter).split("---\n")[1])
    assert head == {key: value for key, value in front_matter.items() if value}
    assert list(head) == list(front_matter)[:8]


@given(st.text())
def test_any_title_can_be_read_back(title):
    head = to_markdown("", {"title": title, "n": 1}).split("\n---\n")[0]
    assert yaml.safe_load(head).get("title", "") == title
