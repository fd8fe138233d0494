"""What an AI function in a file of its own may do with articles."""

from igny8_core.writer.articles import set_meta
from igny8_core.writer.content import contents_for

__all__ = ["contents_for", "set_meta"]
