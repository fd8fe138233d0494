"""Keywords and clusters as tables for people."""

from collections.abc import Iterator
from typing import TypeAlias

from django.db.models import QuerySet

from igny8_core.core.bulk import by_id
from igny8_core.core.spreadsheet import Cell
from igny8_core.planner.models import Cluster, Keyword

Table: TypeAlias = tuple[list[str], Iterator[list[Cell]]]


def keyword_table(keywords: QuerySet[Keyword]) -> Table:
    """The keywords with the names of their clusters; our own import reads it again."""
    header = ["Keyword", "Language", "Country", "Volume", "Difficulty", "CPC", "Currency"]
    rows = by_id(keywords.select_related("cluster"))
    return [*header, "Intent", "Status", "Cluster", "Similarity"], map(_keyword_row, rows)


def cluster_table(clusters: QuerySet[Cluster]) -> Table:
    """The clusters, each with its number of keywords and their volume (see `clusters.counted`)."""
    header = ["Cluster", "Description", "Head keyword", "Intent", "Keywords", "Volume", "Status"]
    return header, map(_cluster_row, by_id(clusters))


def _keyword_row(keyword: Keyword) -> list[Cell]:
    return [
        keyword.keyword,
        keyword.language,
        keyword.country,
        keyword.volume,
        keyword.difficulty,
        None if keyword.cpc is None else float(keyword.cpc),
        keyword.cpc_currency,
        keyword.intent,
        keyword.status,
        keyword.cluster.name if keyword.cluster else None,
        keyword.similarity,
    ]


def _cluster_row(cluster: Cluster) -> list[Cell]:
    # `counted` has annotated the two numbers.
    numbers: list[Cell] = [getattr(cluster, name) for name in ("keywords_count", "volume")]
    texts = [cluster.name, cluster.description, cluster.head_keyword, cluster.intent]
    return [*texts, *numbers, cluster.status]
