"""What the words of a folded text are, and which of them say what it is about.

Pure: texts in, words out.
"""

from igny8_core.planner.wording.content import content_words, core_words, may_be_year
from igny8_core.planner.wording.spelling import cut, root
from igny8_core.planner.wording.ways import is_way, way_back

__all__ = ["content_words", "core_words", "cut", "is_way", "may_be_year", "root", "way_back"]
