"""A case for every route and method; a route without one fails `test_walk`.

Each module of this package has a `CASES`: `{("GET", "sites/{pk}/"): Case(...)}`.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field

from igny8_core.core.models import Role
from tests.world import World


def no_ids(world: World) -> dict[str, object]:
    return {}


def no_body(world: World) -> dict[str, object]:
    return {}


@dataclass(frozen=True)
class Case:
    """How one operation is called rightly, by whom, and what would be another account's in it."""

    #: The least role that may; None: everybody, without a token.
    role: Role | None = Role.VIEWER
    #: What such a caller gets.
    status: int = 200
    #: Alice's ids in the path.
    ids: Callable[[World], dict[str, object]] = no_ids
    body: Callable[[World], object] = no_body
    #: For each field that names an object: one of charlie's.
    foreign: dict[str, Callable[[World], object]] = field(default_factory=dict)
    #: False where the path names no object of an account.
    owned: bool = True


def all_cases() -> dict[tuple[str, str], Case]:
    modules = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    return {key: case for module in modules for key, case in module.CASES.items()}
