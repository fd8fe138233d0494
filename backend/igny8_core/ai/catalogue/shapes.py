"""The shape of the catalogue's rows: what is known of a model, and what it costs since when.

USD per million tokens unless said otherwise. What nobody has told is None, and stays unknown.
"""

import datetime
from collections import Counter
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from igny8_core.system.providers import provider_names

Usd = Annotated[Decimal, Field(ge=0, le=1_000_000)]
Times = Annotated[Decimal, Field(gt=0, le=1000)]
Count = Annotated[int, Field(ge=1)]


def _known(provider: str) -> str:
    if provider not in provider_names():
        raise ValueError(f"one of {', '.join(provider_names())}")
    return provider


class Row(BaseModel):
    """Strict: a field that nobody reads is a slip of the pen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class LongContext(Row):
    """Above so many input tokens the whole request costs more; by how much, may be unknown."""

    above: Count
    input_times: Times | None = None
    output_times: Times | None = None


class Price(Row):
    """What calls cost from a date on: by tokens, or by pictures of a quality and size.

    A rate that is None is unknown: a call that needs it has no known cost.
    """

    since: datetime.date = Field(alias="from")
    input: Usd | None = None
    cached: Usd | None = None
    cache_write: Usd | None = None
    output: Usd | None = None
    #: What a batch pays of each rate.
    batch_times: Times | None = None
    long_context: LongContext | None = None
    #: USD per picture: `{"standard": {"1024x1024": "0.04"}}`.
    pictures: dict[str, dict[str, Usd]] = Field(default_factory=dict)
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _prices_something(self) -> "Price":
        if not self.pictures and (self.input is None or self.output is None):
            raise ValueError("a price names input and output, or pictures")
        return self


class Pictures(Row):
    """How many output tokens a picture takes: by a table, or by its sides and the axes."""

    #: The quality that is taken for a rule where none is named, and the dearest one then.
    usual: str = Field(min_length=1)
    most: str = Field(min_length=1)
    #: Tokens by quality and size.
    tokens: dict[str, dict[str, Count]] = Field(default_factory=dict)
    #: Patches along the longer side by quality, for models that count by sides.
    axes: dict[str, Count] = Field(default_factory=dict)
    source: str = ""

    @model_validator(mode="after")
    def _qualities_are_known(self) -> "Pictures":
        known = {*self.tokens, *self.axes}
        if known and not {self.usual, self.most} <= known:
            raise ValueError(f"usual and most are each one of {', '.join(sorted(known))}")
        return self


class Rules(Row):
    """How a model wants to be asked; as most models do, where nothing else is known."""

    output_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    #: Whether temperature is taken, at the effort that we send.
    sampling: bool = True
    #: The least effort it knows; "" where none is sent.
    reasoning_effort: str = ""
    #: Whether it knows a strict schema, and any JSON object; None: to be tried.
    json_schema: bool | None = None
    json_object: bool | None = None


class Model(Row):
    """One model of one provider."""

    id: str = Field(min_length=1, max_length=200)
    provider: Annotated[str, AfterValidator(_known)]
    modality: Literal["text", "image", "embedding"]
    #: Other names of the same model, as of its snapshots.
    aliases: tuple[str, ...] = ()
    shutdown: datetime.date | None = None
    successor: str = ""
    shutdown_source: str = ""
    #: Whether it thinks first: its thoughts are billed as output.
    reasoning: bool = False
    #: Tokens: input and output together, and each alone.
    context: Count | None = None
    max_input: Count | None = None
    max_output: Count | None = None
    #: Characters of a picture's prompt.
    max_prompt: Count | None = None
    #: Numbers in a row that an embedding model is asked for; None: as many as it gives.
    dimensions: Count | None = None
    rules: Rules = Rules()
    pictures: Pictures | None = None
    prices: tuple[Price, ...] = ()
    source: str = Field(min_length=1)

    @field_validator("prices")
    @classmethod
    def _one_price_a_day(cls, prices: tuple[Price, ...]) -> tuple[Price, ...]:
        twice = [day for day, times in Counter(one.since for one in prices).items() if times > 1]
        if twice:
            raise ValueError(f"two prices hold from {twice[0]} on, where one can")
        return prices

    def status_on(self, day: datetime.date) -> str:
        """`active`, `deprecated` (a shutdown date is known) or `retired`."""
        if self.shutdown is None:
            return "active"
        return "retired" if self.shutdown <= day else "deprecated"

    def days_left(self, day: datetime.date) -> int | None:
        """Days until it is shut down, 0 once it is; None where no date is known."""
        return None if self.shutdown is None else max(0, (self.shutdown - day).days)

    def price_on(self, day: datetime.date) -> Price | None:
        """The price in force on a day, None where none is known."""
        known = [price for price in self.prices if price.since <= day]
        return max(known, key=lambda price: price.since, default=None)
