"""What an answer is written in: JSON, whatever the Accept header wishes for.

CSV files and pictures pass through the same views; asking for one by `Accept: image/*` is right
and must not be refused because errors would be JSON.
"""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class FirstRenderer(DefaultContentNegotiation):
    """Parsers by content type, as ever; of the renderers the first."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, Any]:
        """The view's first renderer."""
        first = next(iter(renderers))
        return first, first.media_type
