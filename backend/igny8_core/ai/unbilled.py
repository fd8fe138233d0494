"""Calls that went out and whose bill never came: of unknown cost once their item ends, never 0."""

from dataclasses import dataclass, field
from uuid import UUID

from igny8_core.ai import journal
from igny8_core.ai.models import CallState, ProviderCall
from igny8_core.ai.providers import get_provider
from igny8_core.core.errors import NotConfigured

_MAY_BE_BILLED = {CallState.INTENT, CallState.UNKNOWN}


@dataclass(slots=True)
class Unbilled:
    """Those of one item; while it is open, a bill may still come."""

    calls: list[ProviderCall] = field(default_factory=list)
    #: Written off: in the books from the item's end on.
    written_off: list[ProviderCall] = field(default_factory=list)
    _told: set[UUID] = field(default_factory=set)

    def note(self, call: ProviderCall) -> None:
        """Take in a call that has come back, or that a dead worker had sent."""
        if journal.is_booked(call):
            self._told.add(call.question_id)
        elif call.state in _MAY_BE_BILLED:
            self.calls.append(call)

    def write_off(self) -> int:
        """How many there are for which no bill will come any more."""
        lost = [call for call in self.calls if self._is_lost(call)]
        self.calls = []
        self.written_off += lost
        return len(lost)

    def _is_lost(self, call: ProviderCall) -> bool:
        """Where a question is paid once, the bill of one call is that of all."""
        if not _pays_once(call):
            return True
        is_told = call.question_id in self._told
        self._told.add(call.question_id)
        return not is_told


def _pays_once(call: ProviderCall) -> bool:
    try:
        return get_provider(call.provider).pays_once
    except NotConfigured:
        # The operator has taken it out since.
        return False
