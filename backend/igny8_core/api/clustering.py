"""How a caller wants keywords to be grouped."""

from typing import Any

from rest_framework import serializers

from igny8_core.planner.clustering import RESOLUTION, SerpRule


class ClustererSerializer(serializers.Serializer[Any]):
    """The query of `auto_cluster` that its clusterer goes by."""

    resolution = serializers.FloatField(
        required=False,
        min_value=0.005,
        max_value=1,
        help_text=f"The dial from broad (.02) to fine (.3); {RESOLUTION} where nothing is said.",
    )
    serp = serializers.ChoiceField(
        ["soft", "hard", "off"],
        required=False,
        help_text=(
            "Keywords with `serp_urls` go together by the addresses that they share: in a chain "
            "(soft, the default), each with each (hard), or not (off)."
        ),
    )
    overlap = serializers.FloatField(
        required=False,
        min_value=0.1,
        max_value=1,
        help_text=f"The share of the first ten that is enough; {SerpRule().overlap} by default.",
    )
