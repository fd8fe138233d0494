"""Group keywords by what a searcher wants: pure functions over texts, no models, no Django.

    cluster(
        terms: Sequence[Term],          # text, volume, difficulty, intent, language, serp_urls
        *,
        resolution: float = RESOLUTION, # the dial: .02 broad, .08, .3 fine
        model: Path | None = None,      # a folder with model.safetensors and tokenizer.json
        embed: Embed | None = None,     # a provider's embeddings, asked before the model is
        serp: SerpRule | None = None,   # by common addresses, where keywords bring serp_urls
    ) -> Clustering                     # groups, backend, resolution, why

`cluster` works in this process. `cluster_apart`, with the same arguments, does what is large or
needs the model in a child process: what has web threads or a worker's heartbeat calls that one
(the planner's door is `planner.offline.group_keywords`, which knows the settings).
`cluster_keywords` is `cluster` for bare texts, by TF-IDF.
"""

from igny8_core.planner.clustering.child import ClustererDied, cluster_apart
from igny8_core.planner.clustering.clusterer import cluster, cluster_keywords
from igny8_core.planner.clustering.groups import Clustering, Group
from igny8_core.planner.clustering.heads import Counted, head_of, intent_of
from igny8_core.planner.clustering.intents import inferred_intent
from igny8_core.planner.clustering.terms import (
    LARGEST,
    RESOLUTION,
    Embed,
    NotEmbedded,
    SerpRule,
    Term,
    largest,
)
from igny8_core.planner.clustering.wordings import Wording, wording_of

__all__ = [
    "LARGEST",
    "RESOLUTION",
    "Clustering",
    "ClustererDied",
    "Counted",
    "Embed",
    "Group",
    "NotEmbedded",
    "SerpRule",
    "Term",
    "Wording",
    "cluster",
    "cluster_apart",
    "cluster_keywords",
    "head_of",
    "inferred_intent",
    "intent_of",
    "largest",
    "wording_of",
]
