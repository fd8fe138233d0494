"""The variables an operator sets, read so that a wrong one is named together with its cure.

Imported by the settings, so nothing here may touch them. An empty variable is as good as none.
"""

import base64
import os
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

T = TypeVar("T")

_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}
_BROKERS = {"redis", "rediss", "amqp", "amqps", "pyamqp"}
_CACHES = {"redis", "rediss", "locmemcache"}
_LOCAL = {"sqlite", "locmemcache"}
_DATABASES = {"sqlite", "postgres", "postgresql", "psql", "pgsql"}
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")


class WrongVariable(ImproperlyConfigured):
    """A variable that cannot be used; its value is not shown, for it may be a secret."""

    def __init__(self, name: str, looks_like: str) -> None:
        super().__init__(f"{name} cannot be read: write {looks_like}, or leave it out.")


class MissingPackages(ImproperlyConfigured):
    """A variable asks for what is only installed where it is wanted."""

    def __init__(self, name: str, requirements: str) -> None:
        super().__init__(
            f"{name} needs packages that are not installed here: run "
            f"`sh requirements/install.sh {requirements}`, or leave it out."
        )


def text(name: str, default: str = "") -> str:
    """As it stands."""
    return os.environ.get(name) or default


def texts(name: str, default: list[str]) -> list[str]:
    """Several, between commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()] or default


def names(name: str) -> list[str]:
    """Names as Python modules have them, between commas."""
    return _read(name, [], _names, "names in small letters, such as acme,other_one")


def access_to(providers: list[str]) -> dict[str, str]:
    """Each provider's key and address, under the names of their variables."""
    prefixes = [name.upper() for name in providers]
    keys = {f"{prefix}_API_KEY": text(f"{prefix}_API_KEY") for prefix in prefixes}
    return keys | {f"{prefix}_BASE_URL": web_address(f"{prefix}_BASE_URL") for prefix in prefixes}


def folder(name: str, default: str) -> Path:
    """A folder of ours, made where there is none."""
    path = Path(text(name, default)).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        raise WrongVariable(name, "a folder that this user may make and write to") from None
    return path


def file(name: str) -> Path | None:
    """A file that is there, None where none is named."""
    value = text(name).strip()
    if value and not Path(value).is_file():
        raise WrongVariable(name, "the path of a file that this user may read")
    return Path(value).resolve() if value else None


def folder_or(name: str, word: str) -> str:
    """A folder that is there, or the word; "" where neither is named."""
    value = text(name).strip()
    if value and value != word and not Path(value).is_dir():
        raise WrongVariable(name, f"the path of a folder that this user may read, or {word}")
    return str(Path(value).resolve()) if value and value != word else value


def whole(name: str, default: int, *, least: int = 0, most: int = 2**63 - 1) -> int:
    """A whole number."""
    up_to = "on" if most == 2**63 - 1 else f"to {most}"
    looks_like = f"a whole number from {least} {up_to}"
    return _read(name, default, lambda value: _within(int(value), least, most), looks_like)


def seconds(name: str, default: float) -> float:
    """A time, above 0 and not without end."""
    return _read(
        name,
        default,
        lambda value: _within(float(value), 0.001, 10**9),
        f"a number of seconds above 0, such as {default:g}",
    )


def yes_or_no(name: str, default: bool) -> bool:
    """True or false, said in one of the usual ways."""
    return _read(name, default, _flag, "true or false")


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of these words, in whatever case."""
    looks_like = f"one of {', '.join(choices)}"
    known = [choice.lower() for choice in choices]
    return _read(name, default, lambda value: choices[known.index(value.lower())], looks_like)


def counts(name: str) -> dict[str, int]:
    """Whole numbers by name: `generate_content=10,generate_images=5`."""
    return _read(name, {}, _counts, "names with whole numbers, such as generate_content=10")


def database(name: str, default: str) -> dict[str, Any]:
    """Django's settings for a database address."""
    return _read(
        name,
        Env.db_url_config(default),
        lambda value: Env.db_url_config(_address(value, _DATABASES)),
        "an address such as postgresql://user:password@host:5432/name",
    )


def cache(name: str, default: str) -> dict[str, Any]:
    """Django's settings for a cache's address."""
    return _read(
        name,
        Env.cache_url_config(default),
        lambda value: Env.cache_url_config(_address(value, _CACHES)),
        "an address such as redis://host:6379/1",
    )


def broker(name: str) -> str:
    """A broker's address, "" for none."""
    return _read(
        name,
        "",
        lambda value: _address(value, _BROKERS),
        "an address such as redis://host:6379/0 or amqp://user:password@host:5672//",
    )


def web_address(name: str) -> str:
    """An http(s) address, "" for none."""
    looks_like = "an address such as https://host/v1"
    return _read(name, "", lambda value: _address(value, {"http", "https"}), looks_like)


def bucket(name: str) -> str:
    """The name of an S3 bucket, "" for none."""
    found = _read(name, "", _bucket, "a bucket's name, such as igny8-pictures")
    if found and find_spec("botocore") is None:
        raise MissingPackages(name, "s3")
    return found


def encryption_keys(name: str, made: str) -> list[str]:
    """Keys of AES-256, newest first; those `made` for this installation where none is named."""
    looks_like = (
        "keys of 32 bytes in base64, newest first, between commas; `igny8 keys new` makes one"
    )
    return _read(name, None, _keys, looks_like) or _keys(made)


def _read(name: str, default: T, parse: Callable[[str], T], looks_like: str) -> T:
    value = text(name).strip()
    if not value:
        return default
    try:
        return parse(value)
    except (ValueError, ImproperlyConfigured):
        raise WrongVariable(name, looks_like) from None


def _within(number: Any, least: float, most: float) -> Any:
    if not least <= number <= most:
        raise ValueError(number)
    return number


def _flag(value: str) -> bool:
    if value.lower() not in _TRUE | _FALSE:
        raise ValueError(value)
    return value.lower() in _TRUE


def _keys(value: str) -> list[str]:
    keys = [key.strip() for key in value.split(",") if key.strip()]
    if not keys or any(len(base64.urlsafe_b64decode(key)) != 32 for key in keys):
        raise ValueError
    return keys


def _bucket(value: str) -> str:
    if _BUCKET.fullmatch(value) is None:
        raise ValueError(value)
    return value


def _names(value: str) -> list[str]:
    found = [part.strip() for part in value.split(",") if part.strip()]
    if not all(re.fullmatch(r"[a-z][a-z0-9_]{0,19}", part) for part in found):
        raise ValueError(value)
    return found


def _counts(value: str) -> dict[str, int]:
    pairs = (pair.split("=") for pair in value.split(",") if pair.strip())
    return {name.strip(): _within(int(number), 0, 10**12) for name, number in pairs}


def _address(value: str, schemes: set[str]) -> str:
    """The address, once its scheme is known here and its host and port are what they should be."""
    parts = urlsplit(value)
    # A database's name alone means a socket on this machine; reading a port finds it no number.
    place = parts.path.strip("/") if schemes is _DATABASES else parts.hostname
    if parts.scheme not in schemes or not (place or parts.scheme in _LOCAL) or parts.port == 0:
        raise ValueError(value)
    return value
