"""Prompts: which text holds, what its placeholders become, and which version it was.

A task's override wins over the account's prompt, which wins over the function's default.
Placeholders are replaced in one pass, literally: what a keyword contains is never expanded.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from igny8_core.ai import registry
from igny8_core.ai.base import BaseAIFunction
from igny8_core.core.errors import InvalidPayload
from igny8_core.core.models import Account, Site
from igny8_core.core.sites import Guidelines
from igny8_core.system.models import AIPromptVersion

SITE = "IGNY8_SITE"
#: The two texts of pictures, which belong to no single function's answer.
IMAGE_PROMPTS = {
    "image_prompt_template": (
        "{image_prompt}. A {image_type} picture for the article “{post_title}”. "
        "No words, letters, logos or watermarks in it."
    ),
    "negative_prompt": (
        "text, letters, words, watermark, logo, signature, frame, deformed hands, "
        "extra fingers, blurry, low quality"
    ),
}
_IMAGE_PLACEHOLDERS = {"image_prompt_template": ("{image_type}", "{post_title}", "{image_prompt}")}
_TOKEN = re.compile(r"\[(IGNY8_[A-Z0-9_]+)\]")
_BRACES = re.compile(r"\{([a-z_]+)\}")


class Prompt(str):
    """A rendered prompt that knows which stored text it came from."""

    version: str
    digest: str
    #: Whether the text itself speaks of JSON: only then may JSON alone be insisted on.
    asks_for_json: bool

    def __new__(cls, text: str, *, version: str, template: str) -> "Prompt":
        prompt = super().__new__(cls, text)
        prompt.version = version
        prompt.digest = hashlib.sha256(template.encode()).hexdigest()
        prompt.asks_for_json = "json" in template.lower()
        return prompt


class _DefaultPrompts(Mapping[str, str]):
    """The default text of every type, collected from the functions' classes when it is asked."""

    def _texts(self) -> dict[str, str]:
        functions = [registry.get_function_instance(name) for name in registry.list_functions()]
        texts = {one.prompt_name: one.default_prompt for one in functions if one.default_prompt}
        return {**texts, **IMAGE_PROMPTS}

    def __getitem__(self, prompt_type: str) -> str:
        return self._texts()[prompt_type]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts())

    def __len__(self) -> int:
        return len(self._texts())


DEFAULT_PROMPTS = _DefaultPrompts()


class PromptRegistry:
    """Every prompt type there is: the functions', and the two of pictures."""

    @classmethod
    def get_prompt(
        cls,
        function: BaseAIFunction,
        account: Account,
        *,
        override: str = "",
        **values: Any,
    ) -> Prompt:
        """The function's prompt with its placeholders replaced: texts as they are, else as JSON.

        `[IGNY8_SITE]` comes from the function's site and is added where the text leaves it out.
        """
        text, version = cls._template(function, account, function.prompt_name, override)
        if SITE not in values and function.site is not None:
            values[SITE] = site_payload(function.site)
        whole = text
        if SITE in values and f"[{SITE}]" not in text:
            whole = f"{text}\n\nSite:\n{_fenced(f'[{SITE}]')}"
        rendered = _TOKEN.sub(lambda token: _value(values, token), whole)
        return Prompt(rendered, version=version, template=text)

    @classmethod
    def image_prompt(
        cls, function: BaseAIFunction, account: Account, prompt_type: str, **values: str
    ) -> Prompt:
        """One of the two picture texts, with `{placeholder}`s replaced."""
        text, version = cls._template(function, account, prompt_type)
        rendered = _BRACES.sub(lambda brace: values.get(brace[1], brace[0]), text)
        return Prompt(rendered, version=version, template=text)

    @classmethod
    def _template(
        cls, function: BaseAIFunction, account: Account, prompt_type: str, override: str = ""
    ) -> tuple[str, str]:
        """The text in force, looked up once per run, and its version."""
        if override:
            return override, "task"
        if prompt_type not in function.templates:
            function.templates[prompt_type] = cls.template_for(account, prompt_type)
        return function.templates[prompt_type]

    @classmethod
    def template_for(cls, account: Account, prompt_type: str) -> tuple[str, str]:
        """The text that holds for an account and its version: `account:3` or `default`."""
        own = (
            AIPromptVersion.objects.for_account(account)
            .filter(prompt__prompt_type=prompt_type, prompt__active=True)
            .order_by("-version")
            .values_list("text", "version")
            .first()
        )
        if own:
            return own[0], f"account:{own[1]}"
        return cls.default_for(prompt_type), "default"

    @classmethod
    def prompt_types(cls) -> tuple[str, ...]:
        """Every type an account may override."""
        return tuple(DEFAULT_PROMPTS)

    @classmethod
    def default_for(cls, prompt_type: str) -> str:
        """The default text of a type; raises InvalidPayload for one that does not exist."""
        try:
            return DEFAULT_PROMPTS[prompt_type]
        except KeyError:
            raise InvalidPayload(f"There is no prompt type {prompt_type!r}.") from None

    @classmethod
    def placeholders_for(cls, prompt_type: str) -> tuple[str, ...]:
        """What a text of this type may contain, as it is written there."""
        if prompt_type in IMAGE_PROMPTS:
            return _IMAGE_PLACEHOLDERS.get(prompt_type, ())
        function = _function_of(prompt_type)
        names = dict.fromkeys(_TOKEN.findall(function.default_prompt))
        names |= dict.fromkeys((*function.placeholders, SITE))
        return tuple(f"[{name}]" for name in names)

    @classmethod
    def unknown_placeholders(cls, prompt_type: str, text: str) -> list[str]:
        """The placeholders in a text that its type does not know, each once, in their order."""
        known = cls.placeholders_for(prompt_type)
        found = [f"[{name}]" for name in _TOKEN.findall(text)]
        if prompt_type in IMAGE_PROMPTS:
            found += [f"{{{name}}}" for name in _BRACES.findall(text)]
        return [name for name in dict.fromkeys(found) if name not in known]


def site_payload(site: Site) -> dict[str, Any]:
    """What a model is told about the site; empty guidelines are left out.

    In one order on every database (PostgreSQL sorts the names in JSON): prompts can be cached.
    """
    given = site.guidelines
    guidelines = {name: given[name] for name in Guidelines.model_fields if given.get(name)}
    return {
        "name": site.name,
        "domain": site.domain,
        "language": site.language,
        "country": site.country,
        "guidelines": guidelines,
    }


def _function_of(prompt_type: str) -> BaseAIFunction:
    for name in registry.list_functions():
        function = registry.get_function_instance(name)
        if function.prompt_name == prompt_type and function.default_prompt:
            return function
    raise InvalidPayload(f"There is no prompt type {prompt_type!r}.")


def _value(values: Mapping[str, Any], token: re.Match[str]) -> str:
    value = values.get(token[1], "")
    if isinstance(value, str):
        return value
    # A text inside the data must not be able to close the fence around it.
    return _json(value).replace("```", r"\u0060\u0060\u0060")


def _json(value: Any) -> str:
    """JSON with a line for each entry: as readable as an indented one, and shorter."""
    if isinstance(value, dict) and value:
        return _lines("{}", [f"{_line(name)}: {_line(entry)}" for name, entry in value.items()])
    if isinstance(value, list) and value:
        return _lines("[]", [_line(entry) for entry in value])
    return _line(value)


def _lines(brackets: str, entries: list[str]) -> str:
    return "\n".join((brackets[0], ",\n".join(entries), brackets[1]))


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _fenced(text: str) -> str:
    return f"```json\n{text}\n```"
