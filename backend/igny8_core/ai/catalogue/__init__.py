"""Models as data: which are alive, what succeeds the dead, what they take and what they cost.

Our own files are read first, then what `igny8 models refresh` has learnt, then the operator's
file (IGNY8_CATALOGUE): docs/models.md. All are read once, when the process starts.
"""

import datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from django.conf import settings

from igny8_core.ai.catalogue import pictures
from igny8_core.ai.catalogue.reading import WrongCatalogue, dated_in, read
from igny8_core.ai.catalogue.shapes import Model, Price, Rules

__all__ = ["Model", "Price", "Rules", "WrongCatalogue"]

#: Days before a shutdown from which on people are told of it.
SOON = 90
_OURS = ("openai.json", "runware.json")


def all_models() -> list[Model]:
    """Every model of the catalogue, by its id."""
    return sorted(_by_id().values(), key=lambda model: model.id)


def find(name: str) -> Model | None:
    """A model by its id or another name of it; None where the catalogue does not know it.

    A name that is not known is used as it is, by the rules of most models, unpriced.
    """
    return _by_name().get(name)


def rules_of(name: str) -> Rules:
    """How a model wants to be asked; as most do where it is not known."""
    model = find(name)
    return model.rules if model else Rules()


def picture_tokens(name: str, size: str) -> tuple[int, int] | None:
    """Output tokens of a picture of this size, `1536x1024`: as a rule, and at most.

    Nobody names a quality to the model: the catalogue says which is taken for the usual one.
    None where the model is not paid by tokens, or its pictures' are not known.
    """
    model = find(name)
    if model is None or model.pictures is None:
        return None
    usual = pictures.tokens_of(model.pictures, model.pictures.usual, size)
    most = pictures.tokens_of(model.pictures, model.pictures.most, size)
    return None if usual is None or most is None else (usual, most)


def living(name: str, *, elsewhere: bool = False) -> tuple[str, str]:
    """The model that answers for this one today, and a sentence where it is gone.

    `elsewhere`: at an address that is not the provider's own. What is served there is not known
    to be the provider's model; only the operator's file says when that ends.
    """
    asked = find(name)
    if asked is None or not _is_gone(asked, elsewhere):
        return name, ""
    answering = _following(asked, elsewhere)
    gone = f"{name} was shut down on {asked.shutdown}"
    if answering is asked:
        return name, f"{gone} and nothing follows it: choose another."
    if _is_gone(answering, elsewhere):
        since = f"{answering.id}, which followed it, on {answering.shutdown}"
        return answering.id, f"{gone}, and so was {since}: choose another."
    return answering.id, f"{gone}; {answering.id} is asked instead."


def notice_of(name: str, *, elsewhere: bool = False) -> str:
    """What its users must know of a model: it is gone, or will be within 90 days; else ""."""
    model = find(name)
    if model is None or model.shutdown is None or not _holds(model, elsewhere):
        return ""
    if notice := living(name, elsewhere=elsewhere)[1]:
        return notice
    days = model.days_left(today())
    if days is None or days > SOON:
        return ""
    then = f"{model.successor} is asked then" if model.successor else "nothing follows it"
    return f"{name} will be shut down on {model.shutdown}, {_in_days(days)}; {then}."


def shown(model: Model) -> dict[str, Any]:
    """What the API shows of a model."""
    day = today()
    price = model.price_on(day)
    return {
        "id": model.id,
        "provider": model.provider,
        "modality": model.modality,
        "status": model.status_on(day),
        "shutdown_date": model.shutdown,
        "days_left": model.days_left(day),
        "successor": model.successor or None,
        "notice": notice_of(model.id) or None,
        "context": model.context,
        "max_output": model.max_output,
        "reasoning": model.reasoning,
        "rules": model.rules.model_dump(),
        "price": price.model_dump(mode="json") if price else None,
        "source": model.source,
    }


def today() -> datetime.date:
    """The day by which models live and prices hold."""
    return datetime.datetime.now(datetime.UTC).date()


def learnt_file() -> Path:
    """Where `igny8 models refresh` keeps what providers have told it."""
    return Path(settings.DATA_DIR) / "models.json"


def sources(*, learnt: Path | None = None) -> list[Traversable]:
    """The catalogue's files, each laid over those before it."""
    ours: list[Traversable] = [files(__package__).joinpath(name) for name in _OURS]
    learnt = learnt or learnt_file()
    return [*ours, *(path for path in (learnt, settings.IGNY8_CATALOGUE) if path and path.exists())]


def forget() -> None:
    """Have the files read anew."""
    _by_id.cache_clear()
    _by_name.cache_clear()
    _dated_by_the_operator.cache_clear()


def _following(model: Model, elsewhere: bool) -> Model:
    """The model itself while it lives, else the first living one after it, or the last of all."""
    while _is_gone(model, elsewhere) and model.successor:
        model = _by_id()[model.successor]
    return model


def _is_gone(model: Model, elsewhere: bool) -> bool:
    return model.status_on(today()) == "retired" and _holds(model, elsewhere)


def _holds(model: Model, elsewhere: bool) -> bool:
    """Whether what is known of a model's end holds there."""
    return not elsewhere or model.id in _dated_by_the_operator()


def _in_days(days: int) -> str:
    return "tomorrow" if days == 1 else f"in {days} days"


@cache
def _by_id() -> dict[str, Model]:
    return read(sources())


@cache
def _dated_by_the_operator() -> set[str]:
    return dated_in(settings.IGNY8_CATALOGUE)


@cache
def _by_name() -> dict[str, Model]:
    return {name: model for model in _by_id().values() for name in (model.id, *model.aliases)}
