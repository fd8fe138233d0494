from decimal import Decimal

import pytest

from igny8_core.core.languages import tag_of
from igny8_core.planner.intake import values
from igny8_core.planner.intake.markets import COUNTRY_NAMES, LANGUAGE_NAMES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", (0, None)),
        ("3000000000", (3_000_000_000, None)),
        ("1,234", (1234, None)),
        ("1.234", (1234, None)),
        ("1 234", (1234, None)),
        ("1\u202f234", (1234, None)),
        ("1'234'567", (1_234_567, None)),
        ("1\u2019234", (1234, None)),
        ("1.234.567", (1_234_567, None)),
        ("1234.0", (1234, None)),
        ("1.2K", (1200, None)),
        ("1,2k", (1200, None)),
        ("3M", (3_000_000, None)),
        ("10-100", (10, 100)),
        ("1K - 10K", (1000, 10_000)),
        ("100K \u2013 1M", (100_000, 1_000_000)),
        ("1,000 to 10,000", (1000, 10_000)),
        ("10\u2011100", (10, 100)),
        ("1 mil \u2013 10 mil", (1000, 10_000)),
        ("1 Tsd. \u2013 10 Tsd.", (1000, 10_000)),
        ("100 Tsd. bis 1 Mio.", (100_000, 1_000_000)),
        ("10 bis 100", (10, 100)),
        ("10 a 100", (10, 100)),
        ("10 \u00e0 100", (10, 100)),
        ("1 тыс. – 10 тыс.", (1000, 10_000)),
        ("1万～10万", (10_000, 100_000)),
        ("1천~1만", (1000, 10_000)),
        ("10 Tsd.", (10_000, None)),
        ("10 tys.", (10_000, None)),
        ("10 mila", (10_000, None)),
        ("1 Mio.", (1_000_000, None)),
        ("1,5 mln", (1_500_000, None)),
        ("1.2E+03", (1200, None)),
        ("<10", (0, 10)),
        ("\u2264 10", (0, 10)),
        ("<= 10", (0, 10)),
        *(
            (unknown, (None, None))
            for unknown in ("", " ", "-", "--", "\u2013", "N/A", "n/a", "NaN", "No data")
        ),
    ],
)
def test_volumes_are_read_as_people_write_them(text, expected):
    volume, most, source = values.volume(text)
    assert (volume, most) == expected
    assert source == ("range" if most else "" if volume is None else "exact")


@pytest.mark.parametrize(
    ("text", "least"),
    [
        (">1M", 1_000_000),
        ("1M+", 1_000_000),
        ("10,000+", 10_000),
        ("\u22651000", 1000),
        (">= 1 Tsd.", 1000),
    ],
)
def test_of_a_volume_without_an_upper_end_the_lower_one_is_known(text, least):
    assert values.volume(text) == (least, None, "range")


@pytest.mark.parametrize(
    "text",
    [
        *("abc", "-5", "1-", "100-10", "1.2.3", "1,,2", "2025-01-01", "9999999999999", "inf"),
        *("1e5", "0,123", "0.5", "1.2E-03", "1E+99", "10mil.", "5apples"),
    ],
)
def test_what_is_no_volume_is_refused(text):
    with pytest.raises(ValueError, match=text[:3]):
        values.volume(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1.25", (Decimal("1.25"), "USD")),
        ("1,25 €", (Decimal("1.25"), "EUR")),
        ("£0.5", (Decimal("0.5"), "GBP")),
        ("US$ 3", (Decimal(3), "USD")),
        ("R$ 1,25", (Decimal("1.25"), "BRL")),
        ("A$1.25", (Decimal("1.25"), "AUD")),
        ("J$ 5", (Decimal(5), "")),
        ("12,50 zł", (Decimal("12.50"), "PLN")),
        ("12,50 kr", (Decimal("12.50"), "")),
        ("₽120", (Decimal(120), "RUB")),
        ("CHF 2.10", (Decimal("2.10"), "CHF")),
        ("2.10 PLN", (Decimal("2.10"), "PLN")),
        ("1,234.56", (Decimal("1234.56"), "")),
        ("1.234,56", (Decimal("1234.56"), "")),
        ("1.234", (Decimal("1.234"), "")),
        ("1\u2019234.50", (Decimal("1234.50"), "")),
        ("0,123", (Decimal("0.123"), "")),
        ("0,123 €", (Decimal("0.123"), "EUR")),
        ("1,234", (Decimal(1234), "")),
        ("Rs. 5", (Decimal(5), "")),
        ("Rs 5.25", (Decimal("5.25"), "")),
        ("12,50 kr.", (Decimal("12.50"), "")),
        ("99999999.9999", (Decimal("99999999.9999"), "")),
        ("0.00", (Decimal("0.00"), "")),
        ("0.123456", (Decimal("0.1235"), "")),
        ("", (None, "")),
        ("N/A", (None, "")),
    ],
)
def test_money_is_read_with_the_currency_beside_it(text, expected):
    assert values.money(text) == expected


@pytest.mark.parametrize("text", ["free", "-1.25", "100000000", "99999999.99999", "$", "1.25.3"])
def test_what_is_no_money_is_refused(text):
    with pytest.raises(ValueError, match="is"):
        values.money(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("100", 100),
        ("72.55", 72.55),
        ("0,123", 0.123),
        ("45,123", 45.123),
        ("45.123", 45.123),
        ("1e-07", 1e-07),
        ("40 %", 40),
        ("-", None),
        ("No data", None),
    ],
)
def test_difficulty_has_decimals_and_no_thousands(text, expected):
    assert values.difficulty(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("3,123", 3.123), ("2.77", 2.77), ("n/a", None)])
def test_a_position_has_decimals_and_no_thousands(text, expected):
    assert values.position(text) == expected


def test_difficulty_ends_at_one_hundred():
    with pytest.raises(ValueError, match="above 100"):
        values.difficulty("101")


def test_intents_keep_their_order_and_drop_what_is_none():
    cell = "Branded,Commercial, informational ,COMMERCIAL,Local"

    assert values.intents(cell) == ("commercial", "informational")


def test_intent_codes_are_read_only_where_they_are_codes():
    assert values.intents("3,0,9", codes=True) == ("transactional", "commercial")
    assert values.intents("3,0,9") == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("us", "US"), (" de ", "DE"), ("uk", "GB"), ("NA", "NA")),
        *((" Germany", "DE"), ("USA", "US"), ("united states", "US"), ("The Netherlands", "NL")),
        *(("ZZ", ""), ("Atlantis", ""), ("", "")),
    ],
)
def test_countries_are_codes_or_named(text, code):
    assert values.country(text) == code


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        *(("en", "en"), ("EN", "en"), ("pt-br", "pt-BR"), (" ZH-hant-tw ", "zh-Hant-TW")),
        *(("English", "en"), ("german ", "de"), ("Elvish", ""), ("nan", ""), ("", "")),
        ("x" * 40, ""),
    ],
)
def test_languages_are_tags_or_named(text, tag):
    assert values.language(text) == tag


def test_web_addresses_are_parted_and_named_once():
    cell = "https://a.example/, http://b.example/x,y|https://a.example/\nc.example"

    assert values.web_addresses(cell) == ["https://a.example/", "http://b.example/x,y"]


def test_every_country_and_language_that_has_a_name_is_one():
    assert {values.country(name) for name in COUNTRY_NAMES} == set(COUNTRY_NAMES.values())
    assert {tag_of(code) for code in LANGUAGE_NAMES.values()} == set(LANGUAGE_NAMES.values())
