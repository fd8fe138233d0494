"""Keywords, clusters and ideas as tables for people."""

from typing import Any

from django.db.models import QuerySet

from igny8_core.core.bulk import in_turn
from igny8_core.core.spreadsheet import Cell, Table
from igny8_core.planner.models import Cluster, ContentIdeas, Keyword
from igny8_core.planner.outlines import outline_text

_KEYWORD = {
    **{"Keyword": "keyword", "Language": "language", "Country": "country", "Volume": "volume"},
    **{"Difficulty": "difficulty", "CPC": "cpc", "Currency": "cpc_currency", "Intent": "intent"},
}
_CLUSTER = {
    **{"Cluster": "name", "Description": "description", "Head keyword": "head_keyword"},
    **{"Intent": "intent", "Keywords": "keywords_count", "Volume": "volume", "Status": "status"},
}
_IDEA = {
    **{"Title": "title", "Description": "description", "Content type": "content_type"},
    **{"Content structure": "content_structure", "Cluster": "cluster__name"},
    **{"Words": "estimated_word_count", "Status": "status"},
}


def keyword_table(keywords: QuerySet[Keyword]) -> Table:
    """The keywords with the names of their clusters; our own import reads it again."""
    fields = [*_KEYWORD.values(), "cluster", "cluster__name", "similarity"]
    rows = map(_keyword_row, in_turn(keywords, fields))
    return [*_KEYWORD, "Status", "Cluster", "Similarity"], rows


def cluster_table(clusters: QuerySet[Cluster]) -> Table:
    """The clusters, each with its number of keywords and their volume (see `clusters.counted`)."""
    fields = list(_CLUSTER.values())
    return list(_CLUSTER), ([row[name] for name in fields] for row in in_turn(clusters, fields))


def idea_table(ideas: QuerySet[ContentIdeas]) -> Table:
    """The ideas, each outline as text and the target keywords in one cell."""
    fields = [*_IDEA.values(), "outline", "target_keywords"]
    return [*_IDEA, "Outline", "Target keywords"], map(_idea_row, in_turn(ideas, fields))


def _keyword_row(row: dict[str, Any]) -> list[Cell]:
    status = Keyword.status_of(row["cluster"])
    price = None if row["cpc"] is None else float(row["cpc"])
    cells = [price if name == "cpc" else row[name] for name in _KEYWORD.values()]
    return [*cells, status, row["cluster__name"], row["similarity"]]


def _idea_row(row: dict[str, Any]) -> list[Cell]:
    cells = [row[name] for name in _IDEA.values()]
    return [*cells, outline_text(row["outline"]), ", ".join(row["target_keywords"])]
