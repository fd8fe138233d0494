"""What an AI function is: one class in one file, blind to threads, retries, money and tenants.

The engine calls `prepare` for each item's ids, `build_prompt` with what that gave, sends the
prompt, hands the answer to `parse_response` and what that gave to `save_output`, which runs
inside the transaction that also charges for it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal, TypedDict

from pydantic import BaseModel

from igny8_core.ai.phases import Phase
from igny8_core.core.errors import InvalidPayload
from igny8_core.core.models import Account, Site
from igny8_core.core.tenancy import SiteModel

Created = dict[str, list[int]]
#: What a provider's model makes of a text, each of a model's rows as long as the others.
Row = Sequence[float]


class Other(TypedDict):
    """What an object would compete with."""

    type: str
    id: int
    name: str


class Overlapping(TypedDict):
    """An object that is not new to its site: what to do about it, and because of what."""

    id: int
    verdict: str
    other: Other
    score: float
    words: list[str]


class BaseAIFunction(ABC):
    """An AI function; its file in `ai/functions/` bears the name that `get_name()` returns."""

    #: The prompt it takes; "" means the function's own name.
    prompt_type: ClassVar[str] = ""
    #: Used where neither the task nor the account brings a prompt of its own.
    default_prompt: ClassVar[str] = ""
    #: Placeholders beside those in `default_prompt` that a custom prompt may use.
    placeholders: ClassVar[tuple[str, ...]] = ()
    modality: ClassVar[Literal["text", "image"]] = "text"
    #: Credits per item; where `grouped`, per `credits_per` ids.
    credits: ClassVar[int] = 1
    credits_per: ClassVar[int] = 1
    #: The shape of a JSON answer, where it has one: sent along where `json_schema` is set.
    answer_schema: ClassVar[type[BaseModel] | None] = None
    #: The list in a JSON answer whose objects stand each for itself; `parse_response` gives a list
    #: then. Of a cut answer the complete ones are kept, and only the rest is asked for.
    elements: ClassVar[str] = ""
    #: The model whose rows its ids name; None: whatever `prepare` finds for them.
    target: ClassVar[type[SiteModel] | None] = None
    #: The columns that `done_already` and `impossible` look at, where ids may be many: they are
    #: given rows of these and `pk` then; (): the objects.
    reads: ClassVar[tuple[str, ...]] = ()
    #: False: every id is an item of its own. True: `split` makes the items out of all ids, and
    #: only one run of the function at a time works on a site.
    grouped: ClassVar[bool] = False
    #: Set before anything is prepared: whose run it is, and for which site.
    account: Account
    site: Site | None = None
    #: Rows for texts, for `split` where `grouped`; raises AIError. None: the account has chosen no
    #: model for it.
    embed: Callable[[Sequence[str]], list[Row]] | None = None
    #: To be called now and then by a `split` that takes long; raises where the run is over.
    pulse: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self) -> None:
        #: Texts already looked up, by prompt type: one instance serves one run.
        self.templates: dict[str, tuple[str, str]] = {}

    @abstractmethod
    def get_name(self) -> str:
        """The function's name, which is also that of its file."""

    def get_metadata(self) -> dict[str, Any]:
        """`display_name`, `description`, and `phases`: the message of each phase."""
        name = self.get_name().replace("_", " ")
        return {
            "display_name": name.capitalize(),
            "description": (type(self).__doc__ or name).strip().splitlines()[0],
            "phases": {
                Phase.INIT: f"Validating for {name}",
                Phase.PREP: f"Preparing {name}",
                Phase.AI_CALL: "Waiting for the AI",
                Phase.PARSE: "Processing the answer",
                Phase.SAVE: "Saving",
                Phase.DONE: "{count} item(s) done",
            },
        }

    def get_max_items(self) -> int | None:
        """How many ids one request may name; None: any number."""
        return 50

    def get_model(self) -> str | None:
        """The model this function wants where the account names none for it."""
        return None

    def complete(self, payload: dict[str, Any], account: Account) -> dict[str, Any]:
        """Fill in what a request may leave to us, such as the ids behind `{"all": true}`."""
        return payload

    def validate(self, payload: dict[str, Any], account: Account) -> None:
        """Raise InvalidPayload where the payload cannot be run; by default `ids` must be there."""
        if not payload.get("ids"):
            raise InvalidPayload("Name at least one id.", attr="ids", code="required")

    def done_already(self, objects: Sequence[Any], account: Account) -> dict[int, str]:
        """Ids that need nothing done, each with the reason; `again` overrides it."""
        return {}

    def impossible(self, objects: Sequence[Any], account: Account) -> dict[int, str]:
        """Ids that cannot be worked on, each with the reason; `again` does not override it."""
        return {}

    def overlaps(self, ids: Sequence[int], account: Account) -> list[Overlapping]:
        """Those of the ids whose outcome would compete with what the site has; a dry run tells."""
        return []

    @abstractmethod
    def prepare(self, payload: dict[str, Any], account: Account) -> Any:
        """Load what `payload["ids"]` names; what it returns is passed on as `data`."""

    def split(self, data: Any) -> list[Any]:
        """Cut the data into pieces of the same type, one provider call each."""
        return [data]

    def payload_of(self, piece: Any) -> dict[str, Any]:
        """What `prepare` needs to load one piece of a grouped function again."""
        return {"ids": [one.pk for one in piece]}

    def shorten(self, data: Any) -> list[Any] | None:
        """What to ask where a piece is too long for the model; None: it cannot be less.

        One leaner piece, for the prompt alone; or, where `grouped`, several that share its ids.
        """
        return None

    def is_free(self, payload: dict[str, Any]) -> bool:
        """Whether a run with this payload asks no provider and costs no credits."""
        return False

    def answer_without_call(self, data: Any) -> Any:
        """The answer for a piece that needs no provider; None: ask one."""
        return None

    def sketch(self, data: Any) -> list[Any]:
        """The pieces that a quote is made by: those of `split`, or as many, where it takes long."""
        return self.split(data)

    @abstractmethod
    def build_prompt(self, data: Any, account: Account) -> Any:
        """The prompt (text), or the picture to ask for, for one piece of data."""

    @abstractmethod
    def parse_response(self, response: Any, step_tracker: Any = None) -> Any:
        """Read the answer (text, or the stored picture); raises BadResponse where it is unfit."""

    def settle(self, parsed: Any, data: Any, *, is_last: bool) -> Any:
        """What `save_output` is given: worked out of what was parsed before the transaction.

        Raises BadResponse where it is unfit; with `output_truncated` the rest is asked for, once:
        is_last says that it has been.
        """
        return parsed

    def missing(self, data: Any, parsed: Any) -> str:
        """What is left to ask for beside the kept elements, in words for the model; "": nothing."""
        return "Answer with the rest of the list alone, in the same shape."

    @abstractmethod
    def save_output(
        self,
        parsed: Any,
        original_data: Any,
        account: Account,
        progress_tracker: Any = None,
        step_tracker: Any = None,
    ) -> Created | None:
        """Store what was parsed, inside the engine's transaction; what was created, by kind."""

    def reflect(  # noqa: B027 - most functions have nothing to show
        self, target_ids: Sequence[int], state: str, account: Account, error: str = ""
    ) -> None:
        """Show on the objects that their item began, failed or was cancelled (an ItemState)."""

    @property
    def prompt_name(self) -> str:
        """The prompt type in force."""
        return self.prompt_type or self.get_name()
