"""Whether something new would compete with what a site has, and with what of it.

Pure: texts in, a verdict with its reasons out; who fetches the texts is no business of this room.
"""

from igny8_core.planner.overlap.ground import Ground
from igny8_core.planner.overlap.topics import Overlap, Topic, Verdict
from igny8_core.planner.overlap.words import words_of, words_of_address

__all__ = ["Ground", "Overlap", "Topic", "Verdict", "words_of", "words_of_address"]
