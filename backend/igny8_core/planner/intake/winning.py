"""Of two things said of one keyword, which stays: the one rule for a file and for an account."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

# A person's own volume is as good as an exact one.
_TRUST = {"impressions": 1, "range": 2}
_EXACT = 3


class Said(Protocol):
    """What a row, or an account, says of a keyword."""

    @property
    def volume(self) -> int | None: ...
    @property
    def volume_max(self) -> int | None: ...
    @property
    def volume_source(self) -> str: ...
    @property
    def difficulty(self) -> float | None: ...
    @property
    def cpc(self) -> Decimal | None: ...
    @property
    def cpc_currency(self) -> str: ...
    @property
    def intent(self) -> str | None: ...
    @property
    def intents(self) -> Sequence[str]: ...
    @property
    def intent_inferred(self) -> bool: ...
    @property
    def parent_topic(self) -> str: ...
    @property
    def position(self) -> float | None: ...
    @property
    def url(self) -> str: ...
    @property
    def serp_urls(self) -> list[str]: ...
    @property
    def extra(self) -> Mapping[str, str]: ...


def winning(preferred: Said, other: Said) -> dict[str, Any]:
    """The volume of the better source; of all else what the preferred one knows, and its gaps
    filled from the other. What is unknown never replaces what is known.
    """
    counted = other if _trust(other) > _trust(preferred) else preferred
    priced = other if preferred.cpc is None else preferred
    meant = preferred if preferred.intents else other
    return {
        "volume": counted.volume,
        "volume_max": counted.volume_max,
        "volume_source": counted.volume_source,
        "difficulty": other.difficulty if preferred.difficulty is None else preferred.difficulty,
        "cpc": priced.cpc,
        "cpc_currency": priced.cpc_currency,
        "intent": meant.intent,
        "intents": list(meant.intents),
        "intent_inferred": meant.intent_inferred,
        "parent_topic": preferred.parent_topic or other.parent_topic,
        "position": other.position if preferred.position is None else preferred.position,
        "url": preferred.url or other.url,
        "serp_urls": preferred.serp_urls or other.serp_urls,
        "extra": {**other.extra, **preferred.extra},
    }


def _trust(said: Said) -> int:
    return 0 if said.volume is None else _TRUST.get(said.volume_source, _EXACT)
