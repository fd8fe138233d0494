"""Group keywords by what a searcher wants: pure functions over texts, no models, no Django."""

from igny8_core.planner.clustering.clusterer import RESOLUTION, cluster_keywords, nearest_group
from igny8_core.planner.clustering.groups import Clustering, Group, Nearest

__all__ = ["RESOLUTION", "Clustering", "Group", "Nearest", "cluster_keywords", "nearest_group"]
