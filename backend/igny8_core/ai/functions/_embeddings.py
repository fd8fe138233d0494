"""The account's embeddings as the clusterer takes them, which knows nothing of providers."""

from collections.abc import Sequence

from igny8_core.ai.base import BaseAIFunction, Row
from igny8_core.core.errors import AIError
from igny8_core.planner.clustering import Embed, NotEmbedded


def embeddings_of(function: BaseAIFunction) -> Embed | None:
    """None where the account has chosen no model for it; what stands in the way is NotEmbedded."""
    ask = function.embed
    if ask is None:
        return None

    def embed(texts: Sequence[str]) -> list[Row]:
        try:
            return ask(texts)
        except AIError as error:
            raise NotEmbedded(error.detail.rstrip(".")) from error

    return embed
