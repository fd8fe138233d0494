"""Answers for `generate_ideas`: two to four per cluster, each with its own angle and outline."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from igny8_core.sandbox.phrases import as_topic, capitalised, is_question, listed, rng_for, titled
from igny8_core.sandbox.question import Question

Heading = dict[str, Any]


@dataclass(frozen=True)
class Angle:
    """One way to treat a subject."""

    content_type: str
    structure: str
    title: str
    aim: str
    sections: tuple[tuple[str, str], ...]
    words: int
    fits: re.Pattern[str] | None = None


def _fits(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)\b(?:{words})\b")


ANGLES = (
    Angle(
        "guide",
        "step_by_step",
        "{T}: A Practical Guide From First Step to Last",
        "leads the reader through {k} step by step",
        (
            ("What to know about {k}", "Explain the subject in plain words and say who it is for."),
            (
                "What to have ready before you start",
                "List tools, access, time and earlier decisions.",
            ),
            ("{T} step by step", "Number the steps; each ends with something the reader can see."),
            (
                "Common mistakes and how to avoid them",
                "Say how each mistake shows and how to repair it.",
            ),
            ("How to tell that it worked", "Give signs that the reader can check without help."),
        ),
        1200,
        _fits("how|guide|tutorial|learn|steps|start|create|make|build|draw"),
    ),
    Angle(
        "comparison",
        "side_by_side",
        "{T} Compared: Which Option Fits Which Need",
        "sets the options for {k} side by side",
        (
            ("What to compare when looking at {k}", "Name the few points that decide the matter."),
            ("The options side by side", "Treat each option by the same points."),
            ("Where the differences matter", "Tie each difference to a kind of reader."),
            (
                "How to choose for your own case",
                "Give questions that can be answered with yes or no.",
            ),
        ),
        1100,
        _fits("vs|versus|compare|comparison|alternatives?|difference|better|or"),
    ),
    Angle(
        "listicle",
        "list",
        "{T}: The Options Worth a Closer Look",
        "goes through the options for {k} one by one",
        (
            ("How this list of {k} was made", "State what was looked for and what was left out."),
            ("Options for everyday needs", "Describe each by the same points."),
            ("Options for special needs", "Say whom each suits and what it lacks."),
            ("How to choose from the list", "Reduce the choice to a few questions."),
        ),
        1000,
        _fits("best|top|list|ideas|examples|tools|types|free"),
    ),
    Angle(
        "article",
        "explainer",
        "{T} in Plain Words, and Why People Look for It",
        "explains {k} to someone who meets it for the first time",
        (
            ("{T} in plain words", "Define it in one sentence and say what it is not."),
            ("Why people look for it", "Name the need behind the search."),
            ("How it works in practice", "Follow one plain case from start to end."),
            ("What is often misunderstood", "Correct the most common confusion."),
        ),
        900,
        _fits("what|why|who|where|when|meaning|definition|map|history|is|are"),
    ),
    Angle(
        "product",
        "buying_advice",
        "{T}: What to Check Before You Buy",
        "helps the reader to buy well",
        (
            ("What to expect from {k}", "Start from the daily need."),
            (
                "What drives the price",
                "Explain what costs more and why; no figures without a source.",
            ),
            ("A checklist before buying", "Questions that can be answered with yes or no."),
            ("After the purchase", "Say what to check in the first days."),
        ),
        900,
        _fits("buy|price|prices|pricing|cost|costs|cheap|deal|sale|shop|order|for sale"),
    ),
    Angle(
        "landing_page",
        "offer",
        "{T} Made Simple: How It Works and What You Get",
        "shows what the reader gets from {k} and how to begin",
        (
            ("What to gain from {k}", "Lead with the result, in the reader's words."),
            ("How it works", "Three short steps."),
            ("Who it is for", "Say as plainly who it is not for."),
            ("How to begin today", "One next step, without pressure."),
        ),
        700,
        _fits("services?|software|app|agency|company|program|programs|course|degree|near me"),
    ),
    Angle(
        "faq",
        "questions_and_answers",
        "Questions About {T}, Answered in Plain Words",
        "answers the questions people ask about {k}",
        (
            ("The short answer on {k}", "Answer the main question in the first sentence."),
            ("Frequently asked questions about {k}", "Keep the wording people use."),
            ("When the usual answer does not hold", "Name the exceptions and what to do then."),
        ),
        800,
        _fits("can|do|does|should|which|faq|questions?"),
    ),
    Angle(
        "blog_post",
        "story",
        "A Closer Look at {T} and What to Do With It",
        "takes a closer look at {k} from the reader's side",
        (
            ("When people turn to {k}", "Begin with a situation the reader knows."),
            ("What to make of it", "Give an opinion and the reasons for it."),
            ("What to do next", "One small step for today, one that can wait."),
        ),
        800,
    ),
)
BY_TYPE = {angle.content_type: angle for angle in ANGLES}
SIDES = (
    ("A word on {}", "Say what someone wants who searches for this, and answer it."),
    ("When the search is for {}", "Say how this differs from the main subject, if it does."),
)
# Angles that suit any subject; the others only one whose words ask for them.
ANYTHING = [BY_TYPE[name] for name in ("guide", "article", "faq", "blog_post")]


def ideas_for(question: Question) -> dict[str, Any]:
    """Ideas for the cluster asked about, each with keywords of its own where there are enough."""
    keywords = _ordered(question)
    if not keywords:
        return {"ideas": []}
    number = 2 if len(keywords) < 3 else 3 if len(keywords) < 8 else 4
    shares = [keywords[index::number] or keywords[:1] for index in range(number)]
    angles = _angles(shares)
    return {"ideas": [_idea(a, share) for a, share in zip(angles, shares, strict=True)]}


def outline_for(content_type: str, keywords: Sequence[str]) -> list[Heading]:
    """The outline that an idea of this type gets."""
    angle = BY_TYPE.get(content_type, BY_TYPE["article"])
    own = [_heading(2, _filled(text, keywords[0]), notes) for text, notes in angle.sections]
    extra = [
        _heading(3, form.format(as_topic(keyword)), notes)
        for keyword, (form, notes) in zip(keywords[1:], SIDES, strict=False)
    ]
    return own[:2] + extra + own[2:]


def _ordered(question: Question) -> list[str]:
    keywords = list(dict.fromkeys(question.cluster_keywords))
    head = question.cluster.get("head_keyword") or question.cluster.get("name")
    if isinstance(head, str) and (head in keywords or not keywords):
        return [head, *(keyword for keyword in keywords if keyword != head)]
    return keywords


def _angles(shares: list[list[str]]) -> list[Angle]:
    """The angle that fits each share's first keyword best, none twice."""
    chosen: list[Angle] = []
    for share in shares:
        fitting = [angle for angle in ANGLES if angle.fits and angle.fits.search(share[0])]
        fitting = [angle for angle in fitting if angle not in chosen]
        left = [angle for angle in ANYTHING if angle not in chosen]
        chosen.append(fitting[0] if fitting else rng_for(share[0]).choice(left))
    return chosen


def _idea(angle: Angle, keywords: list[str]) -> dict[str, Any]:
    topic = as_topic(keywords[0])
    description = f"A {angle.content_type.replace('_', ' ')} that {angle.aim.format(k=topic)}"
    if len(keywords) > 1:
        description += f", with {listed([as_topic(k) for k in keywords[1:4]])} along the way"
    return {
        "title": _filled(angle.title, keywords[0]),
        "description": _article(description) + ".",
        "outline": outline_for(angle.content_type, keywords),
        "content_type": angle.content_type,
        "content_structure": angle.structure,
        "target_keywords": keywords[:12],
        "estimated_word_count": angle.words,
    }


def _filled(template: str, keyword: str) -> str:
    topic, name = as_topic(keyword), titled(keyword)
    return capitalised(template.format(k=topic, T=as_topic(name) if is_question(name) else name))


def _article(text: str) -> str:
    return text.replace("A article", "An article", 1).replace("A faq", "An FAQ", 1)


def _heading(level: int, heading: str, notes: str) -> Heading:
    return {"level": level, "heading": heading, "notes": notes}
