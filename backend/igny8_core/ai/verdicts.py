"""What ends an item or a run where no provider's error does: what a person reads of it."""

from typing import Final

from igny8_core.core.errors import AIError

CANCELLED: Final = AIError("Cancelled before it began.", code="cancelled")
REFUSED: Final = AIError(
    "The provider refused this item (content policy). Change its text, then retry.",
    code="refused",
)
CUT_AT_THE_LIMIT: Final = AIError(
    "The answer was cut off at the most that the model can write. Ask for fewer words, or choose a "
    "model that writes longer answers in Settings > Integrations, then retry.",
    code="output_truncated",
)
CUT_TWICE: Final = AIError(
    "The answer was cut off twice. Ask for fewer words, or raise max_tokens in "
    "Settings > Integrations, then retry.",
    code="output_truncated",
)
HELD_TOO_LONG: Final = AIError(
    "The provider let no call through for half an hour. Press Retry later.", code="held_back"
)
PAID_ENOUGH: Final = AIError(
    "Five calls for this item brought no usable answer. Change its text or the model, then retry.",
    code="bad_output",
)
WORKER_CRASHED: Final = AIError(
    "The worker died several times in a row while this ran. Press Retry to go on with what is "
    "left.",
    code="worker_crashed",
)
ITEM_CRASHED: Final = AIError(
    "The worker died three times while it saved this item. Press Retry to try once more.",
    code="worker_crashed",
)
