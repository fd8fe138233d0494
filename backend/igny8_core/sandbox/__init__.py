"""A stand-in provider: OpenAI's and Runware's wire formats, offline, with faults on request.

It does the whole job without a model (keywords grouped by the offline clusterer, ideas and
articles composed, pictures drawn), says so in what it writes, and keeps a log of what it billed.
"""

from igny8_core.sandbox.server import Sandbox, serve

__all__ = ["Sandbox", "serve"]
