"""Answers for functions that the stand-in does not know: the keys the prompt names, filled in."""

import re
from typing import Any

from igny8_core.sandbox.phrases import shortened, titled
from igny8_core.sandbox.question import Question, headings

FORM = re.compile(r"\{([^{}]{1,2000})\}")
KEY = re.compile(r"\s*[\"']?([A-Za-z_]\w*)[\"']?\s*(?::|$)")


def filled_form(question: Question) -> dict[str, Any]:
    """A small object with the keys that the prompt names in a JSON-like shape."""
    forms = (_keys(match[1]) for match in FORM.finditer(question.prompt))
    keys = next((keys for keys in forms if keys), None)
    if not keys:
        return {"answer": "This is a sample answer by the IGNY8 sandbox."}
    subject = _subject(question)
    return {key: _filled(key, subject) for key in keys}


def _keys(form: str) -> list[str]:
    """`title` and `description` of `title, "description": "..."`."""
    return [match[1] for part in form.split(",") if (match := KEY.match(part))]


def _subject(question: Question) -> str:
    title, html = question.article
    found = title or next(iter(headings(html)), "") or question.idea.get("title") or ""
    return str(found or next(iter(question.keywords), "") or "this page")


def _filled(key: str, subject: str) -> Any:
    if key.endswith(("keywords", "tags", "list")) or key in ("categories", "items"):
        return [shortened(subject, 40)]
    if "title" in key or "name" in key:
        return shortened(titled(subject), 60)
    return shortened(f"A short {key.replace('_', ' ')} of {subject}, as sample text.", 155)
