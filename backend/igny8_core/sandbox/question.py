"""Reads a prompt: which function it is for and what data it holds.

Every value of JSON in the prompt is found, fenced or not, and recognised by the label on the line
before it (`Keywords:`), else by its keys; so custom prompts are understood as well as our own.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Any

SHAPES = (
    ("generate_image_prompts", re.compile(r"featured_prompt")),
    ("generate_ideas", re.compile(r"\"ideas\"\s*:")),
    ("generate_content", re.compile(r"meta_title|\"content\"\s*:")),
    ("auto_cluster", re.compile(r"\"clusters\"\s*:")),
)
MOST_TRIES = 2_000
IDEA_KEYS = {"outline", "word_count", "estimated_word_count", "tone", "brief", "description"}
SITE_KEYS = {"domain", "guidelines", "language"}
_decoder = json.JSONDecoder()


@dataclass(frozen=True)
class Block:
    """One value found in the prompt, with the label before it."""

    label: str
    value: Any


@dataclass(frozen=True)
class Question:
    """What is asked for, and the data to answer it with."""

    prompt: str
    asked_function: str = ""

    @cached_property
    def function(self) -> str:
        """The function's name; by the shape asked for when no header tells it."""
        if self.asked_function:
            return self.asked_function
        return next((name for name, shape in SHAPES if shape.search(self.prompt)), "")

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """All lists and objects in the prompt."""
        return tuple(_blocks(self.prompt))

    @cached_property
    def keyword_lists(self) -> tuple[Block, ...]:
        """The lists of keywords, labelled ones first."""
        lists = [block for block in self.blocks if _texts(block.value)]
        labelled = [block for block in lists if "keyword" in block.label]
        return tuple(labelled or sorted(lists, key=_unlikely))

    @property
    def keywords(self) -> list[str]:
        """The keywords asked about; of several lists the one that is not a cluster's."""
        own = [block for block in self.keyword_lists if "cluster" not in block.label]
        return _texts((own or self.keyword_lists)[0].value) if self.keyword_lists else []

    @property
    def volumes(self) -> list[int | None]:
        """The volumes beside `keywords`."""
        own = [block for block in self.keyword_lists if "cluster" not in block.label]
        items = (own or self.keyword_lists)[0].value if self.keyword_lists else []
        return [_volume(item) for item in items]

    @property
    def cluster_keywords(self) -> list[str]:
        """The keywords of the cluster asked about."""
        clusters = [block for block in self.keyword_lists if "cluster" in block.label]
        inside = _texts(self.cluster.get("keywords"))
        return _texts(clusters[0].value) if clusters else inside or self.keywords

    @cached_property
    def cluster(self) -> dict[str, Any]:
        """The cluster asked about."""
        return self._object(
            "cluster", lambda v: "head_keyword" in v or {"name", "keywords"} <= v.keys()
        )

    @cached_property
    def idea(self) -> dict[str, Any]:
        """The idea and brief of the article asked for."""
        return self._object("idea", lambda v: "title" in v and bool(v.keys() & IDEA_KEYS))

    @cached_property
    def site(self) -> dict[str, Any]:
        """The site it is for."""
        return self._object("site", lambda v: len(v.keys() & SITE_KEYS) > 1)

    @cached_property
    def article(self) -> tuple[str, str]:
        """Title and HTML of the article in the prompt."""
        for block in reversed(self.blocks):
            html = (
                block.value.get("html") or block.value.get("content") if _is_object(block) else None
            )
            if isinstance(html, str):
                return str(block.value.get("title") or ""), html
        return _loose_title(self.prompt), self.prompt

    def _object(self, label: str, fits: Any) -> dict[str, Any]:
        objects = [block for block in self.blocks if _is_object(block)]
        labelled = [block.value for block in objects if re.search(rf"\b{label}\b", block.label)]
        fitting = [block.value for block in objects if fits(block.value)]
        found: list[dict[str, Any]] = labelled or fitting or [{}]
        return found[-1]


def headings(html: str, level: int = 2) -> list[str]:
    """The texts of an article's headings of that level, Markdown or HTML."""
    found = re.findall(rf"<h{level}[^>]*>(.*?)</h{level}>", html, re.IGNORECASE | re.DOTALL)
    found = found or re.findall(rf"^#{{{level}}} +(.+)$", html, re.MULTILINE)
    return [unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in found]


def _blocks(prompt: str) -> Iterator[Block]:
    position, tries = 0, 0
    starts = re.compile(r"[\[{]")
    while (start := starts.search(prompt, position)) and tries < MOST_TRIES:
        try:
            value, position = _decoder.raw_decode(prompt, start.start())
        except (ValueError, RecursionError):
            position, tries = start.end(), tries + 1
        else:
            yield Block(_label(prompt, start.start()), value)


def _label(prompt: str, start: int) -> str:
    before = prompt[max(0, start - 300) : start].splitlines()
    lines = [line.strip() for line in before if line.strip() and not line.strip().startswith("```")]
    line = lines[-1].lower() if lines else ""
    return line.strip("#*: ") if line.rstrip("* ").endswith(":") or line.startswith("#") else ""


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        return []
    texts = [item.get("keyword") if isinstance(item, dict) else item for item in value]
    named = [text for text in texts if isinstance(text, str)]
    return named if len(named) == len(texts) else []


def _unlikely(block: Block) -> tuple[bool, int]:
    return not isinstance(block.value[0], dict), -len(block.value)


def _volume(item: Any) -> int | None:
    volume = item.get("volume") if isinstance(item, dict) else None
    return volume if isinstance(volume, int) and not isinstance(volume, bool) else None


def _is_object(block: Block) -> bool:
    return isinstance(block.value, dict)


def _loose_title(prompt: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", prompt, re.IGNORECASE | re.DOTALL)
    found = found or re.search(r"^\W*title\W*:\s*(.+)$", prompt, re.IGNORECASE | re.MULTILINE)
    return unescape(found[1]).strip() if found else ""
