"""One page, one address."""

import pytest

from igny8_core.planner.pagefiles.address import page_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://Example.COM/Shoes", "https://example.com/Shoes"),
        ("HTTP://example.com/shoes", "https://example.com/shoes"),
        ("https://example.com:443/", "https://example.com/"),
        ("http://example.com:80", "https://example.com/"),
        ("http://example.com:8080/a", "https://example.com:8080/a"),
        ("https://example.com./a#part", "https://example.com/a"),
        (
            "https://example.com/a?utm_source=x&b=2&UTM_medium=y&gclid=1",
            "https://example.com/a?b=2",
        ),
        ("https://example.com/a?fbclid=1#x", "https://example.com/a"),
        ("https://example.com/a?srsltid=AfmBOoq1&_ga=1", "https://example.com/a"),
        ("https://example.com/a?ref=b&utm=c", "https://example.com/a?ref=b&utm=c"),
        ("https://example.com/a?b=2&a=1&a=", "https://example.com/a?b=2&a=1&a="),
        ("https://me:secret@example.com/a", "https://example.com/a"),
        ("https://secret@example.com/a", "https://example.com/a"),
        ("https://MÜNCHEN.de/köln", "https://xn--mnchen-3ya.de/k%C3%B6ln"),
        ("https://m%C3%BCnchen.de/k%c3%b6ln", "https://xn--mnchen-3ya.de/k%C3%B6ln"),
        ("https://xn--mnchen-3ya.de/", "https://xn--mnchen-3ya.de/"),
        ("https://例え.jp/", "https://xn--r8jz45g.jp/"),
        ("http://[::1]:8000/a", "https://[::1]:8000/a"),
        ("http://127.0.0.1/a", "https://127.0.0.1/a"),
    ],
)
def test_an_address_has_one_form_and_keeps_it(text, address):
    assert page_address(text) == address
    assert page_address(address) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", "shoes", "/a", "ftp://example.com/a", "javascript:alert(1)", "https://", "https://."),
        *("https://a b/", "http://[::1", "https://example.com:port/", "https://example.com:99999/"),
        *("https://ex%2Fample.com/", "https://me:secret@a℀b.de/", "https://" + "ä" * 64 + ".de/"),
        "https://example.com/" + "x" * 2_000,
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(text):
    with pytest.raises(ValueError, match=r"^(the|this)") as refused:
        page_address(text)
    assert "secret" not in str(refused.value)
