"""What advertising, newsletters and shop results hang on an address; the page is the same without.

Pure: for the pages that are stored as for the addresses that a search finds.
"""

# Not `ref` and the like: somewhere they choose what is shown.
_TRACKING = frozenset(
    [
        *("gclid", "gclsrc", "gad_source", "gad_campaignid", "gbraid", "wbraid", "dclid"),
        *("_ga", "_gl", "srsltid", "fbclid", "igshid", "msclkid", "yclid", "ysclid"),
        *("ttclid", "twclid", "mc_cid", "mc_eid"),
    ]
)


def without_tracking(query: str) -> list[str]:
    """The parameters of a query that may choose a page, in their order."""
    return [part for part in query.split("&") if part and not _is_tracking(part)]


def _is_tracking(part: str) -> bool:
    name = part.partition("=")[0].lower()
    return name in _TRACKING or name.startswith("utm_")
