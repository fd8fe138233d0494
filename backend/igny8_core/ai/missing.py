"""What stands in for a function that a run was begun with and that is no longer installed."""

from typing import Any, NoReturn

from igny8_core.ai.base import BaseAIFunction
from igny8_core.core.errors import AIError
from igny8_core.core.models import Account


class MissingFunction(BaseAIFunction):
    """Refuses to begin, so that the run ends and its credits go back."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def get_name(self) -> str:
        """The name of what is missing."""
        return self._name

    def validate(self, payload: dict[str, Any], account: Account) -> None:
        """Raise AIError: nothing can be done with it."""
        self._refuse()

    def prepare(self, payload: dict[str, Any], account: Account) -> NoReturn:
        """Raise AIError."""
        self._refuse()

    def build_prompt(self, data: Any, account: Account) -> NoReturn:
        """Raise AIError."""
        self._refuse()

    def parse_response(self, response: Any, step_tracker: Any = None) -> NoReturn:
        """Raise AIError."""
        self._refuse()

    def save_output(self, *given: Any, **named: Any) -> NoReturn:
        """Raise AIError."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise AIError(
            f"The AI function {self._name!r} is not installed here any more. Install it, then "
            "press Retry.",
            code="unknown_function",
        )
