"""Answers for functions that the stand-in does not know: the keys the prompt names, filled in."""

import re
from typing import Any

from igny8_core.sandbox.phrases import shortened, titled
from igny8_core.sandbox.question import Question, headings

FORM = re.compile(r"\{\s*(\"?[A-Za-z_]\w*\"?\s*(?::[^{}]*?)?(?:,\s*\"?[A-Za-z_]\w*\"?[^{},]*)*)\}")
KEY = re.compile(r"(?:^|,)\s*\"?([A-Za-z_]\w*)\"?")


def filled_form(question: Question) -> dict[str, Any]:
    """A small object with the keys that the prompt names in a JSON-like shape."""
    form = FORM.search(question.prompt)
    keys = KEY.findall(form[1]) if form else []
    if not keys:
        return {"answer": "This is a sample answer by the IGNY8 sandbox."}
    subject = _subject(question)
    return {key: _filled(key, subject) for key in keys}


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
