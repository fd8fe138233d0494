"""A provider's embeddings for the clusterer, which knows nothing of providers."""

from collections.abc import Sequence

from igny8_core.ai.failures import CallFailed
from igny8_core.ai.providers.openai import OpenAIProvider
from igny8_core.ai.requests import Endpoint
from igny8_core.planner.clustering import Embed, NotEmbedded

#: OpenAI takes 2,048 texts and 300,000 tokens in a request; a keyword has a dozen at most.
_PER_REQUEST = 1_000


def embeddings_of(endpoint: Endpoint, model: str) -> Embed:
    """Rows from `/embeddings` of an OpenAI-compatible endpoint; raises NotEmbedded.

    One attempt for each thousand texts: the clusterer has another backend to turn to.
    """

    def embed(texts: Sequence[str]) -> list[Sequence[float]]:
        provider, found = OpenAIProvider(), list[Sequence[float]]()
        for start in range(0, len(texts), _PER_REQUEST):
            try:
                found += provider.embed(endpoint, model, texts[start : start + _PER_REQUEST])
            except CallFailed as failure:
                said = failure.told_of(endpoint.label, model).detail
                raise NotEmbedded(said.rstrip(".")) from failure
        return found

    return embed
