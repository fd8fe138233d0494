"""What the words of a folded text are, and which of them say what it is about.

Pure: texts in, words out.
"""

from igny8_core.planner.wording.content import YEARS, content_words, core_words
from igny8_core.planner.wording.spelling import cut, root
from igny8_core.planner.wording.ways import is_way, way_back

__all__ = ["YEARS", "content_words", "core_words", "cut", "is_way", "root", "way_back"]
