"""Models as data: which are alive, what succeeds the dead, what they take and what they cost.

`models.json` is read once and validated; each row names where its figures come from.
"""

import datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Price(BaseModel):
    """USD per million tokens from a date on."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    since: datetime.date = Field(alias="from")
    input: Decimal
    cached: Decimal | None = None
    cache_write: Decimal | None = None
    output: Decimal


class PictureTokens(BaseModel):
    """Output tokens of one picture by its size, for each quality."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: dict[str, int]
    medium: dict[str, int]
    high: dict[str, int]
    source: str


class Model(BaseModel):
    """One model of one provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    provider: Literal["openai", "runware"]
    modality: Literal["text", "image"]
    shutdown: datetime.date | None = None
    successor: str = ""
    reasoning: bool = False
    context: int | None = None
    max_output: int | None = None
    prices: tuple[Price, ...] = ()
    source: str

    def status_on(self, day: datetime.date) -> str:
        """`active`, `deprecated` (a shutdown date is known) or `retired`."""
        if self.shutdown is None:
            return "active"
        return "retired" if self.shutdown <= day else "deprecated"

    def price_on(self, day: datetime.date) -> Price | None:
        """The price in force on a day, None where none is known."""
        known = [price for price in self.prices if price.since <= day]
        return max(known, key=lambda price: price.since, default=None)

    def as_dict(self) -> dict[str, Any]:
        """What the API shows of it."""
        day = today()
        return {
            "id": self.id,
            "provider": self.provider,
            "modality": self.modality,
            "status": self.status_on(day),
            "shutdown_date": self.shutdown,
            "successor": self.successor or None,
            "context": self.context,
            "max_output": self.max_output,
            "price": price.model_dump(mode="json") if (price := self.price_on(day)) else None,
            "source": self.source,
        }


def all_models() -> list[Model]:
    """Every model of the catalogue, by its id."""
    return sorted(_by_id().values(), key=lambda model: model.id)


def find(model_id: str) -> Model | None:
    """A model, None where the catalogue does not know it: such a name is used as it is."""
    return _by_id().get(model_id)


def picture_tokens(model_id: str, size: str) -> tuple[int, int] | None:
    """Output tokens of a picture of this size, `1536x1024`: as a rule, and at most.

    Nobody names a quality to the model: it commonly chooses the medium one, at most the high one.
    None where the model is not paid by tokens, or its picture's are not known.
    """
    model, known = find(model_id), _catalogue().picture_tokens
    if model is None or model.price_on(today()) is None or size not in known.high:
        return None
    return known.medium[size], known.high[size]


def living(model_id: str) -> tuple[str, str]:
    """The model that answers for this one today, and a sentence where it is another one."""
    name = model_id
    while (model := find(name)) and model.status_on(today()) == "retired" and model.successor:
        name = model.successor
    if name == model_id:
        return name, ""
    gone = find(model_id)
    day = gone.shutdown if gone else None
    return name, f"{model_id} was shut down on {day}; {name} is asked instead."


def today() -> datetime.date:
    """The day by which models live and prices hold."""
    return datetime.datetime.now(datetime.UTC).date()


@cache
def _by_id() -> dict[str, Model]:
    return {model.id: model for model in _catalogue().models}


@cache
def _catalogue() -> "_Catalogue":
    text = files(__package__).joinpath("models.json").read_text(encoding="utf-8")
    return _Catalogue.model_validate_json(text)


class _Catalogue(BaseModel):
    source: str
    picture_tokens: PictureTokens
    models: tuple[Model, ...]

    @model_validator(mode="after")
    def _successions_end(self) -> "_Catalogue":
        """Each successor is in the catalogue, and none is its own successor in the end."""
        following = {model.id: model.successor for model in self.models if model.successor}
        ids = {model.id for model in self.models}
        for first in following:
            name, seen = first, {first}
            while name := following.get(name, ""):
                if name in seen or name not in ids:
                    raise ValueError(f"{first} has no successor in the end, but {name} again")
                seen.add(name)
        return self
