"""What a provider's list of models tells the catalogue: shutdown dates, kept beside our files."""

import datetime
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from igny8_core.ai import catalogue
from igny8_core.ai.catalogue import Model
from igny8_core.ai.catalogue.reading import dated_in, read, rows_of


@dataclass(frozen=True, slots=True)
class Lesson:
    """A date that is new to the catalogue: the row that says so, and a line for people.

    Without a row it is not taken over: what is known holds, and the line says why.
    """

    said: str
    row: dict[str, Any] | None = None


def lessons_in(
    provider: str, dates: Mapping[str, datetime.date | None], *, source: str
) -> Iterator[Lesson]:
    """What is new in a provider's shutdown dates of models that the catalogue knows."""
    own, learnt = dated_in(settings.IGNY8_CATALOGUE), dated_in(catalogue.learnt_file())
    for model in catalogue.all_models():
        if model.provider != provider:
            continue
        for name in model.aliases:
            if dates.get(name) not in {None, model.shutdown}:
                yield _of_another_name(name, model, dates[name])
        told = dates.get(model.id)
        if model.id not in dates or told == model.shutdown:
            continue
        said = _told(model.id, told, model)
        if model.id in own:
            yield Lesson(f"{said}; your own file says otherwise, and holds")
        elif told is None and model.id not in learnt:
            # The list may leave out what a page of the provider's tells.
            yield Lesson(f"{said}; that date holds: {model.shutdown_source}")
        else:
            date = told.isoformat() if told else None
            row = {"id": model.id, "shutdown": date, "shutdown_source": source}
            yield Lesson(said + _unfollowed(model, told), row)


def learn(rows: list[dict[str, Any]]) -> Path:
    """Keep the rows with those learnt before; raises WrongCatalogue, and keeps none, if unfit."""
    path = catalogue.learnt_file()
    known = {row["id"]: row for row in (rows_of(path) if path.exists() else [])}
    known |= {row["id"]: row for row in rows}
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps({"models": list(known.values())}, indent=2), encoding="utf-8")
    try:
        read(catalogue.sources(learnt=draft))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    catalogue.forget()
    return path


def _of_another_name(name: str, model: Model, told: datetime.date | None) -> Lesson:
    """A snapshot that ends on a day of its own: one row cannot say both."""
    return Lesson(
        f"{_told(name, told, model)} as {model.id}, whose other name it is here; give it a row of "
        f"its own in IGNY8_CATALOGUE, and {model.id} its aliases without it"
    )


def _told(name: str, told: datetime.date | None, model: Model) -> str:
    return f"{name}: ends on {told or 'no known day'}, not {model.shutdown or 'open-ended'}"


def _unfollowed(model: Model, told: datetime.date | None) -> str:
    if model.successor or told is None:
        return ""
    return "; nothing follows it: name a successor in IGNY8_CATALOGUE"
