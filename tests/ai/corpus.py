"""Model outputs: some that hold an answer and what it must come to, some that must be refused.

Every sound answer in every form that models give it, beside every kind of damage; then the nasty
ones, by hand. `text` and `finish` are what the provider says, `value` what `seen` must show.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

F = "```"
NL = "\n"


@dataclass(frozen=True)
class Case:
    """One output of one function; `value` is None where nothing may be made of it."""

    name: str
    function: str
    text: str
    finish: str = "stop"
    value: Any = None


# --- sound answers -----------------------------------------------------------------------------

WORDS = "A map is read with the eyes, and with a finger on the line. " * 13
CLUSTERS = {
    "clusters": [
        {
            "name": "Reading maps",
            "description": "People who hold a map; [they] want it {read}.",
            "keywords": ["how to read a map", "map's legend", "what is 1:50,000", "نقشه"],
        },
        {
            "name": 'The "best" maps',
            "description": "",
            "keywords": ["best map // 2026", "café map"],
        },
        {"name": "Maps, other", "description": "The rest", "keywords": ["None of True maps"]},
    ]
}
IDEAS = {
    "ideas": [
        {
            "title": "How to read a map",
            "description": "Scale, legend,] and {north}.",
            "outline": [
                {"level": 2, "heading": "Scale", "notes": "1:50,000"},
                {"level": 3, "heading": "It's far", "notes": None},
            ],
            "content_type": "guide",
            "content_structure": "steps",
            "target_keywords": ["how to read a map", "map's legend"],
            "estimated_word_count": 1200,
        },
        {
            "title": 'Maps that say "here"',
            "description": "/* Where */ am I? // There.",
            "outline": ["One", "Two"],
            "content_type": "blog_post",
            "content_structure": "story",
            "target_keywords": [],
            "estimated_word_count": None,
        },
    ]
}
ARTICLE = {
    "title": "How to read a map's legend",
    "content": f'<h2>Scale, {{or}} "size"</h2>\n<p>{WORDS}</p>\n<ul><li>[1]</li></ul>',
    "meta_title": "Reading maps",
    "meta_description": "It's all in the legend, a café and a line.",
    "primary_keyword": "map legend",
    "secondary_keywords": ["map scale"],
    "tags": ["maps", "how to"],
    "categories": ["Guides"],
}
CODED = ARTICLE | {
    "title": "How to print a map",
    "content": f"<h2>Print</h2>\n<p>{WORDS}</p>\n<pre><code>{F}json\n"
    f"{{'title': 'No', 'content': 'A sample'}}\n{F}</code></pre>\n<p>Then fold it.</p>",
}
PROMPTS = {
    "featured_prompt": {"prompt": "A map on a table, it's dawn [wide].", "alt_text": "A map"},
    "in_article_prompts": [
        {"prompt": 'A finger on a "line".', "alt_text": "{A finger}"},
        {"prompt": "A compass, worn", "alt_text": "A compass"},
    ],
}
SOUND = {
    "clusters": ("auto_cluster", CLUSTERS),
    "ideas": ("generate_ideas", IDEAS),
    "article": ("generate_content", ARTICLE),
    "coded article": ("generate_content", CODED),
    "prompts": ("generate_image_prompts", PROMPTS),
}
#: What stands for itself: an answer of some other shape, or an example before the answer.
EXAMPLES = {
    "auto_cluster": {"clusters": [{"name": "Example", "keywords": ["example"]}]},
    "generate_ideas": {"ideas": [{"title": "Example"}]},
    "generate_content": {"title": "Example", "content": "<p>An example.</p>"},
    "generate_image_prompts": {"featured_prompt": "An example", "in_article_prompts": []},
}


def seen(function: str, parsed: Any) -> Any:
    """What a function has read, as plain values."""
    if function == "auto_cluster":
        return [(one.name, one.description, list(one.keywords)) for one in parsed]
    if function == "generate_ideas":
        return [one.model_dump() for one in parsed]
    if function == "generate_content":
        return {name: getattr(parsed, name) for name in ("title", "html", *_DETAILS)}
    return parsed.model_dump()


_DETAILS = ("meta_title", "meta_description", "primary_keyword", "secondary_keywords", "tags")


def expected(function: str, value: dict[str, Any]) -> Any:
    """What `seen` must show of a sound answer."""
    if function == "auto_cluster":
        return [(one["name"], one["description"], one["keywords"]) for one in value["clusters"]]
    if function == "generate_ideas":
        return value["ideas"]
    if function == "generate_content":
        details = {name: value[name] for name in _DETAILS}
        return {"title": value["title"], "html": value["content"], **details}
    return value


# --- forms that hold the answer ----------------------------------------------------------------


def dumped(value: Any, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **options)


def commas(value: Any) -> str:
    return re.sub(r"(?<=[^\[{,])\n(\s*)([}\]])", r",\n\1\2", dumped(value, indent=2))


def single_quoted(value: Any) -> str:
    quote = "'"

    def turned(found: re.Match[str]) -> str:
        return quote + found[1].replace('\\"', '"').replace(quote, "\\'") + quote

    return re.sub(r'"((?:[^"\\]|\\.)*)"', turned, dumped(value))


def commented(value: Any) -> str:
    lines = dumped(value, indent=2).splitlines()
    return NL.join([f"{lines[0]} // the answer", "/* all\nof it */", *lines[1:]])


FORMS: dict[str, Callable[[Any], str]] = {
    "plain": dumped,
    "indented": lambda value: dumped(value, indent=4),
    "ASCII": json.dumps,
    "CRLF": lambda value: dumped(value, indent=2).replace(NL, "\r\n"),
    "fenced": lambda value: f"{F}json\n{dumped(value)}\n{F}",
    "fence without a language": lambda value: f"{F}\n{dumped(value, indent=1)}\n{F}",
    "fence in capitals": lambda value: f"{F}JSON\n{dumped(value)}\n{F}",
    "fence never closed": lambda value: f"{F}json\n{dumped(value)}",
    "prose": lambda value: f"Sure! [Here] it is, don't worry:\n\n{dumped(value)}\n\nSuits you?",
    "prose and fence": lambda value: f"As asked:\n{F}json\n{dumped(value)}\n{F}\nEnjoy {{it}}!",
    "list in prose": lambda value: f"- [x] done\n1. Here:\n{dumped(value, indent=2)}",
    "thoughts": lambda value: f"<think>Let me see {{a}}, [b], it's…</think>\n\n{dumped(value)}",
    "thoughts and fence": lambda value: f"<think>\nHm.\n</think>\n{F}json\n{dumped(value)}\n{F}",
    "long thoughts": lambda value: f"<think>{WORDS * 9}</think>{dumped(value)}",
    "BOM": lambda value: "\ufeff" + dumped(value),
    "zero width": lambda value: f"\u200b{dumped(value)}\u200b\n",
    "NUL": lambda value: f"\x00{dumped(value)}\x00",
    "decomposed": lambda value: unicodedata.normalize("NFD", dumped(value)),
    "trailing commas": commas,
    "single quotes": single_quoted,
    "Python": repr,
    "smart keys": lambda value: re.sub(r'"(\w+)":', "“\\1”:", dumped(value)),
    "comments": commented,
    "raw newlines": lambda value: dumped(value).replace("\\n", NL),
    "escaped slashes": lambda value: dumped(value).replace("/", "\\/"),
    "a string": lambda value: dumped(dumped(value)),
    "wrapped": lambda value: dumped({"response": value}),
    "wrapped in data": lambda value: dumped({"data": value}, indent=2),
    "wrapped string": lambda value: dumped({"result": dumped(value)}),
    "unknown fields": lambda value: dumped({"note": "ok", **value, "rest": [True, None, 1.5]}),
    "draft before": lambda value: (
        f'{F}json\n{{"draft": true}}\n{F}\nNow:\n{F}\n{dumped(value)}\n{F}'
    ),
    "broken before": lambda value: f'{F}json\n{{"draft": \n{F}\n{F}json\n{dumped(value)}\n{F}',
    "remark after": lambda value: f"{dumped(value)}\n\nI left {{the rest}} out [see above].",
}

# --- damage ------------------------------------------------------------------------------------


def cut(text: str, share: float) -> str:
    return text[: int(len(text) * share)]


def first_key_twice(value: Any) -> str:
    key = next(iter(value))
    return f'{{"{key}": null, {dumped(value)[1:]}'


DAMAGE: dict[str, Callable[[Any], str]] = {
    "cut at a tenth": lambda value: cut(dumped(value), 0.1),
    "cut at a third": lambda value: cut(dumped(value), 0.33),
    "cut at a half": lambda value: cut(dumped(value, indent=2), 0.5),
    "cut at the end": lambda value: dumped(value)[:-2],
    "cut in a fence": lambda value: f"{F}json\n{cut(dumped(value), 0.7)}",
    "cut in a fence, closed": lambda value: f"{F}json\n{cut(dumped(value), 0.7)}\n{F}",
    "cut in prose": lambda value: f"Here you go:\n\n{cut(dumped(value), 0.8)}",
    "cut with prose after": lambda value: f"{cut(dumped(value), 0.6)}\n\nTell me if it suits you.",
    "cut in single quotes": lambda value: cut(single_quoted(value), 0.6),
    "cut in Python": lambda value: cut(repr(value), 0.9),
    "cut with comments": lambda value: cut(commented(value), 0.5),
    "cut string": lambda value: cut(dumped(dumped(value)), 0.8),
    "cut string, closed": lambda value: dumped(cut(dumped(value), 0.8)),
    "cut in a wrapper": lambda value: cut(dumped({"response": value}), 0.8),
    "cut wrapped string": lambda value: dumped({"response": cut(dumped(value), 0.8)}),
    "cut after raw newlines": lambda value: cut(dumped(value).replace("\\n", NL), 0.7),
    "cut after thoughts": lambda value: f"<think>Hm.</think>{cut(dumped(value), 0.7)}",
    "thoughts without an end": lambda value: f"<think>Perhaps {dumped(value)}? No, rather",
    "long preamble, then cut": lambda value: f"{WORDS * 3}\n{cut(dumped(value), 0.3)}",
    "a key twice": first_key_twice,
    "NaN": lambda value: dumped({"score": float("nan"), **value}),
    "Infinity": lambda value: dumped({**value, "score": float("-inf")}),
    "1e999": lambda value: f'{{"score": 1e999, {dumped(value)[1:]}',
    "deep": lambda value: f"{'[' * 10_000}{dumped(value)}{']' * 10_000}",
    "21 deep": lambda value: dumped({**value, "x": json.loads("[" * 20 + "1" + "]" * 20)}),
    "too many values": lambda value: dumped({**value, "x": [0] * 5_000}),
    "over 2 MB": lambda value: dumped({"padding": "x" * 2_200_000, **value}),
    "a comma too few": lambda value: dumped(value).replace('", "', '" "').replace("], ", "] "),
    "a colon too few": lambda value: dumped(value).replace('": ', '" '),
    "a bracket too few": lambda value: dumped(value)[:-1].rstrip("]}") + "}",
    "a bracket of the other kind": lambda value: dumped(value)[:-1] + "]",
    "no quotes around keys": lambda value: re.sub(r'"(\w+)":', r"\1:", dumped(value)),
    "renamed": lambda value: dumped({f"x_{name}": one for name, one in value.items()}),
    "null instead": lambda value: dumped(dict.fromkeys(value)),
    "a number instead": lambda value: dumped(dict.fromkeys(value, 7)),
    "empty texts": lambda value: dumped(dict.fromkeys(value, "")),
}
EXCUSES = {
    "nothing": "",
    "blanks": " \n" * 2_000,
    "null": "null",
    "a number": "42",
    "a list": "[]",
    "an object": "{}",
    "an excuse": "I'm sorry, but I can't help with that request.",
    "a promise": "Sure! I'll get to work on it and come back to you in a moment.",
    "a web page": "<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>",
    "an error": '{"error": {"message": "overloaded", "type": "server_error", "code": null}}',
    "the schema": '{"type": "object", "properties": {"title": {"type": "string"}}}',
    "YAML": "title: Maps\nkeywords:\n  - a\n  - b",
    "a fence": f"{F}json\n{F}",
}


def recoverable() -> list[Case]:
    """Outputs that hold the answer, each with what it must come to."""
    return [
        Case(f"{name}, {form}", function, write(value), value=expected(function, value))
        for name, (function, value) in SOUND.items()
        for form, write in FORMS.items()
    ] + list(_articles())


def refusable() -> list[Case]:
    """Outputs that nothing may be made of."""
    damaged = [
        Case(f"{name}, {damage}", function, write(value))
        for name, (function, value) in SOUND.items()
        for damage, write in DAMAGE.items()
    ]
    excuses = [
        Case(f"{name} for {function}", function, text)
        for name, text in EXCUSES.items()
        for function in EXAMPLES
    ]
    return damaged + excuses + list(_examples_before_a_cut()) + list(_no_articles())


def _examples_before_a_cut() -> Iterator[Case]:
    for name, (function, value) in SOUND.items():
        example = dumped(EXAMPLES[function])
        for share in (0.05, 0.5, 0.95):
            text = f"In this form: {example}\n\nHere it is:\n{cut(dumped(value), share)}"
            yield Case(f"{name}, an example and {share} of the answer", function, text)
        thought = f"<think>In this form: {example}</think>\nI cannot."
        yield Case(f"{name}, an example in thoughts alone", function, thought)


def _articles() -> Iterator[Case]:
    """Articles that are no JSON."""
    body = f"<h2>Scale</h2>\n<p>{WORDS.strip()}</p>"
    text = {"meta_title": "Reading maps", "primary_keyword": "", "secondary_keywords": []}
    value = {"title": "Reading maps", "html": body, "tags": [], **text}
    markdown = f"# Reading maps\n\n## Scale\n\n{WORDS.strip()}"
    html = f"<h1>Reading maps</h1>\n{body}"
    forms = {
        "Markdown": markdown,
        "Markdown in a fence": f"{F}markdown\n{markdown}\n{F}",
        "Markdown after thoughts": f"<think>\nHm, {{maps}}.\n</think>\n{markdown}",
        "Markdown with NUL": f"\ufeff{markdown}\x00",
        "HTML": html,
        "HTML in a fence": f"{F}html\n{html}\n{F}",
        "HTML with a greeting": f"Here is your article:\n\n{F}html\n{html}\n{F}",
        "HTML page": f"<!DOCTYPE html><html><head></head><body>{html}</body></html>",
    }
    for name, written in forms.items():
        yield Case(f"article, {name}", "generate_content", written, value=value)


def _no_articles() -> Iterator[Case]:
    words = "word " * 149
    texts = {
        "149 words": words,
        "148 words and a heading": f"# Maps\n\n{words[10:]}",
        "149 words of HTML": f"<h2>Maps</h2><p>{words[5:]}</p>",
        "data as content": dumped({"title": "Maps", "content": dumped(ARTICLE)}),
        "a list as content": dumped({"title": "Maps", "content": ["<p>", "</p>"]}),
        "a picture as content": dumped({"title": "Maps", "content": "<img src='x'>"}),
        "only the content's name": dumped({"article": ARTICLE}),
        "a comma too few, in prose": f"Here:\n{dumped(ARTICLE).replace(', ', ' ', 1)}\nDone.",
        "an odd quote": dumped(ARTICLE).replace("map's", 'map"s', 1),
        "thoughts alone": f"<think>{WORDS}",
        "brackets at both ends": f"[{WORDS}]",
        "braces at both ends": f"{{{WORDS}}}",
    }
    for name, text in texts.items():
        yield Case(f"no article, {name}", "generate_content", text)
    for finish in ("length", "content_filter", "refusal"):
        yield Case(f"no article, {finish}", "generate_content", dumped(ARTICLE), finish)
        yield Case(f"no prompts, {finish}", "generate_image_prompts", dumped(PROMPTS), finish)
