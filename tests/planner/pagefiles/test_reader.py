"""Files that list a site's pages, as sites and tools write them, and as attackers would."""

import gzip
import time
from zipfile import ZIP_LZMA

import pytest

from igny8_core.planner.pagefiles import PageFileError, read_pages
from tests.planner.intake.files import a_zip, packed

SITEMAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url><loc> https://example.com/shoes?a=1&amp;b=2 </loc><lastmod>2026-01-01</lastmod>
    <image:image><image:loc>https://example.com/shoe.png</image:loc></image:image></url>
  <url><loc>https://example.com/hats</loc></url>
  <url><loc><![CDATA[https://example.com/k\xc3\xb6ln]]></loc></url>
</urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://example.com/a.xml</loc></sitemap></sitemapindex>"""
PAGES = [
    "https://example.com/shoes?a=1&b=2",
    "https://example.com/hats",
    "https://example.com/k%C3%B6ln",
]


def read(data, *, max_bytes=10**6, max_rows=1_000):
    return read_pages(data, max_bytes=max_bytes, max_rows=max_rows)


def urls(data, **limits):
    return [row.url for row in read(data, **limits).rows]


@pytest.mark.parametrize(
    "data",
    [
        SITEMAP,
        b"\xef\xbb\xbf" + SITEMAP,
        gzip.compress(SITEMAP),
        a_zip(a=SITEMAP),
        gzip.compress(SITEMAP[:300]) + gzip.compress(SITEMAP[300:]) + b"\0" * 100,
        b"".join(gzip.compress(bytes([byte])) for byte in SITEMAP),
        a_zip(a=gzip.compress(SITEMAP), index=INDEX),
        SITEMAP.replace(b' xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"', b""),
        SITEMAP.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    ],
    ids=[
        "plain",
        "mark",
        "gzip",
        "two parts",
        "many parts",
        "zip",
        "gzip in zip",
        "no namespace",
        "utf-16",
    ],
)
def test_a_sitemap_gives_its_addresses_and_not_those_of_its_pictures(data):
    file = read(data)
    assert file.format == "sitemap"
    assert [row.url for row in file.rows] == PAGES


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (
            "Top pages,Clicks,Impressions,CTR,Position\nhttps://example.com/a,5,9,1%,2\n",
            [("https://example.com/a", "", "")],
        ),
        (
            "Häufigste Seiten;Klicks\nhttps://example.com/a;5\n",
            [("https://example.com/a", "", "")],
        ),
        (
            "Report of today\n\nAddress\tTitle 1\tStatus\nhttps://example.com/a\tShoes, all\t200\n",
            [("https://example.com/a", "Shoes, all", "")],
        ),
        (
            'URL,Top keyword,Title\nhttps://example.com/a,shoes,"Shoes, ""all"""\n,x,y\n',
            [("https://example.com/a", 'Shoes, "all"', "shoes")],
        ),
        ("page\nhttps://example.com/a\n", [("https://example.com/a", "", "")]),
    ],
    ids=["search console", "translated", "crawler", "keywords", "one column"],
)
def test_a_table_is_read_by_its_column_names(text, rows):
    for data in (text.encode(), text.encode("utf-16")):
        file = read(data)
        assert file.format == "table"
        assert [(row.url, row.title, row.keyword) for row in file.rows] == rows


def test_search_consoles_zip_gives_its_pages_and_none_of_its_queries():
    data = a_zip(
        **{
            "Queries.csv": "Top queries,Clicks\nshoes,5\n",
            "Pages.csv": "Top pages,Clicks\nhttps://example.com/a,5\n",
            "Devices.csv": "Device,Clicks\nDesktop,5\n",
        }
    )
    assert urls(data) == ["https://example.com/a"]


def test_bad_rows_are_named_and_the_others_read():
    file = read(
        b"url,title\nhttps://example.com/a,A\nftp://example.com/b,B\n/c,C\nhttps://x y/,D\n"
        b"https://example.com/a#part,Again\nhttp://[::1,E\n" + b"https://e.com/" + b"x" * 2_000
    )
    assert [(row.row, row.title) for row in file.rows] == [(2, "A")]
    assert [error.row for error in file.errors] == [3, 4, 5, 7, 8]
    assert file.again == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"name,size\nshoes,5\n", "name, size"),
        (b"<html><body>404</body></html>", "no sitemap"),
        (b"<urlset><url>", "no sound XML"),
        (INDEX, "names 1 sitemap"),
        (b"PK\x03\x04 broken", "damaged"),
        (a_zip(a="name\nshoes\n"), "No file in the zip"),
        (packed({"a": SITEMAP}, ZIP_LZMA), "packed in a way"),
        (gzip.compress(SITEMAP)[:-20], "breaks off"),
        (gzip.compress(SITEMAP) + gzip.compress(SITEMAP)[:-20], "breaks off"),
        (gzip.compress(b"") * 10_001, "10,000 parts"),
        (b"\x1f\x8bxxxxxxxxxxxx", "damaged"),
        (b"%PDF-1.7", "PDF"),
        (b'url,title\n"' + b"x" * 200_000, "no sound CSV"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_to_do(data, said):
    with pytest.raises(PageFileError, match=said):
        read(data)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<urlset><url><loc>https://example.com/&b;</loc></url></urlset>"""
OUTSIDE = b"""<!DOCTYPE urlset [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<urlset><url><loc>https://example.com/&f;</loc></url></urlset>"""


@pytest.mark.parametrize("data", [BOMB, OUTSIDE, gzip.compress(BOMB)])
def test_no_entity_is_ever_resolved(data):
    with pytest.raises(PageFileError, match="document type"):
        read(data)


def test_what_unpacks_to_too_much_is_refused_before_it_does():
    bomb = gzip.compress(b"x" * 10_000_000)
    sitemap = gzip.compress(SITEMAP + b" " * 400_000)
    for data in (
        *(bomb, a_zip(a=b"x" * 10_000_000), a_zip(a=bomb), a_zip(a=sitemap, b=sitemap, c=sitemap)),
        a_zip(**{str(n): b"" for n in range(1_001)}),
    ):
        with pytest.raises(PageFileError, match="larger than|unpacks to|1,000 files"):
            read(data)


def test_an_index_says_which_sitemaps_to_upload():
    named = "".join(f"<sitemap><loc> https://e.com/{n}.xml </loc></sitemap>" for n in range(5))
    index = f"<sitemapindex>{named}</sitemapindex>".encode()
    for data in (index, gzip.compress(index), a_zip(index__xml=index)):
        with pytest.raises(PageFileError, match="https://e.com/2.xml and 2 more") as refused:
            read(data)
        assert "names 5 sitemap" in str(refused.value)


def test_a_zip_of_an_index_with_its_sitemaps_gives_the_pages_of_all():
    def sitemap(name):
        return f"<urlset><url><loc>https://e.com/{name}</loc></url></urlset>".encode()

    data = a_zip(index__xml=INDEX, a__xml=sitemap("a"), b__xml__gz=gzip.compress(sitemap("b")))
    assert urls(data) == ["https://e.com/a", "https://e.com/b"]
    assert read(data).errors == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'<urlset><url a="%s"/></urlset>' % (b"x" * 20_000_000), "far too long"),
        (b"<urlset><!-- %s --></urlset>" % (b"x" * 20_000_000), "far too long"),
        (b"<urlset>%s</urlset>" % (b"<url/>" * 1_500_000), "750,000 tags"),
        (b"<urlset %s/>" % b" ".join(b'a%d=""' % n for n in range(100_000)), "far too long"),
        (b"<urlset>%s" % b"".join(b'<a a%d=""/>' % n for n in range(2_000)), "1,000 kinds"),
        (b"<urlset>%s" % b"".join(b'<a xmlns:a%d="x"/>' % n for n in range(2_000)), "1,000 kinds"),
    ],
    ids=["attribute", "comment", "tags", "attributes", "names", "namespaces"],
)
def test_what_would_take_long_is_refused_soon(data, said):
    started = time.process_time()
    with pytest.raises(PageFileError, match=said):
        read(data, max_bytes=len(data))
    assert time.process_time() - started < 2


def test_an_address_without_end_is_a_bad_row_and_no_more():
    text = b"\n" * 3_000_000 + b"https://example.com/" + b"x" * 3_000_000
    started = time.process_time()
    file = read(SITEMAP.replace(b"https://example.com/hats", text), max_bytes=10**7)
    assert time.process_time() - started < 2
    assert [row.url for row in file.rows] == [PAGES[0], PAGES[2]]
    assert [error.row for error in file.errors] == [2]


def test_too_many_pages_are_refused():
    rows = "".join(f"https://example.com/{n}\n" for n in range(4))
    for data in (SITEMAP, f"url\n{rows}".encode(), a_zip(a=SITEMAP)):
        assert len(urls(data, max_rows=4)) >= 3
        with pytest.raises(PageFileError):
            urls(data, max_rows=2)


def test_a_page_named_in_several_ways_is_there_once():
    ways = ("https://X.com/A", "http://x.com:80/A#top", "https://me:secret@x.com/A?utm_source=y")
    file = read("url\n{}\n{}\n{}\nhttps://x.com/a\n".format(*ways).encode())
    assert [row.url for row in file.rows] == ["https://x.com/A", "https://x.com/a"]
    assert file.again == 2
