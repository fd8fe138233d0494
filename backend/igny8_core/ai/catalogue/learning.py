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
from igny8_core.ai.catalogue.reading import read, rows_of


@dataclass(frozen=True, slots=True)
class Lesson:
    """A date that is new to the catalogue: the row that says so, and a line for people.

    Without a row it is not taken over: the operator's own file says otherwise, and holds.
    """

    said: str
    row: dict[str, Any] | None = None


def lessons_in(
    provider: str, dates: Mapping[str, datetime.date | None], *, source: str
) -> Iterator[Lesson]:
    """What is new in a provider's shutdown dates of models that the catalogue knows."""
    own = _dated_by_the_operator()
    for model in catalogue.all_models():
        if model.provider != provider or model.id not in dates:
            continue
        told = dates[model.id]
        if told == model.shutdown:
            continue
        said = f"{model.id}: ends on {told or 'no known day'}, not {model.shutdown or 'open-ended'}"
        if model.id in own:
            yield Lesson(f"{said}; your own file says otherwise, and holds")
            continue
        if told and not model.successor:
            said += "; nothing follows it: name a successor in IGNY8_CATALOGUE"
        date = told.isoformat() if told else None
        yield Lesson(said, {"id": model.id, "shutdown": date, "shutdown_source": source})


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


def _dated_by_the_operator() -> set[str]:
    file = settings.IGNY8_CATALOGUE
    return {str(row["id"]) for row in rows_of(file) if "shutdown" in row} if file else set()
