import pytest

from igny8_core.planner.intake.filenames import market_and_day


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("google_us_ai-tools_matching-terms_2025-07-08_20-05-24.csv", ("US", "2025-07-08")),
        ("tents_broad-match_uk_2025-11-06.csv", ("GB", "2025-11-06")),
        ("C:\\exports\\google_de_zelte_2025-01-31.csv", ("DE", "2025-01-31")),
        ("a.com-organic-keywords-subdomains-us_2026-01-06.csv", ("US", "2026-01-06")),
        ("a.com-organic.Positions-fr-20260105-2026-01-06T10_00_00Z.csv", ("FR", "2026-01-06")),
        ("keywords-2026-01-06.csv", ("", "2026-01-06")),
        ("Keyword Stats 2026-06-09 at 21_25_18.csv", ("", "2026-06-09")),
        ("tents_2025-13-45.csv", ("", "")),
        ("Queries.csv", ("", "")),
        ("", ("", "")),
    ],
)
def test_the_file_name_tells_market_and_day(name, found):
    assert market_and_day(name) == found
