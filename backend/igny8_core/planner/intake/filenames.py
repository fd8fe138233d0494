"""What a tool wrote into the name of its file: the market and the day of the export."""

import re
from datetime import date

from igny8_core.planner.intake.values import country

_DAY = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
# Ahrefs: google_us_<seed>_matching-terms_<day>, <site>-organic-keywords-subdomains-us_<day>;
# Semrush: <seed>_broad-match_us_<day>, <site>-organic.Positions-us-<yyyymmdd>-<day>
_MARKET = re.compile(
    r"^google_([a-z]{2})_|[_-]([a-z]{2})_\d{4}-\d{2}-\d{2}|-([a-z]{2})-\d{8}-\d{4}-\d{2}-\d{2}",
    re.IGNORECASE,
)


def market_and_day(filename: str) -> tuple[str, str]:
    """ISO 3166 country and ISO 8601 date, each "" where the name does not tell."""
    name = re.split(r"[\\/]", filename)[-1]
    market = _MARKET.search(name)
    return country(market[market.lastindex or 0]) if market else "", _day(name)


def _day(name: str) -> str:
    for match in _DAY.finditer(name):
        try:
            return date(*map(int, match.groups())).isoformat()
        except ValueError:
            continue
    return ""
