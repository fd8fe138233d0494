"""What a cell shows for the number in it, by the format of its style."""

import re
from datetime import date, timedelta

PERCENT, DATE = "%", "date"
#: Formats that every workbook has and none lists.
BUILT_IN = {"9": PERCENT, "10": PERCENT} | dict.fromkeys(
    map(str, [*range(14, 23), *range(45, 48)]), DATE
)
# Excel's own limit; a longer code is none, and shows the number itself.
MAX_CODE = 255
# No bracket may stand between brackets, so that many open ones are not searched again and again.
_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\[\]]*\]')
_DAY_ZERO = date(1899, 12, 30)


def shown_by(code: str) -> str:
    """PERCENT, DATE or "" for a format as it is written by hand."""
    if len(code) > MAX_CODE:
        return ""
    code = _NOT_SHOWN.sub("", code).casefold()
    if PERCENT in code:
        return PERCENT
    return DATE if set(code) & set("ymdhs") and "general" not in code else ""


def shown(value: str, shows: str) -> str:
    """A number as people write it: 0.35, not 0.34999999999999998; a share with its sign; a day."""
    if value.isdigit() and not shows:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if shows == DATE and 0 <= number < 2_958_466:
        return (_DAY_ZERO + timedelta(days=number)).isoformat()
    if shows == PERCENT:
        return f"{round(number * 100, 10):g}%"
    return f"{int(number)}" if number.is_integer() and abs(number) < 1e15 else repr(number)
