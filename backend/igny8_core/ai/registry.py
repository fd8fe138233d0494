"""Every AI function by its name, found by file name and imported on first use."""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

from igny8_core.ai.base import BaseAIFunction
from igny8_core.core.errors import NotInAccount

_PACKAGE = "igny8_core.ai.functions"

_classes: dict[str, type[BaseAIFunction]] = {}
_lazy: dict[str, Callable[[], type[BaseAIFunction]]] = {}
_aliases: dict[str, str] = {"extract_image_prompts": "generate_image_prompts"}


def register_function(name: str, function: type[BaseAIFunction]) -> None:
    """Make a class known under a name."""
    _classes[name] = function


def register_lazy_function(name: str, load: Callable[[], type[BaseAIFunction]]) -> None:
    """Make a function known whose class is loaded on first use."""
    _lazy[name] = load


def get_function(name: str) -> type[BaseAIFunction]:
    """The class of a function; raises NotInAccount for a name nobody registered."""
    name = _aliases.get(name, name)
    if name not in _classes:
        load = _lazy.get(name) or _files().get(name)
        if load is None:
            raise NotInAccount(f"There is no AI function {name[:64]!r}.", code="unknown_function")
        _classes[name] = load()
    return _classes[name]


def get_function_instance(name: str) -> BaseAIFunction:
    """A fresh instance of a function."""
    return get_function(name)()


def list_functions() -> list[str]:
    """The names of all functions, without aliases."""
    return sorted({*_classes, *_lazy, *_files()})


def list_picture_functions() -> list[str]:
    """The names of those that make pictures."""
    return [name for name in list_functions() if get_function(name).modality == "image"]


@cache
def _files() -> dict[str, Callable[[], type[BaseAIFunction]]]:
    """One loader per module in `functions/`; listing the folder imports none of them."""
    folders = importlib.import_module(_PACKAGE).__path__
    names = [module.name for module in pkgutil.iter_modules(folders)]
    return {name: _loader(name) for name in names if not name.startswith("_")}


def look_again() -> None:
    """Find files that were added to `functions/` since the folder was first read."""
    _files.cache_clear()
    importlib.invalidate_caches()


def _loader(name: str) -> Callable[[], type[BaseAIFunction]]:
    def load() -> type[BaseAIFunction]:
        module = importlib.import_module(f"{_PACKAGE}.{name}")
        for found in vars(module).values():
            if (
                isinstance(found, type)
                and issubclass(found, BaseAIFunction)
                and found.__module__ == module.__name__
            ):
                return found
        raise TypeError(f"{module.__name__} holds no subclass of BaseAIFunction")

    return load
