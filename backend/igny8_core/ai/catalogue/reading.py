"""From the catalogue's files to its models; a row that is wrong is named together with its cure.

Every file is `{"models": [row, ...]}`. A row of a later file whose id is known changes what it
names and leaves the rest: prices are told apart by their date, null resets. A row with a new id
adds a model and must be whole.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeAlias

from django.core.exceptions import ImproperlyConfigured
from pydantic import ValidationError

from igny8_core.ai.catalogue.shapes import Model

Rows: TypeAlias = list[dict[str, Any]]
_CURES = {"missing": "Add it", "extra_forbidden": "Take it out, or spell it as docs/models.md does"}


class WrongCatalogue(ImproperlyConfigured):
    """A file of the catalogue that cannot be used: which, where in it, and what to do."""


@dataclass(frozen=True)
class _Place:
    """Where a row stands."""

    file: str
    number: int
    id: str

    def wrong(self, what: str) -> WrongCatalogue:
        return WrongCatalogue(f"{self.file}, row {self.number} ({self.id}): {what}.")


def read(files: Iterable[Traversable]) -> dict[str, Model]:
    """The models by their ids, later files laid over earlier ones; raises WrongCatalogue."""
    data: dict[str, dict[str, Any]] = {}
    places: dict[str, _Place] = {}
    for file in files:
        for place, row in _placed(file):
            known = data.get(place.id)
            data[place.id] = row if known is None else laid_over(known, row)
            places[place.id] = place
    models = {name: _model(places[name], row) for name, row in data.items()}
    _check_names(models, places)
    _check_successions(models, places)
    return models


def rows_of(file: Traversable) -> Rows:
    """A file's rows as they are written; raises WrongCatalogue."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise WrongCatalogue(f"{file} is not JSON that can be read: {error}.") from None
    rows = content.get("models") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WrongCatalogue(f'{file}: write {{"models": [{{"id": ...}}, ...]}}.')
    return rows


def dated_in(file: Path | None) -> set[str]:
    """The models whose end a file tells, or that they have none."""
    if file is None or not file.exists():
        return set()
    return {str(row["id"]) for row in rows_of(file) if "shutdown" in row}


def laid_over(known: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """What is known of a model with what a later row says of it."""
    merged = {**known, **row}
    for name in ("rules", "prices"):
        if row.get(name) and known.get(name):
            merged[name] = _merged(name, known[name], row[name])
    return {name: value for name, value in merged.items() if value is not None}


def _merged(name: str, known: Any, later: Any) -> Any:
    """Rules one by one; prices by their date. What has another shape is left for the check."""
    if name == "rules" and isinstance(later, dict):
        return {**known, **later}
    if not isinstance(later, list) or not all(isinstance(one, dict) for one in later):
        return later
    dates = {price.get("from") for price in later}
    return [*(price for price in known if price.get("from") not in dates), *later]


def _placed(file: Traversable) -> Iterable[tuple[_Place, dict[str, Any]]]:
    seen: set[str] = set()
    for number, row in enumerate(rows_of(file), start=1):
        place = _Place(str(file), number, str(row.get("id") or "no id"))
        if not row.get("id"):
            raise place.wrong("id: a row names its model. Add it")
        if place.id in seen:
            raise place.wrong("stands in this file twice. Make one row of both")
        seen.add(place.id)
        yield place, row


def _model(place: _Place, row: dict[str, Any]) -> Model:
    try:
        return Model.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the row"
        cure = _CURES.get(first["type"], "Correct it")
        raise place.wrong(f"{field}: {first['msg']}. {cure}") from None


def _check_names(models: dict[str, Model], places: dict[str, _Place]) -> None:
    """No name means two models."""
    owners = {name: name for name in models}
    for name, model in models.items():
        for alias in model.aliases:
            if owners.setdefault(alias, name) != name:
                raise places[name].wrong(
                    f"aliases: {alias} is {owners[alias]} already. Take one of them out"
                )


def _check_successions(models: dict[str, Model], places: dict[str, _Place]) -> None:
    """Each successor is in the catalogue, of the same kind, and none is its own in the end."""
    for first, model in models.items():
        seen = [first]
        while model.successor:
            following = models.get(model.successor)
            if following is None:
                raise places[first].wrong(
                    f"successor: {model.successor} is not in the catalogue. Add its row"
                )
            if (following.provider, following.modality) != (model.provider, model.modality):
                raise places[first].wrong(
                    f"successor: {following.id} is another provider's, or makes something else. "
                    "Name one of the same kind"
                )
            if following.id in seen:
                raise places[first].wrong(
                    f"successor: it leads to {following.id} again. Let one of them have none"
                )
            seen.append(following.id)
            model = following
