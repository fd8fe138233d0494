"""Keywords, clusters and ideas as tables for people."""

from typing import Any

from django.db.models import QuerySet

from igny8_core.core.bulk import in_turn
from igny8_core.core.spreadsheet import Cell, Table
from igny8_core.planner.clusters import measured
from igny8_core.planner.models import Cluster, ContentIdeas, Keyword
from igny8_core.planner.outlines import outline_text

#: Each column with what `_keyword_cell` fills it from.
_KEYWORD = {
    **{"Keyword": "keyword", "Language": "language", "Country": "country", "Volume": "volume"},
    **{"Difficulty": "difficulty", "CPC": "cpc", "Currency": "cpc_currency", "Intent": "intent"},
    **{"Status": "cluster", "Cluster": "cluster__name", "Similarity": "similarity"},
    **{"Volume max": "volume_max", "Volume source": "volume_source"},
    **{"Intent inferred": "intent_inferred", "Parent topic": "parent_topic"},
    **{"Position": "position", "URL": "url", "SERP URLs": "serp_urls"},
    **{"Import": "source", "Source file": "source__filename"},
}
_CLUSTER = {
    **{"Cluster": "name", "Description": "description", "Head keyword": "head_keyword"},
    **{"Intent": "intent", "Keywords": "keywords_count", "Volume": "volume", "Status": "status"},
    **{"Difficulty": "mean_difficulty", "Cohesion": "cohesion"},
}
_IDEA = {
    **{"Title": "title", "Description": "description", "Content type": "content_type"},
    **{"Content structure": "content_structure", "Cluster": "cluster__name"},
    **{"Words": "estimated_word_count", "Status": "status"},
}


def keyword_table(keywords: QuerySet[Keyword]) -> Table:
    """The keywords with their clusters and where they come from; our own import reads it again."""
    rows = in_turn(keywords, [*_KEYWORD.values(), "intents"])
    return [*_KEYWORD], ([_keyword_cell(row, name) for name in _KEYWORD.values()] for row in rows)


def cluster_table(clusters: QuerySet[Cluster]) -> Table:
    """The clusters with what their keywords come to, those that are known of each.

    Cohesion: the mean similarity, 0 to 1, of keywords that the clusterer has put there.
    """
    fields = list(_CLUSTER.values())
    rows = in_turn(measured(clusters), fields)
    return list(_CLUSTER), ([_rounded(row[name]) for name in fields] for row in rows)


def idea_table(ideas: QuerySet[ContentIdeas]) -> Table:
    """The ideas, each outline as text and the target keywords in one cell."""
    fields = [*_IDEA.values(), "outline", "target_keywords"]
    return [*_IDEA, "Outline", "Target keywords"], map(_idea_row, in_turn(ideas, fields))


def _rounded(value: Cell) -> Cell:
    return round(value, 3) if isinstance(value, float) else value


def _keyword_cell(row: dict[str, Any], name: str) -> Cell:
    value = row[name]
    if name == "cpc":
        return None if value is None else float(value)
    if name == "intent":
        return ", ".join(row["intents"]) or value
    if name == "cluster":
        return Keyword.status_of(value)
    if name == "intent_inferred":
        return "yes" if value else ""
    return " ".join(value) if name == "serp_urls" else value


def _idea_row(row: dict[str, Any]) -> list[Cell]:
    cells = [row[name] for name in _IDEA.values()]
    return [*cells, outline_text(row["outline"]), ", ".join(row["target_keywords"])]
