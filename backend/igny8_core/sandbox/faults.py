"""Scripts: which requests get a fault, and what the fault is.

A rule is a flat set of names, as JSON (`{"status": 429, "first": 3, "retry_after": 2}`) or in the
compact form of `igny8 sandbox --fault "429 first=3 retry_after=2"`: words apart by spaces (quotes
as in a shell), each `name=value` or one of the bare words below.

Which requests (all that are named must hold; none: every request for work):
    kind=K         chat, responses, images, embeddings, runware, models, or picture (the fetch of
                   an address); by default the first five, and picture for a rule with picture=
    function=F     X-IGNY8-Function          task_id=T   X-IGNY8-Task-Id
    model=M        the model's name          key=K       the API key
    contains=TEXT  part of the prompt
and of those, counted from 1 in order of arrival:
    nth=N or N,M   these                     every=N     each N-th
    first=N        the first N               after=N     all but the first N
    probability=P  a share P, drawn by seed=S (default 0), the same at each run

What happens (several rules may act on one request; an earlier rule wins over a later one):
    429 or status=429   an error of that status with the provider's own body
    error=NAME, or NAME bare for a name in `errors.ERRORS`: insufficient_quota, server_error, ...
    code= type= param= message=   replace that part of the error
    retry_after=2       as it is; `date:2` makes it an HTTP date 2 s ahead
    retry_after_ms=  reset_requests=  reset_tokens=  should_retry=true|false    the other headers
    delay=2             seconds before anything else
    reset_before, reset_after     the connection is reset before or after billing
    hang, hang=before   no answer, after or before billing, until the client leaves
    drip, drip=0.5      one byte each 0.5 s
    cut, cut=0.5        that share of the body, with the Content-Length of all of it
    truncate, truncate=0.5        that share of the content, finish_reason length
    malformed=NAME      a slip in the content: see `damage.SLIPS`
    refusal, refusal="Sorry"      the model declines        content_filter    the provider does
    invented=N, missing=N, repeated=N    names of keywords in a clustering answer
    raw=html|empty|null|list|TEXT the body, with status= (default 200) and content_type=
    usage=missing|null|strings|negative|zero|huge
    content=TEXT        the model's answer, literally
    mixed, shuffled, nsfw         Runware: an error beside the data, data in reverse, flagged
    picture=NAME        the picture's bytes, see `damage.PICTURES`; for an address also 404,
                        redirect (location=URL) and huge (bytes=N), and delay or drip for slow
    billed=true|false   whether the request is billed all the same
"""

import json
import random
import shlex
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from email.utils import formatdate
from time import time
from typing import Any

from igny8_core.sandbox.damage import PICTURES, SLIPS, USAGES
from igny8_core.sandbox.errors import ERRORS, ProviderError, error_for
from igny8_core.sandbox.ledger import Call

WORK = ("chat", "responses", "images", "embeddings", "runware")
BARE: dict[str, dict[str, Any]] = {
    "reset_before": {"reset": "before"},
    "reset_after": {"reset": "after"},
    "hang": {"hang": "after"},
    "drip": {"drip": 0.5},
    "cut": {"cut": 0.5},
    "truncate": {"truncate": 0.5},
    "refusal": {"refusal": "I'm sorry, but I can't help with that request."},
}


@dataclass(frozen=True)
class Match:
    """Which requests a rule is about."""

    kind: str | None = None
    function: str | None = None
    task_id: str | None = None
    model: str | None = None
    key: str | None = None
    contains: str | None = None
    nth: tuple[int, ...] = ()
    every: int | None = None
    first: int | None = None
    after: int | None = None
    probability: float | None = None
    seed: int = 0

    def concerns(self, call: Call) -> bool:
        """Whether the call is one of those that the rule counts."""
        if call.kind not in ((self.kind,) if self.kind else WORK):
            return False
        named = ("function", "task_id", "model", "key")
        if any(getattr(self, name) not in (None, getattr(call, name)) for name in named):
            return False
        return self.contains is None or self.contains in call.prompt

    def chooses(self, count: int) -> bool:
        """Whether the count-th call of its kind gets the fault."""
        if self.nth and count not in self.nth:
            return False
        if self.every and count % self.every:
            return False
        if self.first is not None and count > self.first:
            return False
        if self.after is not None and count <= self.after:
            return False
        if self.probability is None:
            return True
        return random.Random(f"{self.seed}:{count}").random() < self.probability


@dataclass(frozen=True)
class Action:
    """What happens to a request; all that is None is as it would be."""

    status: int | None = None
    error: str | None = None
    code: str | None = None
    type: str | None = None
    param: str | None = None
    message: str | None = None
    retry_after: str | None = None
    retry_after_ms: str | None = None
    reset_requests: str | None = None
    reset_tokens: str | None = None
    should_retry: str | None = None
    delay: float | None = None
    reset: str | None = None
    hang: str | None = None
    drip: float | None = None
    cut: float | None = None
    truncate: float | None = None
    malformed: str | None = None
    refusal: str | None = None
    content_filter: bool | None = None
    invented: int | None = None
    missing: int | None = None
    repeated: int | None = None
    raw: str | None = None
    content_type: str | None = None
    usage: str | None = None
    content: str | None = None
    mixed: bool | None = None
    shuffled: bool | None = None
    nsfw: bool | None = None
    picture: str | None = None
    location: str | None = None
    bytes: int | None = None
    billed: bool | None = None

    def provider_error(self) -> ProviderError | None:
        """The error to answer with, if any."""
        if self.raw is not None or self.picture or (self.error is None and self.status is None):
            return None
        error = ERRORS[self.error] if self.error else error_for(self.status or 500)
        parts = ("status", "code", "type", "param", "message")
        changes = {name: getattr(self, name) for name in parts if getattr(self, name) is not None}
        return replace(error, **changes)

    def headers(self) -> dict[str, str]:
        """The headers about waiting and trying again."""
        named = {
            "Retry-After": _retry_after(self.retry_after),
            "retry-after-ms": self.retry_after_ms,
            "x-ratelimit-reset-requests": self.reset_requests,
            "x-ratelimit-reset-tokens": self.reset_tokens,
            "x-should-retry": self.should_retry,
        }
        return {name: value for name, value in named.items() if value is not None}

    def over(self, other: "Action") -> "Action":
        """Both together; what this one says wins."""
        return replace(other, **_said(self))


class BadRule(ValueError):
    """A rule that cannot be read; the message says what is wrong with it."""


@dataclass
class Rule:
    """A match, an action, and how often they met."""

    match: Match
    action: Action
    text: str
    seen: int = 0
    fired: int = 0


class Script:
    """The rules in force."""

    def __init__(self, rules: Any = ()) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self.add(rules)

    def add(self, rules: Any) -> None:
        """Add one rule or a list of them, as text or as objects; all or none."""
        new = [read_rule(rule) for rule in (rules if isinstance(rules, list | tuple) else [rules])]
        with self._lock:
            self._rules.extend(new)

    def clear(self) -> None:
        """Behave well from now on."""
        with self._lock:
            self._rules.clear()

    def next(self, call: Call) -> tuple[Action, str]:
        """Count the call on every rule that concerns it; what happens to it, and by which rules."""
        action, texts = Action(), []
        with self._lock:
            for rule in self._rules:
                if not rule.match.concerns(call):
                    continue
                rule.seen += 1
                if rule.match.chooses(rule.seen):
                    rule.fired += 1
                    action = action.over(rule.action)
                    texts.append(rule.text)
        return action, "; ".join(texts)

    def report(self) -> list[dict[str, Any]]:
        """Each rule with its counts."""
        with self._lock:
            return [{"rule": r.text, "seen": r.seen, "fired": r.fired} for r in self._rules]


def read_rule(value: Any) -> Rule:
    """A rule from its text or its JSON object."""
    if isinstance(value, str):
        named = _named(value)
    elif isinstance(value, Mapping):
        named = dict(value)
    else:
        raise BadRule(f"A rule is a text or an object, not {value!r}")
    unknown = named.keys() - MATCH_NAMES - ACTION_NAMES
    if unknown:
        raise BadRule(f"Unknown in a rule: {', '.join(sorted(map(str, unknown)))}")
    if "picture" in named:
        named.setdefault("kind", "picture")
    read = {name: _value(name, item) for name, item in named.items() if item is not None}
    match = Match(**{name: item for name, item in read.items() if name in MATCH_NAMES})
    action = Action(**{name: item for name, item in read.items() if name in ACTION_NAMES})
    return Rule(match, action, value if isinstance(value, str) else json.dumps(value))


MATCH_NAMES = {field.name for field in fields(Match)}
ACTION_NAMES = {field.name for field in fields(Action)}
TYPES = {field.name: str(field.type) for field in (*fields(Match), *fields(Action))}
CHOICES = {
    "kind": (*WORK, "picture", "models"),
    "error": tuple(ERRORS),
    "reset": ("before", "after"),
    "hang": ("before", "after"),
    "malformed": tuple(SLIPS),
    "usage": tuple(USAGES),
    "picture": (*PICTURES, "404", "redirect", "huge"),
}


def _named(text: str) -> dict[str, Any]:
    named: dict[str, Any] = {}
    try:
        words = shlex.split(text)
    except ValueError as e:
        raise BadRule(f"{e} in {text!r}") from e
    for word in words:
        name, equals, value = word.partition("=")
        named.update({name: value} if equals else _bare(word))
    return named


def _bare(word: str) -> dict[str, Any]:
    if word.isdigit():
        return {"status": word}
    if word in ERRORS:
        return {"error": word}
    return BARE.get(word, {word: "true"})


def _value(name: str, value: Any) -> Any:
    if name == "content" and not isinstance(value, str):
        return json.dumps(value)
    if value is True and name in BARE:
        value = BARE[name][name]
    try:
        read = _typed(name, value)
    except (TypeError, ValueError) as e:
        raise BadRule(f"{name}={value!r}: {e}") from e
    if name in CHOICES and read not in CHOICES[name]:
        raise BadRule(f"{name} is one of {', '.join(CHOICES[name])}, not {read!r}")
    return read


def _typed(name: str, value: Any) -> Any:
    kind = TYPES[name]
    if kind.startswith("tuple"):
        parts = value if isinstance(value, list) else str(value).split(",")
        return tuple(int(part) for part in parts)
    if kind.startswith("int"):
        return int(value)
    if kind.startswith("float"):
        return float(value)
    if kind.startswith("bool"):
        return {"true": True, "false": False}[str(value).lower()]
    return str(value)


def _said(action: Action) -> dict[str, Any]:
    named = {field.name: getattr(action, field.name) for field in fields(action)}
    return {name: value for name, value in named.items() if value is not None}


def _retry_after(value: str | None) -> str | None:
    if value and value.startswith("date:"):
        return formatdate(time() + float(value.removeprefix("date:")), usegmt=True)
    return value
