"""Answers for `generate_content`: sample articles composed from outline and keywords.

An article follows its outline's headings in order and meets its word target. Every paragraph
names the article's keyword and is put together from choices seeded by the whole
prompt, so that two articles do not share one.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from igny8_core.sandbox import sentences
from igny8_core.sandbox.ideas import outline_for
from igny8_core.sandbox.phrases import (
    as_topic,
    capitalised,
    quoted,
    rng_for,
    shortened,
    spun,
    titled,
    word_count,
)
from igny8_core.sandbox.question import Question

DEFAULT_WORDS = 900
PARAGRAPH = (3, 4, 4)
# With fewer words left than this there is no room for a paragraph of its own.
TIGHT = 70
NO_OTHERS = ("the wider subject", "the background", "the practical side")
SUBJECT = ("the subject", "the topic", "this subject")
PART = ("this part", "this section")


@dataclass(frozen=True)
class Brief:
    """What the article has to be."""

    title: str
    keywords: tuple[str, ...]
    sections: tuple["Section", ...]
    words: int
    audience: str
    category: str

    @property
    def keyword(self) -> str:
        """The primary keyword."""
        return self.keywords[0]


@dataclass(frozen=True)
class Section:
    """One heading with what the outline notes under it."""

    level: int
    heading: str
    notes: str = ""


def article_for(question: Question) -> dict[str, Any]:
    """A sample article for the task in the question."""
    brief = brief_from(question)
    return {
        "title": brief.title,
        "content": _Draft(brief, question.prompt).html(),
        "meta_title": shortened(brief.title, 60),
        "meta_description": _meta_description(brief),
        "primary_keyword": brief.keyword,
        "secondary_keywords": list(brief.keywords[1:]),
        "tags": [shortened(keyword, 60) for keyword in brief.keywords[:5]],
        "categories": [brief.category],
    }


def brief_from(question: Question) -> Brief:
    """The title, keywords, outline and word target that the question names."""
    idea, cluster = question.idea, question.cluster
    content_type = str(idea.get("content_type") or "article")
    keywords = _keywords(question)
    sections = _sections(idea.get("outline"))
    sections = sections or _sections(outline_for(content_type, keywords))
    title = _text(idea.get("title")) or titled(keywords[0])
    if keywords[0].casefold() not in title.casefold():
        title = f"{title}: {titled(keywords[0])}"
    return Brief(
        title=title,
        keywords=keywords,
        sections=_with_keyword(sections, keywords[0], content_type),
        words=_words(idea),
        audience=_audience(question.site),
        category=titled(_text(cluster.get("name")) or keywords[0]),
    )


class _Draft:
    """Fills the sections of one article up to its word target."""

    def __init__(self, brief: Brief, seed: str) -> None:
        self._brief = brief
        self._rng = rng_for(seed)
        self._written = 0
        self._general = _Deck(sentences.GENERAL, self._rng)
        self._short = _Deck(sentences.SHORT, self._rng)
        self._kinds = {
            kind: _Deck(templates, self._rng) for kind, templates in sentences.BY_KIND.items()
        }
        others = [as_topic(keyword) for keyword in brief.keywords[1:]]
        self._others = _Deck(others or NO_OTHERS, self._rng)
        self._named: set[str] = set()

    def html(self) -> str:
        sections = self._brief.sections
        label = self._label()
        self._written = word_count(label) + sum(word_count(s.heading) for s in sections)
        share = max(0, self._brief.words - self._written) / max(1, len(sections))
        start = self._written
        parts = []
        for index, section in enumerate(sections):
            parts.append(f"<h{section.level}>{escape(section.heading)}</h{section.level}>")
            parts.extend(self._section(section, start + share * (index + 1), first=index == 0))
        return "\n".join([*parts, f"<p><em>{escape(label)}</em></p>"])

    def _label(self) -> str:
        title = quoted(self._brief.title)
        return f"Sample text for {title}, written by the IGNY8 sandbox without a model."

    def _section(self, section: Section, until: float, *, first: bool) -> Iterator[str]:
        self._named.clear()
        opening = self._lead(section) if first else []
        if section.notes and until - self._written > TIGHT:
            opening.append(self._counted(f"What belongs here: {_sentence(section.notes)}"))
        asks = sentences.kind_of(section.heading) == "questions"
        if asks or until - self._written < TIGHT:
            opening.append(self._filled(self._rng.choice(sentences.TITLED), section))
        answers = list(self._answers(section, until)) if asks else []
        for lines in self._paragraphs(section, until, opening):
            yield f"<p>{escape(' '.join(lines), quote=False)}</p>"
        yield from answers

    def _paragraphs(self, section: Section, until: float, opening: list[str]) -> list[list[str]]:
        """Three or four sentences each; too short a rest goes with the one before."""
        paragraphs, lines = [], opening
        size = len(opening) + self._rng.choice(PARAGRAPH)
        while line := self._line(section, until, needed=not lines):
            lines.append(line)
            if len(lines) >= size and until - self._written > TIGHT:
                paragraphs.append(lines)
                lines, size = [], self._rng.choice(PARAGRAPH)
                self._named.discard("k")
        if paragraphs and len(lines) < min(PARAGRAPH):
            paragraphs[-1].extend(lines)
            return paragraphs
        return [*paragraphs, lines]

    def _line(self, section: Section, until: float, *, needed: bool) -> str:
        """The next sentence, or nothing when the section has its words."""
        left = until - self._written
        if left < 5 and not needed:
            return ""
        deck = self._deck(section, left)
        template = deck.draw()
        while "k" not in self._named and "{k}" not in template:
            template = deck.draw()
        return self._turned(self._filled(template, section), left)

    def _deck(self, section: Section, left: float) -> "_Deck":
        if left < 14:
            return self._short
        kind = self._kinds[sentences.kind_of(section.heading)]
        return kind if kind.left > 0 and self._rng.random() < 0.5 else self._general

    def _lead(self, section: Section) -> list[str]:
        lead = [self._filled(self._rng.choice(sentences.LEADS), section)]
        if self._brief.audience:
            lead.append(self._counted(f"It is written for {self._brief.audience}."))
        return lead

    def _answers(self, section: Section, until: float) -> Iterator[str]:
        asked = _Deck(sentences.QUESTIONS, self._rng)
        while asked.left and until - self._written > TIGHT:
            self._named.discard("k")
            question, answer = asked.draw()
            ask = escape(self._filled(question, section), quote=False)
            lines = [self._filled(answer, section)]
            lines += [self._filled(self._general.draw(), section) for _ in range(2)]
            yield f"<p><strong>{ask}</strong> {escape(' '.join(lines), quote=False)}</p>"
        self._named.discard("k")

    def _filled(self, template: str, section: Section) -> str:
        """The sentence with its names; what a paragraph has named already it does not repeat."""
        heading = quoted(section.heading.rstrip("?.! "))
        names = {
            "k": self._once("k", as_topic(self._brief.keyword), SUBJECT, template),
            "h": self._once("h", heading, PART, template),
            "s": self._others.draw() if "{s}" in template else "",
            "t": quoted(self._brief.title),
        }
        return self._counted(capitalised(spun(template, self._rng).format(**names)))

    def _turned(self, text: str, left: float) -> str:
        """The sentence, now and then with a turn before it."""
        if left < 25 or self._rng.random() < 0.7:
            return text
        turn = self._rng.choice(sentences.TURNS)
        self._written += word_count(turn)
        return turn + text[:1].lower() + text[1:]

    def _once(self, place: str, name: str, others: Sequence[str], template: str) -> str:
        if f"{{{place}}}" not in template:
            return ""
        if place in self._named:
            return self._rng.choice(others)
        self._named.add(place)
        return name

    def _counted(self, text: str) -> str:
        self._written += word_count(text)
        return text


class _Deck:
    """Draws in random order, and shuffles again when all are drawn."""

    def __init__(self, cards: Sequence[Any], rng: random.Random) -> None:
        self._cards, self._rng = list(cards), rng
        self._drawn: list[Any] = []
        self.left = len(self._cards)

    def draw(self) -> Any:
        if not self._drawn:
            self._drawn = self._rng.sample(self._cards, len(self._cards))
        self.left -= 1
        return self._drawn.pop()


def _keywords(question: Question) -> tuple[str, ...]:
    idea = question.idea
    named = [
        idea.get("primary_keyword"),
        *_list(idea.get("keywords")),
        *_list(idea.get("target_keywords")),
    ]
    own = [text for text in named if isinstance(text, str) and text.strip()]
    head = question.cluster.get("head_keyword")
    fallback = [head] if isinstance(head, str) and head else []
    found = own or question.keywords or fallback or [_text(idea.get("title")) or "this subject"]
    unique = {keyword.casefold(): " ".join(keyword.split()) for keyword in reversed(found)}
    return tuple(reversed(unique.values()))[:12]


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return value if isinstance(value, list) else []


def _sections(outline: Any) -> tuple[Section, ...]:
    """The outline's headings: objects, texts, or lines of one text; never above level 2."""
    if isinstance(outline, str):
        outline = [line for line in outline.splitlines() if line.strip()]
    sections = [_section(item) for item in outline] if isinstance(outline, list) else []
    named = [section for section in sections if section.heading]
    return tuple(
        Section(2, s.heading, s.notes) if index == 0 else s for index, s in enumerate(named)
    )


def _section(item: Any) -> Section:
    if not isinstance(item, dict):
        marks = re.match(r"\s*(#*)[\s\d.*-]*(.*)", str(item))
        depth, heading = (len(marks[1]), marks[2]) if marks else (2, str(item))
        return Section(min(max(depth, 2), 4), heading.strip())
    digits = re.sub(r"\D", "", str(item.get("level") or ""))
    level = int(digits[:1] or 2)
    return Section(min(max(level, 2), 4), _text(item.get("heading")), _text(item.get("notes")))


def _with_keyword(
    sections: tuple[Section, ...], keyword: str, content_type: str
) -> tuple[Section, ...]:
    """The sections; with a closing one where no H2 names the keyword or an FAQ is still missing."""
    kinds = {sentences.kind_of(section.heading) for section in sections}
    if content_type == "faq" and "questions" not in kinds:
        sections += (Section(2, f"Frequently asked questions about {as_topic(keyword)}"),)
    named = any(s.level == 2 and keyword.casefold() in s.heading.casefold() for s in sections)
    return sections if named else (*sections, Section(2, f"In short: {as_topic(keyword)}"))


def _words(idea: dict[str, Any]) -> int:
    given = [
        value for name, value in idea.items() if re.search(r"(?<!key)words?\b|(?<!key)word_", name)
    ]
    found = [
        int(n) for n in given if isinstance(n, int | float) or (isinstance(n, str) and n.isdigit())
    ]
    return min(max(next((n for n in found if n > 0), DEFAULT_WORDS), 50), 10_000)


def _audience(site: dict[str, Any]) -> str:
    guidelines = site.get("guidelines")
    audience = _text(guidelines.get("audience")) if isinstance(guidelines, dict) else ""
    return audience.rstrip(". ") if word_count(audience) <= 12 else ""


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _sentence(text: str) -> str:
    text = text[:1].lower() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _meta_description(brief: Brief) -> str:
    topic = as_topic(brief.keyword)
    said = f"{capitalised(topic)}: what to know first, which questions to ask and how to decide"
    return shortened(f"{said}, in plain words and in a sensible order.", 155)
